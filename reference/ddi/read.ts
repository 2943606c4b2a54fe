/**
 * Reads disk images, and verifies that they are what a DDI writer makes of their EROFS images (spec/ddi.md,
 * "Reading a disk image").
 * @module
 */

import { readErofs } from '../erofs/read.ts';
import { type Code, ComposefsError } from '../errors.ts';
import { portableSha2 } from '../hash/portable.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { decodeSignature } from '../seal/pkcs7.ts';
import { hashPartition } from './hash-tree.ts';
import { BLOCK, DATA_AT, diskSize, hashPartitionSize, type PartitionSizes, TAIL } from './layout.ts';
import { HEAD, readTable, type TableContent, tableHead, tableTail } from './partition-table.ts';
import { type DdiSignature, readSignaturePartition, SIGNATURE_PARTITION_LIMIT } from './signature-text.ts';
import { partitionsEnd, zeros } from './write.ts';

/** The bytes of a disk image. */
export interface DiskBytes {
  readonly size: number;
  /** The `length` bytes at `at`. They are below `size`. */
  read(at: number, length: number): Promise<Uint8Array>;
}

/** A disk image that was verified, apart from the signer. */
export interface VerifiedDdi {
  readonly rootHash: Uint8Array;
  readonly image: Uint8Array;
  /** A signature in the right form; it says nothing until its signer is checked. */
  readonly signature: DdiSignature | undefined;
}

/**
 * Reads a disk image. The EROFS image and its hashes are held in memory, and the rest in small pieces.
 *
 * Rejects with the codes of stage `ddi` and of {@link readErofs}.
 */
export async function readDdi(disk: DiskBytes, sha2: Sha2 = portableSha2): Promise<VerifiedDdi> {
  // DDI-014
  if (disk.size < DATA_AT) {
    throw new ComposefsError('DDI_SIZE', `the disk image has ${disk.size} bytes, fewer than ${DATA_AT}`);
  }
  const content = readTable(await disk.read(0, HEAD));
  const { sizes } = content;
  const expected = diskSize(sizes);
  if (BigInt(disk.size) !== expected) {
    const detail = `the disk image has ${disk.size} bytes; its partition table needs ${expected}`;
    throw new ComposefsError('DDI_SIZE', detail);
  }
  checkSizes(sizes);
  await checkOutside(disk, content, sha2);
  const image = await disk.read(DATA_AT, Number(sizes.data));
  readErofs(image);
  const rootHash = await checkHashes(disk, image, { content, sha2 });
  return { rootHash, image, signature: await readSignature(disk, sizes, rootHash) };
}

/** DDI-015 */
function checkSizes({ data, hash, signature }: PartitionSizes): void {
  const reject = (detail: string) => new ComposefsError('DDI_TABLE', detail, { offset: TABLE_AT });
  for (const [name, size] of Object.entries({ data, hash, signature })) {
    if (size < 0n || size % BigInt(BLOCK) !== 0n) {
      throw reject(`the ${name} partition has ${size} bytes, which are not whole blocks of ${BLOCK}`);
    }
  }
  if (data === 0n) throw reject('the data partition is empty');
  if (hash !== hashPartitionSize(data)) {
    const needed = hashPartitionSize(data);
    throw reject(`the hash partition has ${hash} bytes; a data partition of ${data} bytes needs ${needed}`);
  }
}

/** Where the first partition table begins. */
const TABLE_AT = 1024;

/** DDI-015: everything outside of the partitions. */
async function checkOutside(disk: DiskBytes, content: TableContent, sha2: Sha2): Promise<void> {
  const { sizes } = content;
  const outside = [
    { at: 0, chunks: [tableHead(content, sha2), ...zeros(DATA_AT - HEAD)] },
    { at: partitionsEnd(sizes), chunks: zeros(disk.size - TAIL - partitionsEnd(sizes)) },
    { at: disk.size - TAIL, chunks: [tableTail(content, sha2)] },
  ];
  const what =
    'a byte outside of the partitions is not what the sizes and the root hash in the table require';
  for (const { at, chunks } of outside) await compare(disk, at, chunks, { code: 'DDI_TABLE', what });
}

/** Compares the hash partition, and returns the root hash (DDI-017). */
async function checkHashes(
  disk: DiskBytes,
  image: Uint8Array,
  { content, sha2 }: { readonly content: TableContent; readonly sha2: Sha2 },
): Promise<Uint8Array> {
  const { rootHash, parts } = hashPartition(image, sha2);
  const what = 'a byte of the hash partition does not follow from the data partition';
  await compare(disk, DATA_AT + image.length, parts, { code: 'DDI_HASH', what });
  if (differsAt(rootHash, content.rootHash) !== undefined) {
    const detail = 'the UUIDs of the data and the hash partition are not the two halves of the root hash';
    throw new ComposefsError('DDI_HASH', detail, { offset: TABLE_AT });
  }
  return rootHash;
}

/** DDI-018 */
async function readSignature(
  disk: DiskBytes,
  sizes: PartitionSizes,
  rootHash: Uint8Array,
): Promise<DdiSignature | undefined> {
  const size = Number(sizes.signature);
  if (size === 0) return undefined;
  const location = { offset: DATA_AT + Number(sizes.data + sizes.hash) };
  if (size > SIGNATURE_PARTITION_LIMIT) {
    const detail = `the signature partition has ${size} bytes; no signature needs more than ${SIGNATURE_PARTITION_LIMIT}`;
    throw new ComposefsError('DDI_SIGNATURE_FORM', detail, location);
  }
  const signature = readSignaturePartition(await disk.read(location.offset, size), rootHash, location);
  decodeSignature(signature.message, 'sha256', location, 'DDI_SIGNATURE_FORM');
  return signature;
}

/** Rejects a disk image that does not have `chunks` at `start`. */
async function compare(
  disk: DiskBytes,
  start: number,
  chunks: Iterable<Uint8Array>,
  { code, what }: { readonly code: Code; readonly what: string },
): Promise<void> {
  let at = start;
  for (const chunk of chunks) {
    const difference = differsAt(await disk.read(at, chunk.length), chunk);
    if (difference !== undefined) throw new ComposefsError(code, what, { offset: at + difference });
    at += chunk.length;
  }
}

/** The first position at which two arrays of one length differ. */
function differsAt(a: Uint8Array, b: Uint8Array): number | undefined {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return i;
  return undefined;
}
