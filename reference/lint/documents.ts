/**
 * Warnings about the documents of an image, and about what a layout lists next to it.
 * @module
 */

import { type Entries, readEntries, unlessRejected } from '../oci/entries.ts';
import { parseJson } from '../oci/json.ts';
import { type OciLayout, readBlob } from '../oci/layout.ts';
import { isImageManifest, readManifest } from '../oci/manifest.ts';
import { configTypes, indexTypes, manifestTypes } from '../oci/media-types.ts';
import { featuresOf } from '../oci/platform.ts';
import { annotatedManifest, config, type Descriptor, hasNulls, index, type Schema } from '../oci/schemas.ts';
import { contradicts } from '../seal/node/entries.ts';
import type { OpenImage } from '../seal/node/image.ts';
import type { WarningCollector } from './warnings.ts';

/** Depth of the members of a document that every implementation reads (LAYER-111). */
const COMMON_DEPTH = 100;

/** What the warnings need to know about the text of a document. */
interface TextFacts {
  readonly isDeep: boolean;
  readonly hasNulls: boolean;
}

/** What a layout lists. */
export interface LayoutListing {
  /** For each digest, the indexes that lead to the first entry that has it, the outermost first. */
  readonly above: ReadonlyMap<string, readonly Descriptor[]>;
  readonly indexJson: TextFacts;
  /** Each index below `index.json`, by its digest. */
  readonly indexes: ReadonlyMap<string, TextFacts>;
  /** The machines for which an image needs features of the operating system. */
  readonly machinesWithFeatures: ReadonlySet<string>;
  /** Whether a manifest resembles that of an image, and is ignored. */
  readonly hasOtherManifest: boolean;
}

/** Reads what a layout lists for a reference: each index once, however many images it lists. */
export async function readListing(layout: OciLayout, reference: string | undefined): Promise<LayoutListing> {
  const entries = await readEntries(layout, reference);
  const indexes = new Map<string, TextFacts>();
  for (const [digest, { descriptor }] of entries.indexes) {
    indexes.set(digest, textFacts(await readBlob(layout, descriptor), index));
  }
  const withFeatures = entries.images.filter(
    ({ descriptor: { platform = {} } }) => featuresOf(platform).length > 0,
  );
  return {
    above: indexesAbove(entries),
    indexJson: textFacts(layout.indexText, index),
    indexes,
    machinesWithFeatures: new Set(withFeatures.map(({ descriptor }) => machineOf(descriptor))),
    hasOtherManifest: await listsOtherManifest(layout, entries),
  };
}

async function listsOtherManifest(
  layout: OciLayout,
  { top, images: imageEntries, indexes }: Entries,
): Promise<boolean> {
  const all = [...top, ...[...indexes.values()].flatMap(({ document }) => document.manifests)];
  const images = new Set(imageEntries.map(({ descriptor }) => descriptor));
  const seen = new Set<string>();
  for (const each of all) {
    const isImage = images.has(each);
    // In a hostile index, many entries could name one large manifest, which is read once.
    const key = JSON.stringify([each.digest, each.mediaType, each.size, isImage]);
    if (seen.has(key)) continue;
    if (await resemblesImage(layout, each, isImage)) return true;
    seen.add(key);
  }
  return false;
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
export function lintDocuments(image: OpenImage, listing: LayoutListing, warnings: WarningCollector): void {
  const { descriptor, parsed, configValue } = image;
  const above = listing.above.get(descriptor.digest) ?? [];
  const types = [...above, descriptor, parsed.config, ...parsed.layers].map(({ mediaType }) => mediaType);
  if (types.some(type => type.startsWith('application/vnd.docker.'))) warnings.add('docker-media-type');
  if (!configTypes.has(parsed.config.mediaType)) warnings.add('older-config-type');
  if (above.length > 1) warnings.add('index-nested');
  const documents = [
    listing.indexJson,
    ...above.map(({ digest }) => listing.indexes.get(digest)),
    textFacts(image.manifest, annotatedManifest),
    textFacts(image.config, config),
  ];
  if (documents.some(each => each?.isDeep)) warnings.add('json-nested');
  if (documents.some(each => each?.hasNulls)) warnings.add('null-member');
  if (listing.machinesWithFeatures.has(machineOf(descriptor))) warnings.add('os-features');
  if (listing.hasOtherManifest) warnings.add('other-manifest');
  if (descriptor.platform !== undefined && contradicts(descriptor.platform, configValue)) {
    warnings.add('platform-wrong');
  }
}

function textFacts(text: Uint8Array, schema: Schema<unknown>): TextFacts {
  return { isDeep: depthOf(text) > COMMON_DEPTH, hasNulls: hasNulls(schema, parseJson(text, {})) };
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

/** The machines that an entry is for, apart from the variant and the features that they need. */
function machineOf({ platform = {} }: Descriptor): string {
  return JSON.stringify([platform.os ?? null, platform.architecture ?? null]);
}

/** For each digest, the indexes that lead to the first entry that has it, the outermost first. */
function indexesAbove({ top, indexes }: Entries): ReadonlyMap<string, readonly Descriptor[]> {
  const above = new Map<string, readonly Descriptor[]>();
  const visited = new Set<string>();
  const visit = (list: readonly Descriptor[], chain: readonly Descriptor[]): void => {
    for (const each of list) {
      const { digest, mediaType } = each;
      if (!above.has(digest)) above.set(digest, chain);
      if (!indexTypes.has(mediaType) || visited.has(digest)) continue;
      visited.add(digest);
      visit(indexes.get(digest)?.document.manifests ?? [], [...chain, each]);
    }
  };
  visit(top, []);
  return above;
}
