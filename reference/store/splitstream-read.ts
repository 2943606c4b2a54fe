/**
 * Reads a stream (spec/storage.md, "Reading streams"). Nothing in it is trusted: each range is compared with the length
 * of the file before memory is taken for it (STORE-116).
 * @module
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ComposefsError } from '../errors.ts';
import { algorithmParameters } from '../fsverity/algorithm.ts';
import { unzstd } from '../oci/zstd.ts';
import { objectFile } from './paths.ts';
import { fieldsOf, HEADER_SIZE, info } from './splitstream-layout.ts';
import { damaged, inStore, type Store } from './store.ts';

/** The named references may have as many bytes (STORE-111). */
const NAMES_MAX = 4 * 1024 * 1024;
/** How many bytes of records are decompressed at a time. */
const GATHERED = 64 * 1024;
const CHUNK = 256 * 1024;

/** A part of the content of a stream. */
export type Piece =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly digest: string };

interface Range {
  readonly start: number;
  readonly end: number;
}

/** An open stream. */
export class SplitStream {
  /** The path of its object, for messages. */
  readonly path: string;
  readonly contentType: string;
  /** The bytes of the content, as the header says. */
  readonly size: bigint;
  /** The named references, as the digests of objects. */
  readonly names: ReadonlyMap<string, string>;
  readonly #fd: number;
  readonly #records: Range;
  readonly #streams: Buffer;
  readonly #objects: Buffer;
  readonly #digestSize: number;

  private constructor(path: string, fd: number, parts: OpenParts) {
    this.path = path;
    this.#fd = fd;
    this.contentType = parts.contentType;
    this.size = parts.size;
    this.names = parts.names;
    this.#records = parts.records;
    this.#streams = parts.streams;
    this.#objects = parts.objects;
    this.#digestSize = parts.digestSize;
  }

