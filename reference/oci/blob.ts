/**
 * Blobs of a layout. The content of a blob is trusted only after its size and its digest have been checked.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import type { Hasher, Sha2 } from '../hash/sha2.ts';
import { blobPath, parseOciDigest } from './digest.ts';
import { type LayoutFile, type LayoutFiles, openLayoutFile } from './layout-files.ts';
import type { Descriptor } from './schemas.ts';

/** The files of a layout, and the hash functions to check its blobs with. */
export interface BlobSource {
  readonly files: LayoutFiles;
  readonly sha2: Sha2;
}

/** The location of a blob in its layout, for messages. */
export function blobLocation({ digest }: Pick<Descriptor, 'digest'>): Location {
  return { file: blobPath(digest) };
}

/**
 * Opens a blob.
 *
 * @throws ComposefsError IMAGE_DIGEST_FORM if the digest is malformed, IMAGE_BLOB if the file is missing, and
 * IMAGE_SIZE if its size does not match the descriptor.
 */
export function openBlob({ files, sha2 }: BlobSource, descriptor: Descriptor, outer: Location): BlobReader {
  const { hash, hex } = parseOciDigest(descriptor.digest, outer);
  const location = { ...blobLocation(descriptor), ...outer };
  const file = openLayoutFile(files, `blobs/${hash}/${hex}`, 'IMAGE_BLOB', location);
  if (file.size !== descriptor.size) {
    file.close();
    throw wrongSize(file.size, descriptor.size, location);
  }
  return new BlobReader(file, hex, sha2.create(hash), location);
}

/** Reads a blob once, from start to end. */
export class BlobReader implements AsyncIterable<Uint8Array> {
  readonly location: Location;
  readonly size: number;
  /** Bytes read so far. */
  position = 0;
  readonly #file: LayoutFile;
  readonly #hex: string;
  readonly #hasher: Hasher;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(file: LayoutFile, hex: string, hasher: Hasher, location: Location) {
    this.location = location;
    this.size = file.size;
    this.#file = file;
    this.#hex = hex;
    this.#hasher = hasher;
    this.#chunks = file.chunks(location)[Symbol.asyncIterator]();
  }

  /** Continues where an earlier iteration stopped: if a reader stops early, `verify` reads the rest. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const result = await this.#chunks.next();
    if (result.done === true) return result;
    this.position += result.value.length;
    if (this.position > this.size) throw wrongSize(this.position, this.size, this.location);
    this.#hasher.update(result.value);
    return result;
  }

  /** Reads the rest, and rejects the blob if its size or digest is wrong (LAYER-011, LAYER-012). To be called once. */
  async verify(): Promise<void> {
    for await (const _ of this);
    if (this.position !== this.size) throw wrongSize(this.position, this.size, this.location);
    const found = Buffer.from(this.#hasher.digest()).toString('hex');
    if (found !== this.#hex) {
      // The digest of the bytes is not in the message: they may be those of any file (LAYER-010).
      throw new ComposefsError(
        'IMAGE_DIGEST',
        'the blob does not have the digest of its name',
        this.location,
      );
    }
  }

  close(): void {
    this.#file.close();
  }
}

function wrongSize(found: number, expected: number, location: Location): ComposefsError {
  return new ComposefsError(
    'IMAGE_SIZE',
    `the blob has ${found} bytes, but its descriptor says ${expected}`,
    location,
  );
}
