/**
 * Copies of sealed layouts: the blobs that descriptors lead to, and nothing else.
 * @module
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComposefsError } from '../../errors.ts';
import { replaceFile, syncDirectory } from '../../files/replace.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { type BlobReader, type BlobSource, openBlob } from '../../oci/blob.ts';
import { isOciDigest, parseOciDigest } from '../../oci/digest.ts';
import { JSON_LIMIT, readLayoutFile } from '../../oci/layout.ts';
import type { LayoutFiles } from '../../oci/layout-files.ts';
import { indexTypes, manifestTypes } from '../../oci/media-types.ts';
import type { Descriptor } from '../../oci/schemas.ts';
import type { LayoutUpdate } from './seal.ts';

/** The path of a blob in the layout `directory`. */
export function blobFile(directory: string, digest: string): string {
  const { hash, hex } = parseOciDigest(digest, {});
  return join(directory, 'blobs', hash, hex);
}

const documentTypes: ReadonlySet<string> = new Set([...indexTypes, ...manifestTypes]);

/**
 * Writes the layout `from`, as `update` changes it, into the new directory `to` (SEAL-055). A blob that `from` lacks is
 * left out.
 *
 * @throws ComposefsError IMAGE_SIZE or IMAGE_DIGEST if a blob differs from its descriptor (SEAL-053).
 */
export async function copyLayout(from: LayoutFiles, to: string, update: LayoutUpdate): Promise<void> {
  mkdirSync(join(to, 'blobs'));
  const source = { files: from, sha2: nodeSha2 };
  await visitBlobs(update.index, async (descriptor, isDocument) => {
    const path = blobFile(to, descriptor.digest);
    mkdirSync(dirname(path), { recursive: true });
    const changed = update.blobs.get(descriptor.digest);
    if (changed === undefined) return copyBlob(source, descriptor, path, isDocument);
    await replaceFile(path, [changed]);
    return changed;
  });
  await syncDirectory(join(to, 'blobs'));
  await replaceFile(join(to, 'oci-layout'), [await readLayoutFile(from, 'oci-layout')]);
  await replaceFile(join(to, 'index.json'), [update.index]);
}

/**
 * Removes the blobs of a copy that its index does not lead to: those that one step of sealing wrote and a later one
 * replaced (SEAL-055).
 */
export async function removeUnreached(copy: string): Promise<void> {
  const reached = new Set<string>();
  await visitBlobs(await readLayoutFile(copy, 'index.json'), async ({ digest }, isDocument) => {
    const path = blobFile(copy, digest);
    reached.add(path);
    return isDocument && existsSync(path) ? readFileSync(path) : undefined;
  });
  for (const hash of readdirSync(join(copy, 'blobs'))) {
    for (const name of readdirSync(join(copy, 'blobs', hash))) {
      const path = join(copy, 'blobs', hash, name);
      if (!reached.has(path)) rmSync(path);
    }
  }
}

/** Calls `visit` for each blob that `index` leads to; `visit` returns the bytes of a document. */
async function visitBlobs(
  index: Uint8Array,
  visit: (descriptor: Descriptor, isDocument: boolean) => Promise<Uint8Array | undefined>,
): Promise<void> {
  const pending = descriptorsIn(index);
  const visited = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const isDocument = documentTypes.has(next.mediaType) && next.size <= JSON_LIMIT;
    const key = `${next.digest} ${isDocument}`;
    if (visited.has(key)) continue;
    visited.add(key);
    const document = await visit(next, isDocument);
    if (isDocument && document !== undefined) pending.push(...descriptorsIn(document));
  }
}

/** Copies a blob, unless it is missing, and returns its bytes if it is a document. */
async function copyBlob(
  source: BlobSource,
  descriptor: Descriptor,
  path: string,
  isDocument: boolean,
): Promise<Uint8Array | undefined> {
  const blob = openIfPresent(source, descriptor);
  if (blob === undefined) return undefined;
  const kept: Uint8Array[] = [];
  try {
    await replaceFile(path, verified(blob, isDocument ? kept : undefined));
  } finally {
    blob.close();
  }
  return isDocument ? Buffer.concat(kept) : undefined;
}

function openIfPresent(source: BlobSource, descriptor: Descriptor): BlobReader | undefined {
  try {
    return openBlob(source, descriptor, {});
  } catch (error) {
    if (error instanceof ComposefsError && error.code === 'IMAGE_BLOB') return undefined;
    throw error;
  }
}

/** The chunks of a blob, also added to `kept`. The blob is rejected before the last of them was written (SEAL-053). */
async function* verified(blob: BlobReader, kept: Uint8Array[] | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of blob) {
    kept?.push(chunk);
    yield chunk;
  }
  await blob.verify();
}

/** All descriptors in a document, wherever they are; none if it is not JSON. */
function descriptorsIn(document: Uint8Array): Descriptor[] {
  const found: Descriptor[] = [];
  const pending: unknown[] = [];
  try {
    pending.push(JSON.parse(Buffer.from(document).toString()));
  } catch {
    return found;
  }
  // Without recursion, because a document can be nested deeply.
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isDescriptor(value)) found.push(value);
    for (const inner of Object.values(value)) pending.push(inner);
  }
  return found;
}

function isDescriptor(value: object): value is Descriptor {
  const { mediaType, digest, size } = value as Partial<Record<keyof Descriptor, unknown>>;
  return (
    typeof mediaType === 'string' &&
    typeof digest === 'string' &&
    isOciDigest(digest) &&
    typeof size === 'number' &&
    Number.isSafeInteger(size)
  );
}
