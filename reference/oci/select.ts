/**
 * Which manifest of a layout is meant: by tag, by platform, or because it is the only one.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { quoted } from './json.ts';
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

/** Which image of a layout. */
export interface ImageSelection {
  /** Value of the annotation `org.opencontainers.image.ref.name` in `index.json`. Default: the only image. */
  readonly reference?: string | undefined;
  /** `os/architecture` or `os/architecture/variant`. Default: the only platform, never that of this machine. */
  readonly platform?: string | undefined;
}

/** Indexes below `index.json` (LAYER-016, LAYER-017). */
const DEPTH_LIMIT = 4;

/** What a tag is in `index.json`. */
export const refName = 'org.opencontainers.image.ref.name';

/**
 * The manifests of all platforms of the image that is meant, where the request names none of them; else the one that
 * is meant (SEAL-046).
 */
export async function selectManifests(
  layout: OciLayout,
  selection: ImageSelection,
): Promise<readonly Descriptor[]> {
  const { images } = await entriesBelow(layout, chosen(layout, selection.reference));
  const digests = new Set(images.map(({ digest }) => digest));
  if (selection.platform === undefined && digests.size > 1 && haveOneTag(layout, selection)) {
    const first = [...digests].flatMap(digest => images.find(each => each.digest === digest) ?? []);
    const found: Descriptor[] = [];
    for (const image of first) {
      const { config } = await readTyped(layout, image, manifest);
      if (configTypes.has(config.mediaType)) found.push(image);
    }
    if (found.length > 0) return found;
  }
  return [await selectManifest(layout, selection)];
}

/**
 * The digests of the images that the choice would lead to, began it at an index below `index.json` whose bytes
 * `isMeant` (VERIFY-003).
 */
export async function digestsUnder(
  layout: OciLayout,
  { reference, platform }: ImageSelection,
  isMeant: (bytes: Uint8Array) => boolean,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const { indexes } = await entriesBelow(layout, chosen(layout, reference));
  for (const each of indexes) {
    if (!isMeant(await readBlob(layout, each))) continue;
    const { images } = await entriesBelow(layout, [each]);
    for (const { digest } of await forPlatform(layout, images, platform)) found.add(digest);
  }
  return found;
}

/** Whether the entries of `index.json` that can lead to images are all under one tag, or all under none. */
function haveOneTag(layout: OciLayout, { reference }: ImageSelection): boolean {
  const leading = chosen(layout, reference).filter(
    entry => indexTypes.has(entry.mediaType) || (manifestTypes.has(entry.mediaType) && isImage(entry)),
  );
  return new Set(leading.map(({ annotations }) => annotations?.[refName])).size === 1;
}

/** The entries of `index.json` that a request is about (LAYER-014, LAYER-015). */
function chosen({ index: { manifests } }: OciLayout, reference: string | undefined): readonly Descriptor[] {
  return reference === undefined
    ? manifests
    : manifests.filter(({ annotations }) => annotations?.[refName] === reference);
}

/** The descriptor of the manifest that is meant; refused where there is none or more than one. */
export async function selectManifest(layout: OciLayout, selection: ImageSelection): Promise<Descriptor> {
  const { images } = await entriesBelow(layout, chosen(layout, selection.reference));
  const location: Location = { file: 'index.json' };
  if (images.length === 0) {
    throw new ComposefsError('IMAGE_REFERENCE', `there is no image${named(selection.reference)}`, location);
  }
  const matching = await forPlatform(layout, images, selection.platform);
  const first = matching[0];
  if (first === undefined) {
    const detail = `there is no image${named(selection.reference)} for the platform ${selection.platform}`;
    throw new ComposefsError('IMAGE_PLATFORM', detail, location);
  }
  // LAYER-020: one manifest may be listed more than once.
  const digests = new Set(matching.map(({ digest }) => digest));
  if (digests.size > 1) {
    const detail = `there are ${digests.size} images${named(selection.reference)}: ${choice(images)}`;
    throw new ComposefsError('IMAGE_AMBIGUOUS', detail, location);
  }
  return first;
}

function named(reference: string | undefined): string {
  return reference === undefined ? '' : ` with the tag ${quoted(reference)}`;
}

