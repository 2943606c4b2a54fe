/**
 * Tables of contents of the layers of an image in a layout, and of a blob in a file.
 * @module
 */

import { closeSync } from 'node:fs';
import { ComposefsError, type Location } from '../../errors.ts';
import { type BlobSource, openBlob } from '../../oci/blob.ts';
import { parseOciDigest } from '../../oci/digest.ts';
import { openFile, readChunks, readPart } from '../../oci/file.ts';
import { openLayoutFile } from '../../oci/layout-files.ts';
import { layerCompression } from '../../oci/media-types.ts';
import type { Descriptor } from '../../oci/schemas.ts';
import { readTocAnnotations } from '../annotations.ts';
import type { ChunkedBlob } from '../blob.ts';
import { checkToc, type TocCheck, type TocSummary } from '../check.ts';

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
  const file = openLayoutFile(source.files, `blobs/${hash}/${hex}`, 'IMAGE_BLOB', location);
  try {
    return await checkToc(
      {
        size: descriptor.size,
        whole: () => verifiedBlob(source, descriptor, location),
        part: (offset, length) => wholePart(file.part(offset, length, location), length, location),
      },
      annotations,
      source.sha2,
      location,
      passed,
    );
  } finally {
    file.close();
  }
}

/** Calls `work` with the blob in the file `path`. */
export async function withBlobFile<T>(
  path: string,
  location: Location,
  work: (blob: ChunkedBlob) => Promise<T>,
): Promise<T> {
  const file = openFile(path, 'REQUEST_FILE', location);
  try {
    return await work({
      size: file.size,
      whole: () => wholeFile(path, location),
      part: (offset, length) => wholePart(readPart(file, offset, length, location), length, location),
    });
  } finally {
    closeSync(file.fd);
  }
}

async function* verifiedBlob(
  source: BlobSource,
  descriptor: Descriptor,
  location: Location,
): AsyncGenerator<Uint8Array> {
  const blob = openBlob(source, descriptor, location);
  try {
    yield* { [Symbol.asyncIterator]: () => blob[Symbol.asyncIterator]() };
    await blob.verify();
  } finally {
    blob.close();
  }
}

async function* wholeFile(path: string, location: Location): AsyncGenerator<Uint8Array> {
  const { fd } = openFile(path, 'REQUEST_FILE', location);
  try {
    yield* readChunks(fd, location);
  } finally {
    closeSync(fd);
  }
}

/** The chunks of a part of a blob, or a rejection if the blob ends before the part. */
async function* wholePart(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
  location: Location,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    yield chunk;
  }
  if (size < length) throw new ComposefsError('TOC_POSITION', 'the blob ends before this position', location);
}
