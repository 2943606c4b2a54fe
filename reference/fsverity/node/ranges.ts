/**
 * The hashes of the blocks of a file, range by range.
 * @module
 */

import { createHash, hash } from 'node:crypto';
import { readSync } from 'node:fs';
import type { HashName } from '../../hash/sha2.ts';

/** Bytes of a range: a multiple of any block, and some milliseconds of work. */
export const RANGE = 4 * 1024 * 1024;

/** Bytes of one read, which should stay in the cache of the processor until they are hashed. */
const READ = 128 * 1024;

/** A file, and how its blocks are hashed. It can be sent to another thread. */
export interface Blocks {
  /** Descriptor of the file, open. */
  readonly fd: number;
  /** Bytes of the file. */
  readonly size: number;
  readonly hash: HashName;
  readonly digestSize: number;
  readonly blockSize: number;
  /** What goes before each block; nothing without a salt. */
  readonly prefix: Uint8Array;
}

/** Hashes ranges of a file. */
export class RangeHasher {
  readonly #blocks: Blocks;
  readonly #buffer = Buffer.allocUnsafeSlow(READ);
  /** The blocks of the buffer. */
  readonly #views: readonly Uint8Array[];

  constructor(blocks: Blocks) {
    const { blockSize } = blocks;
    this.#blocks = blocks;
    this.#views = Array.from({ length: READ / blockSize }, (_, i) =>
      this.#buffer.subarray(i * blockSize, (i + 1) * blockSize),
    );
  }

  /**
   * The hashes of the blocks of a range, one after the other, the last block of the file filled up with zeros.
   * Undefined where the file has become shorter. Throws the system's error.
   */
  hash(range: number): Uint8Array | undefined {
    const { size, blockSize, digestSize } = this.#blocks;
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
      const bytesRead = readSync(this.#blocks.fd, this.#buffer, done, length - done, position + done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
    return true;
  }

  /** The hash of a block, one byte a character: Node makes no buffer then, which takes longer than this saves. */
  #hash(block: Uint8Array): string {
    const { hash: name, prefix } = this.#blocks;
    if (prefix.length === 0) return hash(name, block, 'binary');
    return createHash(name).update(prefix).update(block).digest('binary');
  }
}