/** What a person could ask for instead. */
function choice(images: readonly Descriptor[]): string {
  const names = images.map(({ annotations, platform }) => {
    const tag = annotations?.[refName];
    const parts = [
      ...(tag === undefined ? [] : [`tag ${quoted(tag)}`]),
      ...(platform === undefined ? [] : [`platform ${platformText(platform)}`]),
    ];
    return parts.length === 0 ? 'one without tag and platform' : parts.join(' ');
  });
  const shown = [...new Set(names)];
  return shown.length > 8 ? `${shown.slice(0, 8).join(', ')}, …` : shown.join(', ');
}

/** Those of `images` that are for `platform` (LAYER-019). */
async function forPlatform(
  layout: OciLayout,
  images: readonly Descriptor[],
  platform: string | undefined,
): Promise<readonly Descriptor[]> {
  if (platform === undefined) return images;
  const wanted = parsePlatform(platform);
  const matching: Descriptor[] = [];
  for (const image of images) if (matches(await platformOf(layout, image), wanted)) matching.push(image);
  return matching;
}

/** Every image that `entries` list, themselves or through further indexes, in order; and these indexes. */
async function entriesBelow(
  layout: OciLayout,
  entries: readonly Descriptor[],
): Promise<{ images: readonly Descriptor[]; indexes: readonly Descriptor[] }> {
  const images: Descriptor[] = [];
  const indexes: Descriptor[] = [];
  const seen = new Set<string>();
  const walk = async ({ manifests }: Pick<ImageIndex, 'manifests'>, depth: number): Promise<void> => {
    for (const descriptor of manifests) {
      if (manifestTypes.has(descriptor.mediaType) && isImage(descriptor)) images.push(descriptor);
      if (!indexTypes.has(descriptor.mediaType) || seen.has(descriptor.digest)) continue;
      // Each index is read once: hostile ones could list each other over and over, level by level.
      seen.add(descriptor.digest);
      indexes.push(descriptor);
      if (depth === DEPTH_LIMIT) {
        throw new ComposefsError('IMAGE_LIMIT', `indexes are nested more than ${DEPTH_LIMIT} deep`, {
          file: 'index.json',
        });
      }
      await walk(await readTyped(layout, descriptor, index), depth + 1);
    }
  };
  await walk({ manifests: entries }, 0);
  return { images, indexes };
}

/** Signatures, attestations and other artifacts are listed beside images (LAYER-018). */
export function isImage({ platform, artifactType }: Descriptor): boolean {
  return platform?.os !== 'unknown' && (artifactType === undefined || configTypes.has(artifactType));
}

/** An index or manifest blob, which must call itself what its descriptor calls it, or nothing (LAYER-006). */
export async function readTyped<T extends ImageIndex | ImageManifest>(
  layout: OciLayout,
  descriptor: Descriptor,
  schema: Schema<T>,
): Promise<T> {
  const document = await readDocument(layout, descriptor, schema);
  if (document.mediaType !== undefined && document.mediaType !== descriptor.mediaType) {
    throw new ComposefsError(
      'IMAGE_SCHEMA',
      `mediaType is ${quoted(document.mediaType)}, its descriptor says ${descriptor.mediaType}`,
      { file: `blobs/${descriptor.digest.replace(':', '/')}` },
    );
  }
  return document;
}

/** What the index says, or the config where the index says nothing (LAYER-019). */
async function platformOf(layout: OciLayout, image: Descriptor): Promise<Platform> {
  if (image.platform !== undefined) return image.platform;
  const document = await readTyped(layout, image, manifest);
  return configTypes.has(document.config.mediaType) ? readDocument(layout, document.config, config) : {};
}

function matches(platform: Platform, wanted: Platform): boolean {
  return (
    platform.os === wanted.os &&
    platform.architecture === wanted.architecture &&
    (wanted.variant === undefined || platform.variant === wanted.variant)
  );
}

function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split('/');
  if (!os || !architecture || variant === '' || rest.length > 0) {
    throw new ComposefsError(
      'REQUEST_PLATFORM',
      `${quoted(text)} is not os/architecture or os/architecture/variant`,
    );
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** A platform as a request writes it. */
export function platformText({ os = '?', architecture = '?', variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}