  /**
   * Opens the stream in the object `digest`, and reads all but its records. The caller closes it.
   *
   * @throws ComposefsError STORE_DAMAGED if it is malformed (STORE-110, STORE-111).
   */
  static async open(store: Store, digest: string): Promise<SplitStream> {
    const path = objectFile(digest);
    const fd = openSync(inStore(store, path), 'r');
    try {
      return new SplitStream(path, fd, await readParts(store, fd, path));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The digests of the section of stream references. */
  streamReferences(): Generator<string> {
    return this.#digests(this.#streams);
  }

  /** The digests of the section of object references. */
  objectReferences(): Generator<string> {
    return this.#digests(this.#objects);
  }

  *#digests(table: Buffer): Generator<string> {
    for (let at = 0; at < table.length; at += this.#digestSize) {
      yield table.toString('hex', at, at + this.#digestSize);
    }
  }

  /** The records, decompressed. */
  async *records(): AsyncGenerator<Uint8Array> {
    yield* decompressed(this.#fd, this.#records, this.path);
  }

  /**
   * The content. A long inline record is returned in several pieces.
   *
   * @throws ComposefsError STORE_DAMAGED if a record is malformed (STORE-112).
   */
  async *pieces(): AsyncGenerator<Piece> {
    const count = BigInt(this.#objects.length / this.#digestSize);
    const head = Buffer.alloc(8);
    let filled = 0;
    let inline = 0n;
    for await (const chunk of this.records()) {
      for (let at = 0; at < chunk.length; ) {
        if (inline > 0n) {
          const length = inline < chunk.length - at ? Number(inline) : chunk.length - at;
          yield { kind: 'inline', bytes: chunk.subarray(at, at + length) };
          inline -= BigInt(length);
          at += length;
          continue;
        }
        const part = chunk.subarray(at, at + 8 - filled);
        head.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < 8) continue;
        filled = 0;
        const record = head.readBigInt64LE();
        if (record < 0n) inline = -record;
        else if (record >= count) throw damaged(`a record names object ${record} of ${count}`, this.path);
        else yield { kind: 'object', digest: this.#digestOf(Number(record)) };
      }
    }
    if (filled > 0 || inline > 0n) throw damaged('the last record is incomplete', this.path);
  }

  #digestOf(number: number): string {
    return this.#objects.toString('hex', number * this.#digestSize, (number + 1) * this.#digestSize);
  }
}

interface OpenParts {
  readonly contentType: string;
  readonly size: bigint;
  readonly names: ReadonlyMap<string, string>;
  readonly records: Range;
  readonly streams: Buffer;
  readonly objects: Buffer;
  readonly digestSize: number;
}

async function readParts(store: Store, fd: number, path: string): Promise<OpenParts> {
  const { hash, digestSize } = algorithmParameters[store.algorithm];
  const fileSize = fstatSync(fd).size;
  const read = ({ start, end }: Range) => readRange(fd, start, end, path);
  const rangeAt = (bytes: Buffer, at: number): Range => {
    const [start, end] = [bytes.readBigUInt64LE(at), bytes.readBigUInt64LE(at + 8)];
    if (start > end || end > BigInt(fileSize)) throw damaged(`a range is ${start} to ${end}`, path);
    return { start: Number(start), end: Number(end) };
  };
  if (fileSize < INFO_MIN) throw damaged('it is too short for a stream', path);
  const first = read({ start: 0, end: Math.min(fileSize, HEADER_SIZE) });
  const fields = fieldsOf(first);
  if (fields === undefined) throw damaged('it does not begin as a stream', path);
  const values = [first[fields.version], first[fields.hash], first[fields.logBlockSize]].join();
  if (values !== [0, hash === 'sha256' ? 1 : 2, 12].join())
    throw damaged(`version, hash function and block size are ${values}`, path);
  const infoRange = rangeAt(first, fields.info);
  if (infoRange.end - infoRange.start < info.length) throw damaged('the info block is too short', path);
  const block = read({ start: infoRange.start, end: infoRange.start + info.length });
  const section = (at: number) => {
    const range = rangeAt(block, at);
    if ((range.end - range.start) % digestSize !== 0)
      throw damaged('a section of references is not a whole number of digests', path);
    return read(range);
  };
  const streams = section(info.streams);
  return {
    contentType: block.toString('latin1', info.contentType, info.contentType + 8),
    size: block.readBigUInt64LE(info.size),
    streams,
    objects: section(info.objects),
    records: rangeAt(block, info.records),
    names: await readNames(fd, rangeAt(block, info.names), { streams, digestSize, path }),
    digestSize,
  };
}

/** The length of the fields before the info block. */
const INFO_MIN = 32;

/** Reads the named references (STORE-111). */
async function readNames(
  fd: number,
  range: Range,
  { streams, digestSize, path }: { streams: Buffer; digestSize: number; path: string },
): Promise<Map<string, string>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of decompressed(fd, range, path)) {
    size += chunk.length;
    if (size > NAMES_MAX) throw damaged(`the named references have more than ${NAMES_MAX} bytes`, path);
    parts.push(chunk);
  }
  const bytes = Buffer.concat(parts, size);
  const names = new Map<string, string>();
  for (let at = 0; at < size; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw damaged('a named reference does not end', path);
    const [, number, name] = /^([0-9]+):(.*)/s.exec(utf8(bytes.subarray(at, end), path)) ?? [];
    const from = Number(number) * digestSize;
    if (name === undefined || from >= streams.length) throw damaged('a named reference is malformed', path);
    names.set(name, streams.toString('hex', from, from + digestSize));
    at = end + 1;
  }
  return names;
}

function utf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged('the name of a reference is not UTF-8', path);
  }
}

/** The content of the zstd frames in a range of a file. */
async function* decompressed(fd: number, range: Range, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* gathered(unzstd(chunksOf(fd, range, path), { file: path }));
  } catch (error) {
    if (!(error instanceof ComposefsError) || error.stage !== 'compression') throw error;
    throw damaged(`a compressed section: ${error.detail}`, path);
  }
}

/** Joins small chunks: a frame can have blocks of a few bytes. */
async function* gathered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size < GATHERED) continue;
    yield Buffer.concat(parts, size);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts, size);
}

async function* chunksOf(fd: number, { start, end }: Range, path: string): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += CHUNK) yield readRange(fd, at, Math.min(at + CHUNK, end), path);
}

function readRange(fd: number, start: number, end: number, path: string): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  for (let at = 0; at < bytes.length; ) {
    const length = readSync(fd, bytes, at, bytes.length - at, start + at);
    if (length === 0) throw damaged('it became shorter while it was read', path);
    at += length;
  }
  return bytes;
}
