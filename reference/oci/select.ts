/**
 * Selection of an image in a layout (spec/layers.md, "Image selection").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { blobLocation } from './blob.ts';
import { quoted, shown } from './json.ts';
import { type OciLayout, readBlob, readDocument } from './layout.ts';
import { configTypes, indexTypes, manifestTypes } from './media-types.ts';
import {
  config,
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  index,
  manifest,
  type Platform,
  type Schema,
} from './schemas.ts';

/** Selects an image of a layout. */
export interface ImageSelection {
  /** Value of the annotation `org.opencontainers.image.ref.name` in `index.json`. Default: the only image. */
  readonly reference?: string | undefined;
  /** `os/architecture` or `os/architecture/variant`. Default: the only platform; that of the machine plays no part. */
  readonly platform?: string | undefined;
}

/** How many indexes can be nested below `index.json` (LAYER-016, LAYER-017). */
const DEPTH_LIMIT = 4;

/** The annotation that holds a tag in `index.json`. */
export const refName = 'org.opencontainers.image.ref.name';

/**
 * The manifests of all platforms of the selected image, if the request names no platform; otherwise the selected
 * manifest (SEAL-046).
 */
export async function selectManifests(
  layout: OciLayout,
  selection: ImageSelection,
): Promise<readonly Descriptor[]> {
  const { images } = await entriesBelow(layout, consideredEntries(layout, selection.reference));
  // LAYER-020: of several entries for one manifest, the first one.
  const first = new Map<string, Descriptor>();
  for (const image of images) if (!first.has(image.digest)) first.set(image.digest, image);
  if (selection.platform === undefined && first.size > 1 && haveOneTag(layout, selection)) {
    const found: Descriptor[] = [];
    for (const image of first.values()) {
      const { config } = await readTyped(layout, image, manifest);
      if (configTypes.has(config.mediaType)) found.push(image);
    }
    if (found.length > 0) return found;
  }
  return [await selectManifest(layout, selection)];
}

/** The entries of the images that a selection considers: those of its reference and its platform. */
export async function selectedEntries(
  layout: OciLayout,
  { reference, platform }: ImageSelection,
): Promise<readonly Descriptor[]> {
  const { images } = await entriesBelow(layout, consideredEntries(layout, reference));
  return forPlatform(layout, images, platform);
}

/**
 * The entries of the images that the selection would consider if it started at those indexes below `index.json`
 * whose bytes satisfy `isPinned` (VERIFY-003).
 */
export async function entriesUnder(
  layout: OciLayout,
  { reference, platform }: ImageSelection,
  isPinned: (bytes: Uint8Array) => boolean,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  const { indexes } = await entriesBelow(layout, consideredEntries(layout, reference));
  for (const each of indexes) {
    if (!isPinned(await readBlob(layout, each))) continue;
    const { images } = await entriesBelow(layout, [each]);
    for (const image of await forPlatform(layout, images, platform)) found.push(image);
  }
  return found;
}

/** Whether the entries of `index.json` that can lead to images all have the same tag, or none of them has a tag. */
function haveOneTag(layout: OciLayout, { reference }: ImageSelection): boolean {
  const leading = consideredEntries(layout, reference).filter(
    entry => indexTypes.has(entry.mediaType) || (manifestTypes.has(entry.mediaType) && isImage(entry)),
  );
  return new Set(leading.map(({ annotations }) => annotations?.[refName])).size === 1;
}

/** The entries of `index.json` that a request considers (LAYER-014, LAYER-015). */
function consideredEntries(
  { index: { manifests } }: OciLayout,
  reference: string | undefined,
): readonly Descriptor[] {
  return reference === undefined
    ? manifests
    : manifests.filter(({ annotations }) => annotations?.[refName] === reference);
}

/** The descriptor of the selected manifest, or a rejection if there is none or more than one. */
export async function selectManifest(layout: OciLayout, selection: ImageSelection): Promise<Descriptor> {
  const { images } = await entriesBelow(layout, consideredEntries(layout, selection.reference));
  const location: Location = { file: 'index.json' };
  if (images.length === 0) {
    const detail = `the layout has no image${withTag(selection.reference)}`;
    throw new ComposefsError('IMAGE_REFERENCE', detail, location);
  }
  const matching = await forPlatform(layout, images, selection.platform);
  const first = matching[0];
  if (first === undefined) {
    const detail = `the layout has no image${withTag(selection.reference)} for the platform ${shown(selection.platform ?? '')}`;
    throw new ComposefsError('IMAGE_PLATFORM', detail, location);
  }
  // LAYER-020: one manifest may be listed more than once.
  const digests = new Set(matching.map(({ digest }) => digest));
  if (digests.size > 1) {
    const detail = `the layout has ${digests.size} images${withTag(selection.reference)}, select one of them: ${listChoices(images)}`;
    throw new ComposefsError('IMAGE_AMBIGUOUS', detail, location);
  }
  return first;
}

