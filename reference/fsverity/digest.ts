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

/** One level of the Merkle tree, with the block that its hashes are collected in. */
interface MerkleLevel {
  readonly block: Uint8Array;
  /** Bytes of `block` in use. Less than the size of a block, because a full block is hashed immediately. */
  used: number;
  /** Number of hashes in the level. A level of more than one hash has a level above it (VERITY-004). */
  count: number;
}

/**
 * Computes the fs-verity digests of one file after another, from pieces of any size. Keeps one block per level in
 * memory, however long a file is.
 */
export class FsVerity {
  readonly #parameters: AlgorithmParameters;
  readonly #sha2: Sha2;
  readonly #salt: Uint8Array;
  /** The bytes that are hashed before each block; empty without a salt. */
  readonly #prefix: Uint8Array;
  readonly #blockSize: number;
  readonly #levels: MerkleLevel[] = [];
  /** A data block that is not complete yet. */
  readonly #partial: Uint8Array;
  #partialSize = 0;
  #size = 0;

  /** Rejects a salt of more than 32 bytes with REQUEST_SALT. */
  constructor(algorithm: Algorithm, sha2: Sha2 = portableSha2, salt: Uint8Array = noSalt) {
    this.#parameters = algorithmParameters[algorithm];
    this.#sha2 = sha2;
    this.#salt = salt;
    this.#prefix = paddedSalt(salt, this.#parameters.hash);
    this.#blockSize = 2 ** this.#parameters.logBlockSize;
    this.#partial = new Uint8Array(this.#blockSize);
  }

  /** Adds the next bytes of the file. Does not keep a reference to `bytes`. */
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
    // Whole blocks are hashed without a copy.
    for (; at + blockSize <= bytes.length; at += blockSize) {
      this.#addHash(0, this.#blockHash(bytes.subarray(at, at + blockSize)));
    }
    this.#partial.set(bytes.subarray(at), 0);
    this.#partialSize = bytes.length - at;
  }

  /**
   * Adds the next `size` bytes of the file as the hashes of their blocks. The bytes before them must be whole blocks,
   * and only the last block of the file can be shorter.
   */
  updateHashed(hashes: Uint8Array, size: number): void {
    const { digestSize } = this.#parameters;
    this.#size += size;
    for (let at = 0; at < hashes.length; at += digestSize) {
      this.#addHash(0, hashes.subarray(at, at + digestSize));
    }
  }

  /** The digest of the file. The next bytes that are added begin the next file. */
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

  /** Adds a hash to a level. The hash of each full block of hashes is added to the level above (VERITY-004). */
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
    // VERITY-005
    if (this.#size === 0) return new Uint8Array(this.#parameters.digestSize);
    if (this.#partialSize > 0) this.#addHash(0, this.#blockHash(this.#partial.fill(0, this.#partialSize)));
    for (let depth = 0; ; depth++) {
      const level = this.#levels[depth] as MerkleLevel;
      if (level.count === 1) return level.block.subarray(0, this.#parameters.digestSize);
      if (level.used > 0) this.#addHash(depth + 1, this.#blockHash(level.block.fill(0, level.used)));
    }
  }
}

/** The fs-verity digest of `bytes`. Rejects a salt of more than 32 bytes with REQUEST_SALT. */
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
