/**
 * An OCI image layout: a directory with `oci-layout`, `index.json` and `blobs/`.
 * @module
 */

import { statSync } from 'node:fs';
import { ComposefsError, type Location } from '../errors.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { type BlobSource, blobLocation, openBlob } from './blob.ts';
import { asFileError } from './file.ts';
import { parseJson, quoted } from './json.ts';
import { type LayoutFiles, openLayoutFile } from './layout-files.ts';
import { type Descriptor, type ImageIndex, index, ociLayoutFile, type Schema, validated } from './schemas.ts';

/** Maximum size of a JSON document in bytes (LAYER-007, LAYER-008). */
export const JSON_LIMIT = 4 * 1024 * 1024;

/** An open image layout. */
export interface OciLayout extends BlobSource {
  readonly index: ImageIndex;
  /** The text of {@link index}. */
  readonly indexText: Uint8Array;
}

/** Opens the image layout with these files, or rejects it with IMAGE_LAYOUT if it is not one. */
export async function openLayout(files: LayoutFiles, sha2: Sha2): Promise<OciLayout> {
  if (typeof files === 'string') checkDirectory(files);
  const markerLocation = { file: 'oci-layout' };
  const markerText = await readLayoutFile(files, 'oci-layout');
  const marker = validated(ociLayoutFile, parseJson(markerText, markerLocation), markerLocation);
  // LAYER-001
  if (marker.imageLayoutVersion !== '1.0.0') {
    throw new ComposefsError(
      'IMAGE_LAYOUT',
      `imageLayoutVersion is ${quoted(marker.imageLayoutVersion)}, not "1.0.0"`,
      markerLocation,
    );
  }
  const indexLocation = { file: 'index.json' };
  const indexText = await readLayoutFile(files, 'index.json');
  const top = validated(index, parseJson(indexText, indexLocation), indexLocation);
  return { files, index: top, indexText, sha2 };
}

function checkDirectory(path: string): void {
  const location = { file: path };
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    throw asFileError(error, location);
  }
  if (!isDirectory) {
    const detail = 'this is a file, but a layout is a directory; an archive is given as oci-archive:FILE';
    throw new ComposefsError('IMAGE_LAYOUT', detail, location);
  }
}

/** Reads `oci-layout` or `index.json`. */
export async function readLayoutFile(files: LayoutFiles, name: string): Promise<Uint8Array> {
  const location = { file: name };
  const file = openLayoutFile(files, name, 'IMAGE_LAYOUT', location);
  try {
    checkJsonSize(file.size, location);
    return await collect(file.chunks(location), location);
  } finally {
    file.close();
  }
}

/** Reads a JSON document from a blob, and checks its digest, size, JSON text and schema. */
export async function readDocument<T>(
  layout: OciLayout,
  descriptor: Descriptor,
  schema: Schema<T>,
): Promise<T> {
  const bytes = await readBlob(layout, descriptor);
  const location = blobLocation(descriptor);
  return validated(schema, parseJson(bytes, location), location);
}

/** Reads a blob that is at most as long as a document, and checks its size and digest. */
export async function readBlob(layout: OciLayout, descriptor: Descriptor): Promise<Uint8Array> {
  const blob = openBlob(layout, descriptor, {});
  try {
    checkJsonSize(descriptor.size, blob.location);
    const bytes = await collect(blob, blob.location);
    await blob.verify();
    return bytes;
  } finally {
    blob.close();
  }
}

function checkJsonSize(size: number, location: Location): void {
  if (size > JSON_LIMIT) {
    throw new ComposefsError(
      'IMAGE_LIMIT',
      `the document has more than ${JSON_LIMIT} bytes, the limit`,
      location,
    );
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>, location: Location): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    checkJsonSize(size, location);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}