function withTag(reference: string | undefined): string {
  return reference === undefined ? '' : ` with the tag ${quoted(reference)}`;
}

/** The tags and platforms that select one of `images`. */
function listChoices(images: readonly Descriptor[]): string {
  const names = images.map(({ annotations, platform }) => {
    const tag = annotations?.[refName];
    const parts = [
      ...(tag === undefined ? [] : [`tag ${quoted(tag)}`]),
      ...(platform === undefined ? [] : [`platform ${platformText(platform)}`]),
    ];
    return parts.length === 0 ? 'one without a tag or platform' : parts.join(' ');
  });
  const shown = [...new Set(names)];
  return shown.length > 8 ? `${shown.slice(0, 8).join(', ')}, …` : shown.join(', ');
}

/** The members of `images` that are for `platform` (LAYER-019). */
async function forPlatform(
  layout: OciLayout,
  images: readonly Descriptor[],
  platform: string | undefined,
): Promise<readonly Descriptor[]> {
  if (platform === undefined) return images;
  const requested = parsePlatform(platform);
  const matching: Descriptor[] = [];
  for (const image of images) if (matches(await platformOf(layout, image), requested)) matching.push(image);
  return matching;
}

/** Every image that `entries` list, directly or through further indexes, in order; and these indexes. */
async function entriesBelow(
  layout: OciLayout,
  entries: readonly Descriptor[],
): Promise<{ images: readonly Descriptor[]; indexes: readonly Descriptor[] }> {
  const images: Descriptor[] = [];
  const indexes: Descriptor[] = [];
  const seen = new Set<string>();
  const visit = async ({ manifests }: Pick<ImageIndex, 'manifests'>, depth: number): Promise<void> => {
    for (const descriptor of manifests) {
      if (manifestTypes.has(descriptor.mediaType) && isImage(descriptor)) images.push(descriptor);
      if (!indexTypes.has(descriptor.mediaType) || seen.has(descriptor.digest)) continue;
      // Each index is read once: in a hostile layout, indexes could list the same indexes again on every level.
      seen.add(descriptor.digest);
      indexes.push(descriptor);
      if (depth === DEPTH_LIMIT) {
        throw new ComposefsError('IMAGE_LIMIT', `indexes are nested more than ${DEPTH_LIMIT} levels deep`, {
          file: 'index.json',
        });
      }
      await visit(await readTyped(layout, descriptor, index), depth + 1);
    }
  };
  await visit({ manifests: entries }, 0);
  return { images, indexes };
}

/** Whether a manifest is that of an image: signatures, attestations and other artifacts are not (LAYER-018). */
export function isImage({ platform, artifactType }: Descriptor): boolean {
  return platform?.os !== 'unknown' && (artifactType === undefined || configTypes.has(artifactType));
}

/** Reads an index or manifest; its `mediaType`, if it has one, must equal that of its descriptor (LAYER-006). */
export async function readTyped<T extends ImageIndex | ImageManifest>(
  layout: OciLayout,
  descriptor: Descriptor,
  schema: Schema<T>,
): Promise<T> {
  const document = await readDocument(layout, descriptor, schema);
  if (document.mediaType !== undefined && document.mediaType !== descriptor.mediaType) {
    throw new ComposefsError(
      'IMAGE_SCHEMA',
      `mediaType is ${quoted(document.mediaType)}, but its descriptor says ${descriptor.mediaType}`,
      blobLocation(descriptor),
    );
  }
  return document;
}

/** The platform in the index or, if it has none, in the config (LAYER-019). */
async function platformOf(layout: OciLayout, image: Descriptor): Promise<Platform> {
  if (image.platform !== undefined) return image.platform;
  const document = await readTyped(layout, image, manifest);
  return configTypes.has(document.config.mediaType) ? readDocument(layout, document.config, config) : {};
}

function matches(platform: Platform, requested: Platform): boolean {
  return (
    platform.os === requested.os &&
    platform.architecture === requested.architecture &&
    (requested.variant === undefined || platform.variant === requested.variant)
  );
}

function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split('/');
  if (!os || !architecture || variant === '' || rest.length > 0) {
    throw new ComposefsError(
      'REQUEST_PLATFORM',
      `${quoted(text)} is not written as os/architecture or os/architecture/variant`,
    );
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** A platform in the form of a request, for messages and results. */
export function platformText({ os = '?', architecture = '?', variant }: Platform): string {
  return shown([os, architecture, ...(variant === undefined ? [] : [variant])].join('/'));
}
