/**
 * The check of composefs images.
 * @module
 */

import { readErofs } from '../erofs/read.ts';
import { ComposefsError } from '../errors.ts';
import type { Directory, Inode } from '../tree/inode.ts';
import { payloadOf } from '../tree/object-path.ts';
import type { Findings } from './findings.ts';
import type { CheckedObjects } from './fsck-objects.ts';
import { isHexDigest, objectFile, objectTarget } from './paths.ts';
import { linkTarget, type Store } from './store.ts';
import { entriesOf } from './walk.ts';

/** The digests of the images that have a link, which may be wrong. */
export type CheckedImages = ReadonlySet<string>;

/** Checks each image by itself. */
export function checkImages(store: Store, objects: CheckedObjects, findings: Findings): CheckedImages {
  const images = new Set<string>();
  for (const { name, kind } of entriesOf(store, 'images')) {
    const path = `images/${name}`;
    if (name === 'refs' && kind === 'directory') continue;
    if (kind !== 'link' || !isHexDigest(name, store.digestSize)) {
      findings.add('stray', path);
      continue;
    }
    images.add(name);
    if (linkTarget(store, path) !== objectTarget(name)) findings.add('link-target', path);
    else if (!objects.isPresent(name)) findings.add('link-dangling', path);
    else checkImage(name, { path, objects, findings });
  }
  return images;
}

function checkImage(
  digest: string,
  { path, objects, findings }: { path: string; objects: CheckedObjects; findings: Findings },
): void {
  const chunks: Uint8Array[] = [];
  // STORE-042
  if (!objects.read(digest, chunk => chunks.push(Uint8Array.from(chunk)))) return;
  try {
    for (const object of objectsOf(readErofs(Buffer.concat(chunks)), objects.digestSize)) {
      if (!objects.isPresent(object)) findings.add('object-missing', objectFile(object));
    }
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    findings.add('image-invalid', path);
  }
}

/**
 * The digests of the objects that the tree of an image needs.
 *
 * @throws ComposefsError EROFS_OVERLAY if a file leads to something else (STORE-136).
 */
export function* objectsOf(tree: Directory, digestSize: number): Generator<string> {
  const pending: Inode[] = [tree];
  for (let inode = pending.pop(); inode !== undefined; inode = pending.pop()) {
    if (inode.kind === 'directory') pending.push(...inode.children.values());
    if (inode.kind !== 'external') continue;
    const payload = payloadOf(inode) ?? '';
    const digest = payload.slice(0, 2) + payload.slice(3);
    if (payload[2] !== '/' || !isHexDigest(digest, digestSize)) {
      throw new ComposefsError(
        'EROFS_OVERLAY',
        'a file leads to something that is not an object of this store',
      );
    }
    yield digest;
  }
}
