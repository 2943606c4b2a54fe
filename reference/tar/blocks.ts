/**
 * The bytes of an archive as they come, handed out in blocks and runs. Nothing is kept that was handed out.
 * @module
 */

import { BLOCK } from './header.ts';

const nothing = new Uint8Array(0);

export class Blocks {
  /** Offset in the archive of the next byte. */
  offset = 0;
  readonly #source: AsyncIterator<Uint8Array>;
  /** What has arrived and is not handed out: `#chunk` from `#at` on. */
  #chunk: Uint8Array = nothing;
  #at = 0;
  /** A block that came in several chunks is put together here. */
  readonly #block = new Uint8Array(BLOCK);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to `max` bytes, as they lie in the chunk; none at the end of the archive. */
  async some(max: number): Promise<Uint8Array> {
    while (this.#at === this.#chunk.length) {
      const { done, value } = await this.#source.next();
      if (done) return nothing;
      this.#chunk = value;
      this.#at = 0;
    }
    const bytes = this.#chunk.subarray(this.#at, this.#at + max);
    this.#at += bytes.length;
    this.offset += bytes.length;
    return bytes;
  }

  /** The next block, valid until the next call; shorter than a block where the archive ends. */
  async block(): Promise<Uint8Array> {
    const first = await this.some(BLOCK);
    if (first.length === BLOCK || first.length === 0) return first;
    this.#block.set(first);
    return this.#fill(this.#block, first.length);
  }

  /** The next `length` bytes in an array of their own; fewer where the archive ends. */
  async bytes(length: number): Promise<Uint8Array> {
    return this.#fill(new Uint8Array(length), 0);
  }

  async #fill(target: Uint8Array, from: number): Promise<Uint8Array> {
    let filled = from;
    while (filled < target.length) {
      const bytes = await this.some(target.length - filled);
      if (bytes.length === 0) return target.subarray(0, filled);
      target.set(bytes, filled);
      filled += bytes.length;
    }
    return target;
  }

  /** Passes over `length` bytes. Returns how many there were. */
  async skip(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length) {
      const { length: some } = await this.some(length - skipped);
      if (some === 0) break;
      skipped += some;
    }
    return skipped;
  }

  /** Lets the source go before its end. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
