/**
 * An OCI image layout: a directory with `oci-layout`, `index.json` and `blobs/`. Nothing that a blob says is
 * believed before its size and its digest are right.
 * @module
 */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ComposefsError, type Place } from '../errors.ts';
import type { Hasher, Sha2 } from '../hash/sha2.ts';
import { parseDigest } from './digest.ts';
import { asFileError, type OpenFile, openFile, readChunks } from './file.ts';
import { parseJson, quoted } from './json.ts';
import { checked, type Descriptor, type Index, index, layoutMarker, type Schema } from './schemas.ts';

/** Longest JSON document in bytes (LAYER-007, LAYER-008). */
export const JSON_LIMIT = 4 * 1024 * 1024;

/** An image layout, open. */
export interface Layout {
  readonly directory: string;
  readonly index: Index;
  /** The text of {@link index}. */
  readonly indexText: Uint8Array;
  readonly sha2: Sha2;
}

/** Opens the image layout in `directory`; refused with IMAGE_LAYOUT where it is none. */
export async function openLayout(directory: string, sha2: Sha2): Promise<Layout> {
  try {
    await stat(directory);
  } catch (error) {
    throw asFileError(error, { file: directory });
  }
  const markerPlace = { file: 'oci-layout' };
  const markerText = await readLayoutFile(directory, 'oci-layout');
  const marker = checked(layoutMarker, parseJson(markerText, markerPlace), markerPlace);
  // LAYER-001
  if (marker.imageLayoutVersion !== '1.0.0') {
    throw new ComposefsError(
      'IMAGE_LAYOUT',
      `imageLayoutVersion is ${quoted(marker.imageLayoutVersion)}, not "1.0.0"`,
      markerPlace,
    );
  }
  const indexPlace = { file: 'index.json' };
  const indexText = await readLayoutFile(directory, 'index.json');
  const top = checked(index, parseJson(indexText, indexPlace), indexPlace);
  return { directory, index: top, indexText, sha2 };
}

async function readLayoutFile(directory: string, name: string): Promise<Uint8Array> {
  const place = { file: name };
  const { handle, size } = await openFile(join(directory, name), 'IMAGE_LAYOUT', place);
  try {
    checkJsonSize(size, place);
    return await collect(readChunks(handle, place), place);
  } finally {
    await handle.close();
  }
}

/** The document in a JSON blob, verified; refused where it is too long, not JSON, or not as `schema` wants it. */
export async function readDocument<T>(layout: Layout, descriptor: Descriptor, schema: Schema<T>): Promise<T> {
  const bytes = await readBlob(layout, descriptor);
  const place = blobPlace(descriptor);
  return checked(schema, parseJson(bytes, place), place);
}

/** A blob as long as a document may be, verified. */
export async function readBlob(layout: Layout, descriptor: Descriptor): Promise<Uint8Array> {
  const blob = await openBlob(layout, descriptor, {});
  try {
    checkJsonSize(descriptor.size, blob.place);
    const bytes = await collect(blob, blob.place);
    await blob.verify();
    return bytes;
  } finally {
    await blob.close();
  }
}

/** Where a blob is in its layout. */
export function blobPlace({ digest }: Pick<Descriptor, 'digest'>): Place {
  return { file: `blobs/${digest.replace(':', '/')}` };
}

function checkJsonSize(size: number, place: Place): void {
  if (size > JSON_LIMIT) {
    throw new ComposefsError('IMAGE_LIMIT', `the document has ${size} bytes, more than ${JSON_LIMIT}`, place);
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>, place: Place): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    checkJsonSize(size, place);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}

/**
 * Opens a blob. Refused at once where the digest is not written as one (IMAGE_DIGEST_FORM), where there is no
 * such file (IMAGE_BLOB), and where the file has another size (IMAGE_SIZE).
 */
export async function openBlob(layout: Layout, descriptor: Descriptor, outer: Place): Promise<BlobReader> {
  const { hash, hex } = parseDigest(descriptor.digest, outer);
  const place = { file: `blobs/${hash}/${hex}`, ...outer };
  const file = await openFile(join(layout.directory, 'blobs', hash, hex), 'IMAGE_BLOB', place);
  if (file.size !== descriptor.size) {
    await file.handle.close();
    throw wrongSize(file.size, descriptor.size, place);
  }
  return new BlobReader(file, hex, layout.sha2.create(hash), place);
}

/** The bytes of a blob, once, from its start to its end. */
export class BlobReader implements AsyncIterable<Uint8Array> {
  readonly place: Place;
  readonly size: number;
  /** Bytes that were read. */
  position = 0;
  readonly #file: OpenFile;
  readonly #hex: string;
  readonly #hasher: Hasher;
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #verified = false;

  constructor(file: OpenFile, hex: string, hasher: Hasher, place: Place) {
    this.place = place;
    this.size = file.size;
    this.#file = file;
    this.#hex = hex;
    this.#hasher = hasher;
    this.#chunks = readChunks(file.handle, place);
  }

  /** Goes on where an earlier iteration stopped: a reader that gives up early leaves the rest to `verify`. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const result = await this.#chunks.next();
    if (result.done === true) return result;
    this.position += result.value.length;
    if (this.position > this.size) throw wrongSize(this.position, this.size, this.place);
    this.#hasher.update(result.value);
    return result;
  }

  /** Reads what is left, then refuses a blob of another size or digest (LAYER-011, LAYER-012). */
  async verify(): Promise<void> {
    if (this.#verified) return;
    for await (const _ of this);
    if (this.position !== this.size) throw wrongSize(this.position, this.size, this.place);
    const found = Buffer.from(this.#hasher.digest()).toString('hex');
    if (found !== this.#hex) {
      throw new ComposefsError('IMAGE_DIGEST', `the blob has the digest ${found}`, this.place);
    }
    this.#verified = true;
  }

  close(): Promise<void> {
    return this.#file.handle.close();
  }
}

function wrongSize(found: number, expected: number, place: Place): ComposefsError {
  return new ComposefsError(
    'IMAGE_SIZE',
    `the blob has ${found} bytes, its descriptor says ${expected}`,
    place,
  );
}
