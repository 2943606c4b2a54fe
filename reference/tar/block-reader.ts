/**
 * Reads an archive that arrives in chunks in blocks and other lengths. Keeps no bytes that it has returned.
 * @module
 */

import { BLOCK } from './header.ts';

const empty = new Uint8Array(0);

export class BlockReader {
  /** Offset in the archive of the next byte. */
  offset = 0;
  readonly #source: AsyncIterator<Uint8Array>;
  /** The bytes that have arrived and are not read yet are those of `#chunk`, starting at `#at`. */
  #chunk: Uint8Array = empty;
  #at = 0;
  /** Holds a block that arrived in several chunks. */
  readonly #block = new Uint8Array(BLOCK);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next bytes without a copy: 1 to `max`, or none at the end of the archive. */
  async readSome(max: number): Promise<Uint8Array> {
    while (this.#at === this.#chunk.length) {
      const { done, value } = await this.#source.next();
      if (done) return empty;
      this.#chunk = value;
      this.#at = 0;
    }
    const bytes = this.#chunk.subarray(this.#at, this.#at + max);
    this.#at += bytes.length;
    this.offset += bytes.length;
    return bytes;
  }

  /** The next block, valid until the next call; fewer bytes if the archive ends. */
  async block(): Promise<Uint8Array> {
    const first = await this.readSome(BLOCK);
    if (first.length === BLOCK || first.length === 0) return first;
    this.#block.set(first);
    return this.#fill(this.#block, first.length);
  }

  /** The next `length` bytes in a new array; fewer if the archive ends. */
  async bytes(length: number): Promise<Uint8Array> {
    return this.#fill(new Uint8Array(length), 0);
  }

  async #fill(target: Uint8Array, from: number): Promise<Uint8Array> {
    let filled = from;
    while (filled < target.length) {
      const bytes = await this.readSome(target.length - filled);
      if (bytes.length === 0) return target.subarray(0, filled);
      target.set(bytes, filled);
      filled += bytes.length;
    }
    return target;
  }

  /** Skips `length` bytes, or fewer if the archive ends. Returns the number of bytes skipped. */
  async skip(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length) {
      const { length: read } = await this.readSome(length - skipped);
      if (read === 0) break;
      skipped += read;
    }
    return skipped;
  }

  /** Closes the source, which may not be read to its end. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
