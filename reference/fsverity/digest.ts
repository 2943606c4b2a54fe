/**
 * The fs-verity digest of a file (spec/fsverity.md), as the kernel's fs-verity computes it:
 * https://docs.kernel.org/filesystems/fsverity.html
 * @module
 */

import { portableSha2 } from '../hash/portable.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { type Algorithm, type AlgorithmParameters, algorithmParameters } from './algorithm.ts';
import { noSalt, paddedSalt } from './salt.ts';

const DESCRIPTOR_SIZE = 256;

/** Offsets in the descriptor (VERITY-006). */
const descriptor = {
  version: 0,
  hashAlgorithm: 1,
  logBlockSize: 2,
  saltSize: 3,
  dataSize: 8,
  rootHash: 16,
  salt: 80,
} as const;

/** One level of the Merkle tree: the block that its hashes are being gathered in. */
interface Level {
  readonly block: Uint8Array;
  /** Bytes of `block` in use; less than a block, because a full one is hashed at once. */
  used: number;
  /** Hashes that were added. With more than one, the level has a parent. */
  count: number;
}

/**
 * Computes fs-verity digests from bytes that come in pieces of any size, of one file after the other. Memory is one
 * block a tree level, however long a file is.
 */
export class FsVerity {
  readonly #parameters: AlgorithmParameters;
  readonly #sha2: Sha2;
  readonly #salt: Uint8Array;
  /** What goes before each block; nothing without a salt. */
  readonly #prefix: Uint8Array;
  readonly #blockSize: number;
  readonly #levels: Level[] = [];
  /** A data block that came in pieces. */
  readonly #partial: Uint8Array;
  #partialSize = 0;
  #size = 0;

  /** Refuses a salt of more than 32 bytes with REQUEST_SALT. */
  constructor(algorithm: Algorithm, sha2: Sha2 = portableSha2, salt: Uint8Array = noSalt) {
    this.#parameters = algorithmParameters[algorithm];
    this.#sha2 = sha2;
    this.#salt = salt;
    this.#prefix = paddedSalt(salt, this.#parameters.hash);
    this.#blockSize = 2 ** this.#parameters.logBlockSize;
    this.#partial = new Uint8Array(this.#blockSize);
  }

  /** Takes the next bytes of the file. Does not keep `bytes`. */
  update(bytes: Uint8Array): void {
    const blockSize = this.#blockSize;
    this.#size += bytes.length;
    let at = 0;
    if (this.#partialSize > 0) {
      at = Math.min(blockSize - this.#partialSize, bytes.length);
      this.#partial.set(bytes.subarray(0, at), this.#partialSize);
      this.#partialSize += at;
      if (this.#partialSize < blockSize) return;
      this.#addHash(0, this.#blockHash(this.#partial));
      this.#partialSize = 0;
    }
    // Whole blocks are hashed where they stand.
    for (; at + blockSize <= bytes.length; at += blockSize) {
      this.#addHash(0, this.#blockHash(bytes.subarray(at, at + blockSize)));
    }
    this.#partial.set(bytes.subarray(at), 0);
    this.#partialSize = bytes.length - at;
  }

  /**
   * Takes the next `size` bytes of the file by the hashes of their blocks, which somebody else has computed. What
   * came before is whole blocks; where the last block is shorter, nothing comes after.
   */
  updateHashed(hashes: Uint8Array, size: number): void {
    const { digestSize } = this.#parameters;
    this.#size += size;
    for (let at = 0; at < hashes.length; at += digestSize) {
      this.#addHash(0, hashes.subarray(at, at + digestSize));
    }
  }

  /** The digest of all that was given since the last one. The next bytes begin another file. */
  digest(): Uint8Array {
    const digest = this.#digest();
    for (const level of this.#levels) {
      level.used = 0;
      level.count = 0;
    }
    this.#partialSize = 0;
    this.#size = 0;
    return digest;
  }

  #digest(): Uint8Array {
    const bytes = new Uint8Array(DESCRIPTOR_SIZE);
    const view = new DataView(bytes.buffer);
    bytes[descriptor.version] = 1;
    bytes[descriptor.hashAlgorithm] = this.#parameters.number;
    bytes[descriptor.logBlockSize] = this.#parameters.logBlockSize;
    bytes[descriptor.saltSize] = this.#salt.length;
    view.setBigUint64(descriptor.dataSize, BigInt(this.#size), true);
    bytes.set(this.#rootHash(), descriptor.rootHash);
    bytes.set(this.#salt, descriptor.salt);
    return this.#sha2.hash(this.#parameters.hash, bytes);
  }

  /** The hash of a block of data or of hashes (VERITY-003, VERITY-009). */
  #blockHash(block: Uint8Array): Uint8Array {
    const { hash } = this.#parameters;
    if (this.#prefix.length === 0) return this.#sha2.hash(hash, block);
    const hasher = this.#sha2.create(hash);
    hasher.update(this.#prefix);
    hasher.update(block);
    return hasher.digest();
  }

  /** Adds a hash to a level. A block that is full is hashed into the level above. */
  #addHash(depth: number, hash: Uint8Array): void {
    let level = this.#levels[depth];
    if (level === undefined) {
      level = { block: new Uint8Array(this.#blockSize), used: 0, count: 0 };
      this.#levels[depth] = level;
    }
    level.count++;
    level.block.set(hash, level.used);
    level.used += hash.length;
    if (level.used === this.#blockSize) {
      this.#addHash(depth + 1, this.#blockHash(level.block));
      level.used = 0;
    }
  }

  #rootHash(): Uint8Array {
    // VERITY-005: the empty file has no block to hash.
    if (this.#size === 0) return new Uint8Array(this.#parameters.digestSize);
    if (this.#partialSize > 0) this.#addHash(0, this.#blockHash(this.#partial.fill(0, this.#partialSize)));
    for (let depth = 0; ; depth++) {
      const level = this.#levels[depth] as Level;
      if (level.count === 1) return level.block.subarray(0, this.#parameters.digestSize);
      if (level.used > 0) this.#addHash(depth + 1, this.#blockHash(level.block.fill(0, level.used)));
    }
  }
}

/** The fs-verity digest of `bytes`. Refuses a salt of more than 32 bytes with REQUEST_SALT. */
export function fsverityDigest(
  bytes: Uint8Array,
  algorithm: Algorithm,
  sha2?: Sha2,
  salt?: Uint8Array,
): Uint8Array {
  const verity = new FsVerity(algorithm, sha2, salt);
  verity.update(bytes);
  return verity.digest();
}
