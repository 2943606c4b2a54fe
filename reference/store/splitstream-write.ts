/**
 * Writes a stream: inline bytes and objects (spec/storage.md, "Streams").
 * @module
 */

import { closeSync, readSync, writeSync } from 'node:fs';
import { algorithmParameters } from '../fsverity/algorithm.ts';
import type { HashName } from '../hash/sha2.ts';
import type { NewObjects } from './new-objects/new-objects.ts';
import { HEADER_SIZE, header, INFO_AT, info, MAGIC } from './splitstream-layout.ts';
import type { Store } from './store.ts';
import { storedZstd } from './stored-zstd.ts';

/** How many bytes of records are collected before they are written. */
const BUFFER = 64 * 1024;

/** A new stream. Its records are kept in a temporary file. */
export class StreamWriter {
  readonly #store: Store;
  readonly #objects: NewObjects;
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafe(BUFFER);
  #buffered = 0;
  /** Bytes of the records in the file. */
  #written = 0;
  /** The inline record that is being written. */
  #inline: { readonly at: number; length: number } | undefined;
  /** Numbers of the object references (STORE-101). */
  readonly #references = new Map<string, number>();
  #size = 0n;

  constructor(store: Store, objects: NewObjects) {
    this.#store = store;
    this.#objects = objects;
    this.#fd = objects.temporary().fd;
  }

  /** Adds inline bytes, at least one. Consecutive ones are one record (STORE-103). */
  inline(bytes: Uint8Array): void {
    if (this.#inline === undefined) {
      this.#inline = { at: this.#written + this.#buffered, length: 0 };
      this.#append(Buffer.alloc(8));
    }
    this.#inline.length += bytes.length;
    this.#append(bytes);
    this.#size += BigInt(bytes.length);
  }

  /** Adds the content of an object of `size` bytes. */
  object(digest: string, size: number): void {
    this.#endInline();
    const number = this.#references.get(digest) ?? this.#references.size;
    this.#references.set(digest, number);
    this.#append(int64(number));
    this.#size += BigInt(size);
  }

  #endInline(): void {
    if (this.#inline === undefined) return;
    const length = int64(-this.#inline.length);
    const at = this.#inline.at - this.#written;
    if (at >= 0) length.copy(this.#buffer, at);
    else writeSync(this.#fd, length, 0, 8, this.#inline.at);
    this.#inline = undefined;
  }

  #append(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > BUFFER) this.#flush();
    if (bytes.length > BUFFER) {
      this.#write(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#written + at);
    }
    this.#written += bytes.length;
  }

  /** Closes the stream without adding it. */
  close(): void {
    closeSync(this.#fd);
  }

  /** The records, not compressed: the same for the same content, whatever compresses them. */
  *records(): Generator<Uint8Array> {
    this.#endInline();
    this.#flush();
    const chunk = Buffer.allocUnsafe(Math.min(BUFFER, this.#written));
    for (let at = 0; at < this.#written; ) {
      const length = readSync(this.#fd, chunk, 0, chunk.length, at);
      if (length === 0) throw new Error('a temporary file became shorter');
      at += length;
      yield chunk.subarray(0, length);
    }
  }

  /** The bytes of the content so far. */
  get size(): bigint {
    return this.#size;
  }

  /** The object references in order. */
  get references(): string[] {
    return [...this.#references.keys()];
  }

  /** Adds the stream as an object (STORE-100), and returns its digest. `names`: the named references. */
  async finish(contentType: string, names: ReadonlyMap<string, string>): Promise<string> {
    const { hash } = algorithmParameters[this.#store.algorithm];
    const streams = [...new Set(names.values())];
    const sorted = [...names].map(([name, digest]) => ({ name: Buffer.from(name), digest }));
    // STORE-102
    sorted.sort((a, b) => a.name.compare(b.name));
    const named = Buffer.concat(
      sorted.flatMap(({ name, digest }) => [
        Buffer.from(`${streams.indexOf(digest)}:`),
        name,
        Buffer.alloc(1),
      ]),
    );
    const sections = {
      streams: Buffer.from(streams.join(''), 'hex'),
      objects: Buffer.from(this.references.join(''), 'hex'),
      names: Buffer.concat([...storedZstd([named])]),
    };
    let records = 0;
    for (const chunk of storedZstd(this.records())) records += chunk.length;
    const start = headerOf({ ...sections, records, contentType, size: this.#size, hash });
    const writer = this;
    return this.#objects.add(
      (function* () {
        yield start;
        yield sections.streams;
        yield sections.objects;
        yield sections.names;
        yield* storedZstd(writer.records());
      })(),
    );
  }
}

interface Sections {
  readonly streams: Uint8Array;
  readonly objects: Uint8Array;
  readonly names: Uint8Array;
  /** The length of the compressed records. */
  readonly records: number;
  readonly contentType: string;
  readonly size: bigint;
  readonly hash: HashName;
}

function headerOf({ streams, objects, names, records, contentType, size, hash }: Sections): Buffer {
  const bytes = Buffer.alloc(HEADER_SIZE);
  bytes.write(MAGIC, header.current.magic, 'latin1');
  bytes[header.current.hash] = hash === 'sha256' ? 1 : 2;
  bytes[header.current.logBlockSize] = 12;
  const range = (at: number, start: number, length: number) => {
    bytes.writeBigUInt64LE(BigInt(start), at);
    bytes.writeBigUInt64LE(BigInt(start + length), at + 8);
    return start + length;
  };
  range(header.current.info, INFO_AT, HEADER_SIZE - INFO_AT);
  let at = HEADER_SIZE;
  at = range(INFO_AT + info.streams, at, streams.length);
  at = range(INFO_AT + info.objects, at, objects.length);
  at = range(INFO_AT + info.names, at, names.length);
  range(INFO_AT + info.records, at, records);
  bytes.write(contentType, INFO_AT + info.contentType, 'latin1');
  bytes.writeBigUInt64LE(size, INFO_AT + info.size);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}
