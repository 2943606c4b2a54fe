/**
 * The images in a store: what is known of each.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { isUncompressed } from '../oci/media-types.ts';
import { platformText } from '../oci/platform.ts';
import type { Descriptor, ImageConfig, ImageManifest } from '../oci/schemas.ts';
import {
  hasImageConfig,
  missing,
  readStoredConfig,
  readStoredManifest,
  type StoredDocument,
} from './documents.ts';
import { purposeOf } from './image-keys.ts';
import type { StoredImage } from './import.ts';
import { parseStreamName, streamName } from './paths.ts';
import { namesIn } from './roots.ts';
import { damaged, linkedObject, type Store } from './store.ts';
import { entriesOf } from './walk.ts';

/** Manifest and config of one image. */
export interface ImageDocuments {
  readonly manifest: StoredDocument<ImageManifest>;
  readonly config: StoredDocument<ImageConfig>;
}

/** Reads the documents of an image, or rejects it with STORE_DAMAGED. */
export async function readImage(store: Store, digest: string): Promise<ImageDocuments> {
  const manifest = await readStoredManifest(store, digest);
  if (manifest === undefined) throw missing('manifest', digest);
  return withConfig(store, digest, manifest);
}

/** Reads the config of the manifest with the OCI digest `digest`. */
async function withConfig(
  store: Store,
  digest: string,
  manifest: ImageDocuments['manifest'],
): Promise<ImageDocuments> {
  const { config: descriptor } = manifest.document;
  const config = await readStoredConfig(store, descriptor.digest);
  if (config === undefined) throw missing('config', descriptor.digest);
  if (config.document.rootfs.diff_ids.length !== manifest.document.layers.length) {
    throw damaged('the config has another number of layers', `streams/${streamName('manifest', digest)}`);
  }
  return { manifest, config };
}

/** One layer of a listed image. */
export interface ListedLayer {
  readonly diffId: string;
  /** The OCI digest of the layer as it was published. */
  readonly blob: string;
  /** Whether it can be exported as it was published (STORE-054). */
  readonly kept: boolean;
}

/** One image of a store. */
export interface ListedImage {
  /** OCI digest. */
  readonly manifest: string;
  readonly names: readonly string[];
  readonly platform: string;
  readonly layers: readonly ListedLayer[];
  readonly images: readonly StoredImage[];
}

/** A manifest that cannot be listed. */
export interface UnreadableImage {
  readonly manifest: string;
  readonly names: readonly string[];
  readonly error: ComposefsError;
}

/** All images of a store, in order of their digests; those of other artifacts are left out. */
export async function* listImages(store: Store): AsyncGenerator<ListedImage | UnreadableImage> {
  const names = new Map<string, string[]>();
  for (const { name, manifest } of namesIn(store))
    names.set(manifest, [...(names.get(manifest) ?? []), name]);
  for (const { name: file } of entriesOf(store, 'streams')) {
    const named = parseStreamName(file);
    if (named.kind !== 'manifest') continue;
    const { digest: manifest } = named;
    const of = { manifest, names: names.get(manifest) ?? [] };
    try {
      const found = await readStoredManifest(store, manifest);
      if (found === undefined) throw missing('manifest', manifest);
      if (!hasImageConfig(found.document)) continue;
      yield { ...of, ...describe(store, await withConfig(store, manifest, found)) };
    } catch (error) {
      if (!(error instanceof ComposefsError)) throw error;
      yield { ...of, error };
    }
  }
}

function describe(
  store: Store,
  { manifest, config }: ImageDocuments,
): Pick<ListedImage, 'platform' | 'layers' | 'images'> {
  const diffIds = config.document.rootfs.diff_ids;
  return {
    platform: platformText(config.document),
    layers: manifest.document.layers.map((layer, number) => {
      const { digest: blob } = layer;
      const diffId = diffIds[number] ?? '';
      return { diffId, blob, kept: publishedStream(store, layer) !== undefined };
    }),
    images: imagesOf(config.names),
  };
}

/**
 * The stream with a layer as it was published; undefined if the store does not keep it (STORE-054). The blob of a layer
 * that is not compressed is the archive, even if its diff_id has a different hash function.
 */
export function publishedStream(
  store: Store,
  { digest, mediaType }: Descriptor,
): 'layer' | 'blob' | undefined {
  if (isUncompressed(mediaType)) return 'layer';
  return hasBlob(store, digest) ? 'blob' : undefined;
}

/** Whether a store has a blob. */
export function hasBlob(store: Store, digest: string): boolean {
  return linkedObject(store, `streams/${streamName('blob', digest)}`) !== undefined;
}

/** Whether a store has a composefs image. */
export function hasImage(store: Store, digest: string): boolean {
  return linkedObject(store, `images/${digest}`) === digest;
}

/** The composefs images among the references of a config. */
export function imagesOf(names: ReadonlyMap<string, string>): StoredImage[] {
  return [...names].flatMap(([name, digest]) => {
    const purpose = purposeOf(name);
    return purpose === undefined ? [] : [{ digest, ...purpose }];
  });
}
