/**
 * Where an image's bytes are gathered before they are handed on.
 * @module
 */

import { BLOCK_SIZE } from '../structures.ts';

/** No structure that is written in one piece is larger: an inode with all its xattrs and its tail. */
const PIECE_MAX = 512 * 1024;
/** A chunk is handed on when it has at least this. */
const CHUNK_SIZE = 512 * 1024;

/** A chunk under construction. It is zero where nothing was written. */
export class Sink {
  readonly bytes = new Uint8Array(CHUNK_SIZE + PIECE_MAX);
  readonly view = new DataView(this.bytes.buffer);
  /** Next byte in the chunk. Moved by whoever writes; moved over what is zero. */
  at = 0;
  /** Byte of the image where the chunk begins. */
  #start = 0;

  /** Moves on to a byte of the image. */
  seek(position: number): void {
    this.at = position - this.#start;
  }

  /** Whether the chunk must be taken before more is written. */
  get full(): boolean {
    return this.at >= CHUNK_SIZE;
  }

  /** The whole blocks written so far. What is after them begins the next chunk. */
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
