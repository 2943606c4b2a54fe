/**
 * Compares the chunks of files with the content of a layer (spec/chunked.md, "Files and chunks").
 * @module
 */

import { hex } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Hasher, Sha2 } from '../hash/sha2.ts';
import type { TocChunks, TocEntry } from './toc.ts';

/** Where frames start: offset in the blob to the length of the content before. Only offsets that are needed are kept. */
export class FrameStarts {
  readonly #starts = new Map<number, number | undefined>();

  /** The offsets that the files of `entries` need. */
  constructor(entries: readonly TocEntry[]) {
    for (const { chunks, endOffset } of entries) {
      for (const { offset } of chunks) this.#starts.set(offset, undefined);
      this.#starts.set(endOffset, undefined);
    }
  }

  add(offset: number, position: number): void {
    if (this.#starts.has(offset)) this.#starts.set(offset, position);
  }

  /** Whether a frame starts at `offset`, with `position` bytes of content before it. */
  has(offset: number, position: number): boolean {
    return this.#starts.get(offset) === position;
  }
}

/** Where a frame has to start. */
interface ExpectedStart {
  readonly entry: TocEntry;
  readonly offset: number;
  readonly position: number;
}

/** Compares the contents of files, one after the other. */
export class ContentComparison {
  readonly #sha2: Sha2;
  readonly #location: Location;
  readonly #expected: ExpectedStart[] = [];

  constructor(sha2: Sha2, location: Location) {
    this.#sha2 = sha2;
    this.#location = location;
  }

  /** Compares the file `entry`, whose content is at `position` of the archive. Rejects with TOC_CHUNK and TOC_DIGEST. */
  async file(entry: TocEntry, position: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (entry.size === 0) {
      await this.#emptyFile(entry);
      return;
    }
    const chunks = this.#sizedChunks(entry);
    const whole = this.#sha2.create('sha256');
    const parts = new ChunkHashes(chunks, this.#sha2);
    for await (const bytes of content) {
      whole.update(bytes);
      parts.update(bytes);
    }
    // TOC-036
    if (entry.digest !== `sha256:${hex(whole.digest())}`) {
      throw this.#rejected(
        'TOC_DIGEST',
        'the digest of the file is missing or not that of its content',
        entry,
      );
    }
    parts.check(chunks.length > 1, (code, detail) => this.#rejected(code, detail, entry));
    for (const { offset, chunkOffset } of chunks) {
      this.#expected.push({ entry, offset, position: position + chunkOffset });
    }
    this.#expected.push({ entry, offset: entry.endOffset, position: position + entry.size });
  }

  /** Rejects with TOC_CHUNK if a chunk does not start where its content does (TOC-035). */
  finish(starts: FrameStarts): void {
    for (const { entry, offset, position } of this.#expected) {
      if (starts.has(offset, position)) continue;
      const detail = `no frame starts at offset ${offset} with ${position} bytes of the layer before it`;
      throw this.#rejected('TOC_CHUNK', detail, entry);
    }
  }

  async #emptyFile(entry: TocEntry): Promise<void> {
    if (entry.chunks.length > 1)
      throw this.#rejected('TOC_CHUNK', 'a file without content has chunks', entry);
    if (entry.digest === undefined) return;
    if (entry.digest !== `sha256:${hex(this.#sha2.hash('sha256', new Uint8Array(0)))}`) {
      throw this.#rejected('TOC_DIGEST', 'the digest of the file is not that of its content', entry);
    }
  }

  /** The chunks of a file, each with its size (TOC-034). */
  #sizedChunks(entry: TocEntry): TocChunks {
    const [only, ...more] = entry.chunks;
    const chunks: TocChunks =
      more.length === 0 && only.chunkSize === 0 ? [{ ...only, chunkSize: entry.size }] : entry.chunks;
    let next = 0;
    for (const { chunkOffset, chunkSize } of chunks) {
      if (chunkOffset !== next || chunkSize === 0) {
        throw this.#rejected(
          'TOC_CHUNK',
          `a chunk of ${chunkSize} bytes at ${chunkOffset} is not the next one`,
          entry,
        );
      }
      next += chunkSize;
    }
    if (next !== entry.size) {
      throw this.#rejected(
        'TOC_CHUNK',
        `the chunks have ${next} bytes, but the file has ${entry.size}`,
        entry,
      );
    }
    return chunks;
  }

  #rejected(code: 'TOC_CHUNK' | 'TOC_DIGEST', detail: string, { name }: TocEntry): ComposefsError {
    return new ComposefsError(code, detail, { ...this.#location, entry: name });
  }
}

/** The digests of the chunks of one file, and which of them are zeros. */
class ChunkHashes {
  readonly #chunks: TocChunks;
  readonly #sha2: Sha2;
  readonly #found: { readonly digest: string; readonly zeros: boolean }[] = [];
  #hasher: Hasher;
  #zeros = true;
  #left: number;

  constructor(chunks: TocChunks, sha2: Sha2) {
    this.#chunks = chunks;
    this.#sha2 = sha2;
    this.#hasher = sha2.create('sha256');
    this.#left = chunks[0].chunkSize;
  }

  update(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0; ) {
      const part = rest.subarray(0, this.#left);
      this.#hasher.update(part);
      this.#zeros &&= part.every(byte => byte === 0);
      this.#left -= part.length;
      rest = rest.subarray(part.length);
      if (this.#left > 0) continue;
      this.#found.push({ digest: `sha256:${hex(this.#hasher.digest())}`, zeros: this.#zeros });
      this.#hasher = this.#sha2.create('sha256');
      this.#zeros = true;
      this.#left = this.#chunks[this.#found.length]?.chunkSize ?? Number.POSITIVE_INFINITY;
    }
  }

  /** Rejects a digest that is wrong, or missing although it is `needed` (TOC-037), and zeros that are not (TOC-038). */
  check(needed: boolean, reject: (code: 'TOC_CHUNK' | 'TOC_DIGEST', detail: string) => ComposefsError): void {
    for (const [i, { chunkDigest, zeros, chunkOffset }] of this.#chunks.entries()) {
      const found = this.#found[i];
      if (chunkDigest === undefined ? needed : chunkDigest !== found?.digest) {
        throw reject(
          'TOC_DIGEST',
          `the digest of the chunk at ${chunkOffset} is missing or not that of its content`,
        );
      }
      if (zeros && found?.zeros !== true) {
        throw reject('TOC_CHUNK', `the chunk at ${chunkOffset} is not zeros`);
      }
    }
  }
}
