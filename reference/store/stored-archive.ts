/**
 * The archive of a layer that is in a store, for building its tree: the content of an object is not read, because its
 * digest is known.
 * @module
 */

import { byteString } from '../bytes.ts';
import type { FileEntry, TarEntry } from '../tar/entry.ts';
import { BLOCK } from '../tar/header.ts';
import { INLINE_LIMIT } from '../tree/regular-file.ts';
import { objectChunks } from './documents.ts';
import type { Piece, SplitStream } from './splitstream-read.ts';
import type { Store } from './store.ts';

const zeros = new Uint8Array(256 * 1024);

/** The size of an object in bytes; undefined if it is missing. */
export type SizeOf = (digest: string) => number | undefined;

/** An archive whose objects are zeros for a reader, unless they are read by {@link StoredArchive.entries}. */
export class StoredArchive implements AsyncIterable<Uint8Array> {
  readonly #store: Store;
  readonly #sizeOf: SizeOf;
  readonly #pieces: AsyncIterator<Piece>;
  /** A piece that was requested before its bytes were. */
  #next: Piece | undefined;
  /** The offset in the archive of the end of the piece that is being read. */
  #end = 0;
  #skips = false;

  /** `sizeOf` returns the size of an object in bytes; undefined if it is missing. */
  constructor(store: Store, stream: SplitStream, sizeOf: SizeOf) {
    this.#store = store;
    this.#sizeOf = sizeOf;
    this.#pieces = stream.pieces();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let piece = await this.#take(); piece !== undefined; piece = await this.#take()) {
      const size = piece.kind === 'inline' ? piece.bytes.length : (this.#sizeOf(piece.digest) ?? 0);
      this.#end += size;
      if (piece.kind === 'inline') yield piece.bytes;
      else if (this.#skips) yield* zerosOf(size);
      else yield* objectChunks(this.#store, piece.digest);
    }
  }

  async #take(): Promise<Piece | undefined> {
    const piece = await this.#peek();
    this.#next = undefined;
    return piece;
  }

  async #peek(): Promise<Piece | undefined> {
    if (this.#next === undefined) {
      const { value, done } = await this.#pieces.next();
      this.#next = done ? undefined : value;
    }
    return this.#next;
  }

  /** Passes on `entries`, with the digests of their contents. */
  async *entries(entries: AsyncIterable<TarEntry>): AsyncGenerator<TarEntry> {
    for await (const entry of entries) {
      this.#skips = false;
      yield entry.kind === 'file' && entry.size > INLINE_LIMIT ? await this.#known(entry) : entry;
    }
  }

  /** The entry with its digest, if its content is exactly one object. */
  async #known(entry: FileEntry): Promise<TarEntry> {
    // An object can also begin within the content (STORE-114).
    if (this.#end !== entry.offset + BLOCK) return entry;
    const piece = await this.#peek();
    if (piece?.kind !== 'object') return entry;
    const { digest } = piece;
    if (this.#sizeOf(digest) !== entry.size) return entry;
    this.#skips = true;
    const store = this.#store;
    return {
      ...entry,
      content: {
        async *[Symbol.asyncIterator]() {
          yield* objectChunks(store, digest);
        },
      },
      digest: byteString(Buffer.from(digest, 'hex')),
    };
  }
}

function* zerosOf(size: number): Generator<Uint8Array> {
  for (let left = size; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}
