/**
 * The fs-verity digest of a file (spec/fsverity.md), as the kernel's fs-verity computes it with 4096-byte blocks
 * and no salt: https://docs.kernel.org/filesystems/fsverity.html
 * @module
 */

import { portableSha2 } from '../hash/portable.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { type Algorithm, type AlgorithmParameters, algorithmParameters } from './algorithm.ts';

const BLOCK_SIZE = 4096;
const DESCRIPTOR_SIZE = 256;

/** Offsets in the descriptor (VERITY-006). */
const descriptor = { version: 0, hashAlgorithm: 1, logBlockSize: 2, dataSize: 8, rootHash: 16 } as const;

/** One level of the Merkle tree: the block that its hashes are being gathered in. */
interface Level {
  readonly block: Uint8Array;
  /** Bytes of `block` in use; less than a block, because a full one is hashed at once. */
  used: number;
  /** Whether more than one hash was ever added, so that the level has a parent. */
  several: boolean;
}

/**
 * Computes an fs-verity digest from bytes that come in pieces of any size. Memory is one block a tree level,
 * however long the file is.
 */
export class FsVerity {
  readonly #parameters: AlgorithmParameters;
  readonly #sha2: Sha2;
  readonly #levels: Level[] = [];
  /** A data block that came in pieces. */
  readonly #partial = new Uint8Array(BLOCK_SIZE);
  #partialSize = 0;
  #size = 0;

  constructor(algorithm: Algorithm, sha2: Sha2 = portableSha2) {
    this.#parameters = algorithmParameters[algorithm];
    this.#sha2 = sha2;
  }

  /** Takes the next bytes of the file. Does not keep `bytes`. */
  update(bytes: Uint8Array): void {
    this.#size += bytes.length;
    let at = 0;
    if (this.#partialSize > 0) {
      at = Math.min(BLOCK_SIZE - this.#partialSize, bytes.length);
      this.#partial.set(bytes.subarray(0, at), this.#partialSize);
      this.#partialSize += at;
      if (this.#partialSize < BLOCK_SIZE) return;
      this.#addHash(0, this.#hash(this.#partial));
      this.#partialSize = 0;
    }
    // Whole blocks are hashed where they stand.
    for (; at + BLOCK_SIZE <= bytes.length; at += BLOCK_SIZE) {
      this.#addHash(0, this.#hash(bytes.subarray(at, at + BLOCK_SIZE)));
    }
    this.#partial.set(bytes.subarray(at), 0);
    this.#partialSize = bytes.length - at;
  }

  /** The digest of all that was given. Neither method can be called after. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(DESCRIPTOR_SIZE);
    const view = new DataView(bytes.buffer);
    bytes[descriptor.version] = 1;
    bytes[descriptor.hashAlgorithm] = this.#parameters.number;
    bytes[descriptor.logBlockSize] = this.#parameters.logBlockSize;
    view.setBigUint64(descriptor.dataSize, BigInt(this.#size), true);
    bytes.set(this.#rootHash(), descriptor.rootHash);
    return this.#hash(bytes);
  }

  #hash(bytes: Uint8Array): Uint8Array {
    return this.#sha2.hash(this.#parameters.hash, bytes);
  }

  /** Adds a hash to a level. A block that is full is hashed into the level above. */
  #addHash(depth: number, hash: Uint8Array): void {
    let level = this.#levels[depth];
    if (level === undefined) {
      level = { block: new Uint8Array(BLOCK_SIZE), used: 0, several: false };
      this.#levels[depth] = level;
    } else {
      level.several = true;
    }
    level.block.set(hash, level.used);
    level.used += hash.length;
    if (level.used === BLOCK_SIZE) {
      this.#addHash(depth + 1, this.#hash(level.block));
      level.used = 0;
    }
  }

  #rootHash(): Uint8Array {
    // VERITY-005: the empty file has no block to hash.
    if (this.#size === 0) return new Uint8Array(this.#parameters.digestSize);
    if (this.#partialSize > 0) this.#addHash(0, this.#hash(this.#partial.fill(0, this.#partialSize)));
    for (let depth = 0; ; depth++) {
      const level = this.#levels[depth] as Level;
      if (!level.several) return level.block.subarray(0, this.#parameters.digestSize);
      if (level.used > 0) this.#addHash(depth + 1, this.#hash(level.block.fill(0, level.used)));
    }
  }
}

/** The fs-verity digest of `bytes`. */
export function fsverityDigest(bytes: Uint8Array, algorithm: Algorithm, sha2?: Sha2): Uint8Array {
  const verity = new FsVerity(algorithm, sha2);
  verity.update(bytes);
  return verity.digest();
}
