/**
 * Warnings about the documents of an image, and about what a layout lists next to it.
 * @module
 */

import { type Entries, indexesAbove, readEntries, unlessRejected } from '../oci/entries.ts';
import { parseJson } from '../oci/json.ts';
import { type OciLayout, readBlob } from '../oci/layout.ts';
import { isImageManifest, readManifest } from '../oci/manifest.ts';
import { configTypes, manifestTypes } from '../oci/media-types.ts';
import { featuresOf } from '../oci/platform.ts';
import { annotatedManifest, config, type Descriptor, hasNulls, index } from '../oci/schemas.ts';
import { contradicts } from '../seal/node/entries.ts';
import type { OpenImage } from '../seal/node/image.ts';
import type { WarningCollector } from './warnings.ts';

/** Depth of the members of a document that every implementation reads (LAYER-111). */
const COMMON_DEPTH = 100;

/** What a layout lists. */
export interface LayoutListing {
  readonly entries: Entries;
  /** Whether a manifest resembles that of an image, and is ignored. */
  readonly hasOtherManifest: boolean;
}

/** Reads what a layout lists for a reference. */
export async function readListing(layout: OciLayout, reference: string | undefined): Promise<LayoutListing> {
  const entries = await readEntries(layout, reference);
  const all = [
    ...entries.top,
    ...[...entries.indexes.values()].flatMap(({ document }) => document.manifests),
  ];
  const images = new Set(entries.images.map(({ descriptor }) => descriptor));
  let hasOtherManifest = false;
  for (const each of all) hasOtherManifest ||= await resemblesImage(layout, each, images.has(each));
  return { entries, hasOtherManifest };
}

/**
 * Whether an entry has the platform and the config of an image, and is ignored: because of its `artifactType`
 * (LAYER-018), or because of the media types in its manifest (LAYER-113). What cannot be read is another matter.
 */
async function resemblesImage(layout: OciLayout, entry: Descriptor, isImage: boolean): Promise<boolean> {
  if (!manifestTypes.has(entry.mediaType) || entry.platform?.os === 'unknown') return false;
  const manifest = await unlessRejected(() => readManifest(layout, entry));
  if (manifest === undefined) return false;
  return isImage ? !isImageManifest(entry, manifest) : configTypes.has(manifest.config.mediaType);
}

/** Adds the warnings about the documents of `image`, and about what the layout lists next to it. */
export async function lintDocuments(
  image: OpenImage,
  { entries, hasOtherManifest }: LayoutListing,
  warnings: WarningCollector,
): Promise<void> {
  const { layout, descriptor, parsed, configValue } = image;
  const above = indexesAbove(entries, descriptor.digest);
  const types = [...above, descriptor, parsed.config, ...parsed.layers].map(({ mediaType }) => mediaType);
  if (types.some(type => type.startsWith('application/vnd.docker.'))) warnings.add('docker-media-type');
  if (!configTypes.has(parsed.config.mediaType)) warnings.add('older-config-type');
  if (above.length > 1) warnings.add('index-nested');
  const indexes = [layout.indexText];
  for (const each of above) indexes.push(await readBlob(layout, each));
  const texts = [...indexes, image.manifest, image.config];
  if (texts.some(text => depthOf(text) > COMMON_DEPTH)) warnings.add('json-nested');
  if (
    indexes.some(text => hasNulls(index, parseJson(text, {}))) ||
    hasNulls(annotatedManifest, parseJson(image.manifest, {})) ||
    hasNulls(config, parseJson(image.config, {}))
  ) {
    warnings.add('null-member');
  }
  if (entries.images.some(each => needsFeatures(each.descriptor, descriptor))) warnings.add('os-features');
  if (hasOtherManifest) warnings.add('other-manifest');
  if (descriptor.platform !== undefined && contradicts(descriptor.platform, configValue)) {
    warnings.add('platform-wrong');
  }
}

/** How deep the objects and arrays of a JSON text are nested, counting the outermost one. */
function depthOf(text: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of Buffer.from(text)
    .toString('latin1')
    .matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[{}\]]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

/** Whether an entry needs features of the operating system, and is for the same machines as `image` otherwise. */
function needsFeatures({ platform = {} }: Descriptor, image: Descriptor): boolean {
  return (
    featuresOf(platform).length > 0 &&
    platform.os === image.platform?.os &&
    platform.architecture === image.platform?.architecture
  );
}
