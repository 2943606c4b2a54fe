/**
 * From the digest of a composefs image to the manifests that it can be of (spec/storage.md, "From an image to its
 * manifests").
 * @module
 */

import { ComposefsError } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { quoted } from '../oci/json.ts';
import type { ImagePurpose } from './image-keys.ts';
import { hasImage, type ListedImage, listImages } from './images.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import { isHexDigest, streamName } from './paths.ts';
import { linkedObject, type Store } from './store.ts';
import { madeImage } from './stored-tree.ts';
import { isIntact } from './stream-form.ts';
import { verifyContent } from './verified-content.ts';

/** One image that has the composefs image. */
export interface FoundImage extends ImagePurpose {
  /** OCI digest. */
  readonly manifest: string;
  readonly names: readonly string[];
  readonly platform: string;
  readonly algorithm: Algorithm;
  /** Whether the composefs image was made again from the layers; false: the store only noted it (STORE-063). */
  readonly verified: boolean;
}

/** Options of {@link findImages}. */
export interface FindOptions extends LockOptions {
  /** Make each image again from its layers, and leave out those that differ. */
  readonly verify?: boolean | undefined;
}

/**
 * The images with the composefs image `digest` (hexadecimal).
 *
 * @throws ComposefsError STORE_DIGEST if it is not a digest of the algorithm of the store (STORE-065).
 */
export async function findImages(
  store: Store,
  digest: string,
  options: FindOptions = {},
): Promise<FoundImage[]> {
  if (!isHexDigest(digest, store.digestSize)) {
    const detail = `${quoted(digest)} is not a digest of ${store.algorithm} in lower-case hexadecimal`;
    throw new ComposefsError('STORE_DIGEST', detail);
  }
  return whileLocked(
    store.directory,
    'shared',
    async () => {
      const found: FoundImage[] = [];
      if (!keepsImage(store, digest)) return found;
      for await (const image of listImages(store)) {
        // STORE-064
        if ('error' in image) continue;
        for (const { digest: other, role, format, xattrs } of image.images) {
          if (other !== digest) continue;
          const purpose = { role, format, xattrs };
          if (options.verify && (await madeFromLayers(store, image, purpose)) !== digest) continue;
          const { manifest, names, platform } = image;
          const { algorithm } = store;
          found.push({ manifest, names, platform, algorithm, ...purpose, verified: options.verify === true });
        }
      }
      // STORE-061
      return found.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    },
    options,
  );
}

/** Whether a store keeps a composefs image: its link, and an object that matches its digest (STORE-060). */
function keepsImage(store: Store, digest: string): boolean {
  return hasImage(store, digest) && isIntact(store, digest);
}

function sortKey({ manifest, role, format, xattrs }: FoundImage): string {
  return [manifest, role, format, xattrs].join('\0');
}

/** The digest of the image that the verified layers make; undefined if one is damaged, or they make none. */
async function madeFromLayers(
  store: Store,
  { layers }: ListedImage,
  purpose: ImagePurpose,
): Promise<string | undefined> {
  try {
    const streams: string[] = [];
    for (const { diffId } of layers) {
      await verifyContent(store, 'layer', diffId);
      streams.push(linkedObject(store, `streams/${streamName('layer', diffId)}`) ?? '');
    }
    return await madeImage(store, streams, purpose);
  } catch (error) {
    if (error instanceof ComposefsError) return undefined;
    throw error;
  }
}
