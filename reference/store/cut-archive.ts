/**
 * Cuts the archive of a layer into inline bytes and objects, while its entries are read (STORE-120).
 * @module
 */

import { byteString } from '../bytes.ts';
import type { FileEntry, TarEntry } from '../tar/entry.ts';
import { BLOCK } from '../tar/header.ts';
import { INLINE_LIMIT } from '../tree/regular-file.ts';
import { CONTENT_MAX, type NewObjects } from './new-objects/new-objects.ts';
import type { StreamWriter } from './splitstream-write.ts';

/** An archive that is cut as it is read. Its entries must be those that {@link CutArchive.entries} returns. */
export class CutArchive implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #objects: NewObjects;
  readonly #stream: StreamWriter;
  /** The chunk that is being read, and its offset in the archive. */
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Offset of the first byte that is neither in the stream nor in an object. */
  #position = 0;

  constructor(source: AsyncIterable<Uint8Array>, objects: NewObjects, stream: StreamWriter) {
    this.#source = source;
    this.#objects = objects;
    this.#stream = stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.#chunk = chunk;
      yield chunk;
      // When the next chunk is requested, the reader has seen every header in this one.
      this.#inlineTo(this.#at + chunk.length);
      this.#at += chunk.length;
    }
    this.#chunk = new Uint8Array(0);
  }

  /** Passes on `entries`, the contents of which become objects. */
  async *entries(entries: AsyncIterable<TarEntry>): AsyncGenerator<TarEntry> {
    for await (const entry of entries) {
      if (entry.kind === 'file' && entry.size > INLINE_LIMIT) yield* this.#external(entry);
      else yield entry;
    }
  }

  async *#external(entry: FileEntry): AsyncGenerator<TarEntry> {
    const { offset, size, content } = entry;
    const start = offset + BLOCK;
    this.#inlineTo(start);
    this.#position = start + size;
    if (size > CONTENT_MAX) {
      const digest = await this.#objects.add(content);
      this.#stream.object(digest, size);
      yield { ...entry, content: chunksOf(), digest: byteString(Buffer.from(digest, 'hex')) };
      return;
    }
    const added = await this.#objects.reserve(size);
    let at = 0;
    for await (const chunk of content) {
      added.bytes.set(chunk, at);
      at += chunk.length;
    }
    const digest = added.digest();
    this.#stream.object(digest, size);
    // It can be read again: that of a file of an SELinux policy.
    yield { ...entry, content: chunksOf(added.bytes), digest: byteString(Buffer.from(digest, 'hex')) };
    added.add(digest);
  }

  /** Adds to the stream what is before offset `end`, which is in the current chunk or at its end. */
  #inlineTo(end: number): void {
    if (end <= this.#position) return;
    this.#stream.inline(this.#chunk.subarray(this.#position - this.#at, end - this.#at));
    this.#position = end;
  }
}

async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
