/**
 * Hashes the blocks of a file, one range of the file at a time.
 * @module
 */

import { createHash, hash } from 'node:crypto';
import { readSync } from 'node:fs';
import type { HashName } from '../../hash/sha2.ts';

/** Size of a range in bytes: a multiple of every block size, and a few milliseconds of work. */
export const RANGE = 4 * 1024 * 1024;

/** Size of a read in bytes: small enough to stay in the cache of the processor until it is hashed. */
const READ = 128 * 1024;

/** A file, and how its blocks are hashed. Can be sent to another thread. */
export interface FileToHash {
  /** The open file descriptor. */
  readonly fd: number;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly hash: HashName;
  readonly digestSize: number;
  readonly blockSize: number;
  /** The bytes that are hashed before each block; empty without a salt. */
  readonly prefix: Uint8Array;
}

/** Hashes ranges of a file. */
export class RangeHasher {
  readonly #file: FileToHash;
  readonly #buffer = Buffer.allocUnsafeSlow(READ);
  /** The blocks of the buffer. */
  readonly #views: readonly Uint8Array[];

  constructor(file: FileToHash) {
    const { blockSize } = file;
    this.#file = file;
    this.#views = Array.from({ length: READ / blockSize }, (_, i) =>
      this.#buffer.subarray(i * blockSize, (i + 1) * blockSize),
    );
  }

  /**
   * The hashes of the blocks of a range, concatenated; the last block of the file is padded with zeros. Undefined if
   * the file has become shorter. Errors of the operating system are thrown as they are.
   */
  hash(range: number): Uint8Array | undefined {
    const { size, blockSize, digestSize } = this.#file;
    const start = range * RANGE;
    const end = Math.min(start + RANGE, size);
    const hashes = Buffer.allocUnsafeSlow(Math.ceil((end - start) / blockSize) * digestSize);
    let used = 0;
    for (let at = start; at < end; at += READ) {
      const length = Math.min(READ, end - at);
      if (!this.#read(at, length)) return undefined;
      const blocks = Math.ceil(length / blockSize);
      this.#buffer.fill(0, length, blocks * blockSize);
      for (let i = 0; i < blocks; i++) {
        hashes.write(this.#hash(this.#views[i] as Uint8Array), used, 'binary');
        used += digestSize;
      }
    }
    return hashes;
  }

  #read(position: number, length: number): boolean {
    for (let done = 0; done < length; ) {
      const bytesRead = readSync(this.#file.fd, this.#buffer, done, length - done, position + done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
    return true;
  }

  /** The hash of a block, one byte in each character: faster than a buffer for each hash. */
  #hash(block: Uint8Array): string {
    const { hash: name, prefix } = this.#file;
    if (prefix.length === 0) return hash(name, block, 'binary');
    return createHash(name).update(prefix).update(block).digest('binary');
  }
}
