/**
 * Writes disk images (spec/ddi.md).
 * @module
 */

import { readErofs } from '../erofs/read.ts';
import { portableSha2 } from '../hash/portable.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { hashPartition } from './hash-tree.ts';
import { DATA_AT, diskSize, type PartitionSizes, TAIL } from './layout.ts';
import { HEAD, tableHead, tableTail } from './partition-table.ts';
import { type DdiSignature, signaturePartition } from './signature-text.ts';

/** How a disk image is written. */
export interface DdiOptions {
  /** Default: the portable one. */
  readonly sha2?: Sha2;
  /** Signs the root hash. Default: the disk image has no signature. */
  readonly sign?: ((rootHash: Uint8Array) => DdiSignature) | undefined;
}

/** A disk image. */
export interface Ddi {
  readonly rootHash: Uint8Array;
  /** Bytes. */
  readonly size: number;
  readonly chunks: Iterable<Uint8Array>;
}

/** The most bytes of 0 in one chunk. */
const ZEROS = 65_536;

/**
 * The disk image of an EROFS image. Besides `image` and the hashes, little of it is in memory at a time.
 *
 * Rejects what {@link readErofs} rejects (DDI-002).
 */
export function writeDdi(image: Uint8Array, { sha2 = portableSha2, sign }: DdiOptions = {}): Ddi {
  readErofs(image);
  const { rootHash, parts } = hashPartition(image, sha2);
  const signature = sign === undefined ? [] : [signaturePartition(rootHash, sign(rootHash))];
  const sizes = { data: BigInt(image.length), hash: sizeOf(parts), signature: sizeOf(signature) };
  const content = { sizes, rootHash };
  const size = Number(diskSize(sizes));
  function* chunks(): Generator<Uint8Array> {
    yield tableHead(content, sha2);
    yield* zeros(DATA_AT - HEAD);
    yield image;
    yield* parts;
    yield* signature;
    yield* zeros(size - TAIL - partitionsEnd(sizes));
    yield tableTail(content, sha2);
  }
  return { rootHash, size, chunks: { [Symbol.iterator]: chunks } };
}

/** The first byte behind the last partition. */
export function partitionsEnd({ data, hash, signature }: PartitionSizes): number {
  return DATA_AT + Number(data + hash + signature);
}

function sizeOf(parts: readonly Uint8Array[]): bigint {
  return BigInt(parts.reduce((sum, { length }) => sum + length, 0));
}

/** `count` bytes of 0, in chunks that share one buffer. */
export function* zeros(count: number): Generator<Uint8Array> {
  const chunk = new Uint8Array(Math.min(count, ZEROS));
  for (let left = count; left > 0; left -= chunk.length)
    yield chunk.subarray(0, Math.min(left, chunk.length));
}
