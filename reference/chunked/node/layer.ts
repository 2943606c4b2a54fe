/**
 * Tables of contents of the layers of an image in a layout, and of a blob in a file.
 * @module
 */

import { join } from 'node:path';
import { ComposefsError, type Location } from '../../errors.ts';
import { type BlobSource, openBlob } from '../../oci/blob.ts';
import { parseOciDigest } from '../../oci/digest.ts';
import { asFileError, type OpenFile, openFile, readChunks } from '../../oci/file.ts';
import { layerCompression } from '../../oci/media-types.ts';
import type { Descriptor } from '../../oci/schemas.ts';
import { readTocAnnotations } from '../annotations.ts';
import type { ChunkedBlob } from '../blob.ts';
import { checkToc, type TocCheck, type TocSummary } from '../check.ts';

/** Bytes per read of a part of a blob. */
const CHUNK = 256 * 1024;

/**
 * Checks the table of contents of a layer; undefined if the layer has none (VERIFY-080).
 *
 * @throws ComposefsError with a code of stage `toc`, or as the tree builder does for the layer itself.
 */
export async function checkLayerToc(
  source: BlobSource,
  descriptor: Descriptor,
  location: Location,
  passed?: (check: TocCheck) => void,
): Promise<TocSummary | undefined> {
  const compression = layerCompression(descriptor.mediaType, location);
  const annotations = readTocAnnotations(descriptor.annotations ?? {}, compression, location);
  if (annotations === undefined) return undefined;
  const { hash, hex } = parseOciDigest(descriptor.digest, location);
  const file = join(source.directory, 'blobs', hash, hex);
  return withFile(file, location, open =>
    checkToc(
      {
        size: descriptor.size,
        whole: () => verifiedBlob(source, descriptor, location),
        part: (offset, length) => readPart(open, offset, length, location),
      },
      annotations,
      source.sha2,
      location,
      passed,
    ),
  );
}

/** Calls `work` with the blob in the file `path`. */
export async function withBlobFile<T>(
  path: string,
  location: Location,
  work: (blob: ChunkedBlob) => Promise<T>,
): Promise<T> {
  return withFile(path, location, open =>
    work({
      size: open.size,
      whole: () => wholeFile(path, location),
      part: (offset, length) => readPart(open, offset, length, location),
    }),
  );
}

async function withFile<T>(
  path: string,
  location: Location,
  work: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const file = await openFile(path, 'REQUEST_FILE', location);
  try {
    return await work(file);
  } finally {
    await file.handle.close();
  }
}

async function* verifiedBlob(
  source: BlobSource,
  descriptor: Descriptor,
  location: Location,
): AsyncGenerator<Uint8Array> {
  const blob = await openBlob(source, descriptor, location);
  try {
    yield* { [Symbol.asyncIterator]: () => blob[Symbol.asyncIterator]() };
    await blob.verify();
  } finally {
    await blob.close();
  }
}

async function* wholeFile(path: string, location: Location): AsyncGenerator<Uint8Array> {
  const { handle } = await openFile(path, 'REQUEST_FILE', location);
  try {
    yield* readChunks(handle, location);
  } finally {
    await handle.close();
  }
}

async function* readPart(
  { handle }: OpenFile,
  offset: number,
  length: number,
  location: Location,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; ) {
    const chunk = new Uint8Array(Math.min(CHUNK, length - done));
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(chunk, 0, chunk.length, offset + done));
    } catch (error) {
      throw asFileError(error, location);
    }
    if (bytesRead === 0)
      throw new ComposefsError('TOC_POSITION', 'the blob ends before this position', location);
    done += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
