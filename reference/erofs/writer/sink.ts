/**
 * A buffer for the bytes of an image until they are handed over in chunks.
 * @module
 */

import { BLOCK_SIZE } from '../structures.ts';

/** No structure that is written in one piece is larger: an inode with all its attributes and its tail. */
const PIECE_MAX = 512 * 1024;
/** A chunk has at least this size. */
const CHUNK_SIZE = 512 * 1024;

/** The chunk being written. Bytes that were not written are zero. */
export class Sink {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Next byte in the chunk. Writers advance it past what they wrote, and past zero bytes. */
  at = 0;
  /** Byte of the image at which the chunk begins. */
  #start = 0;

  /** For an image of this size in bytes. Most images are much smaller than a chunk. */
  constructor(size: number) {
    this.bytes = new Uint8Array(Math.min(size, CHUNK_SIZE + PIECE_MAX));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Advances to a byte of the image. */
  seek(position: number): void {
    this.at = position - this.#start;
  }

  /** Whether the chunk must be taken before more is written. */
  get full(): boolean {
    return this.at >= CHUNK_SIZE;
  }

  /** Returns the whole blocks written so far. The bytes after them begin the next chunk. */
  take(): Uint8Array {
    const { bytes, at } = this;
    const size = at - (at % BLOCK_SIZE);
    const taken = bytes.slice(0, size);
    bytes.copyWithin(0, size, at);
    bytes.fill(0, at - size, at);
    this.#start += size;
    this.at -= size;
    return taken;
  }
}
