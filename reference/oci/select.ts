/**
 * Selection of images in a layout (spec/layers.md, "Image selection").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import {
  DigestFinder,
  descriptorKey,
  type Entries,
  entriesLeadingTo,
  type ImageEntry,
  readEntries,
  tagOf,
  unlessRejected,
} from './entries.ts';
import { quoted, shown } from './json.ts';
import { type OciLayout, readDocument } from './layout.ts';
import { isImageManifest, readManifest } from './manifest.ts';
import { isConfigType } from './media-types.ts';
import { featuresOf, matches, parsePlatform, platformKey, platformText } from './platform.ts';
import { config, type Descriptor, type Platform } from './schemas.ts';

/** Selects an image of a layout. */
export interface ImageSelection {
  /** Value of the annotation `org.opencontainers.image.ref.name` in `index.json`. Default: the only image. */
  readonly reference?: string | undefined;
  /** `os/architecture` or `os/architecture/variant`. Default: the only platform; that of the machine plays no part. */
  readonly platform?: string | undefined;
  /** OCI digest of the manifest, or of an index that leads to it. Default: any. */
  readonly manifestDigest?: string | undefined;
}

/** An entry that remains for a request. */
interface Candidate extends ImageEntry {
  /** Whether an index with the digest of the request leads to it. */
  readonly pinned: boolean;
}

/** What a request selects in a layout. */
export interface SelectedImages {
  readonly entries: Entries;
  /** The entries that remain for the request. */
  readonly candidates: readonly Candidate[];
  /** The first of several entries for one manifest (LAYER-020). */
  readonly images: readonly Candidate[];
}

const location: Location = { file: 'index.json' };

/** The descriptor of the selected manifest, or a rejection if there is none or more than one. */
export async function selectManifest(layout: OciLayout, selection: ImageSelection): Promise<Descriptor> {
  return onlyManifest(await selectImages(layout, selection), selection);
}

/** The descriptor of the only selected manifest. */
export function onlyManifest({ images }: SelectedImages, selection: ImageSelection): Descriptor {
  return only(images, selection).descriptor;
}

/**
 * The manifests of all platforms of the selected image, if the request names no platform; otherwise the selected
 * manifest (SEAL-046).
 */
export async function manifestsOfPlatforms(
  layout: OciLayout,
  selected: SelectedImages,
  selection: ImageSelection,
): Promise<readonly Descriptor[]> {
  const { candidates, images } = selected;
  const together =
    selection.platform === undefined &&
    images.length > 1 &&
    // A digest names the images as a tag does.
    (selection.manifestDigest !== undefined || new Set(selectedEntries(selected).map(tagOf)).size === 1) &&
    (await platformsDiffer(layout, candidates));
  return together ? images.map(({ descriptor }) => descriptor) : [only(images, selection).descriptor];
}

/** The entries of `index.json` that are, or lead to, entries that remain (SEAL-022). */
export function selectedEntries({ entries, candidates }: SelectedImages): readonly Descriptor[] {
  return entriesLeadingTo(entries, new Set(candidates.map(({ descriptor }) => descriptor)));
}

/**
 * The entries for the reference, the digest and the platform of a request that are those of images. What `lacksDigest` returns is
 * thrown if the layout has images for the reference, but none of them has the digest that the request names.
 */
export async function selectImages(
  layout: OciLayout,
  selection: ImageSelection,
  lacksDigest = () => withoutImage(selection),
): Promise<SelectedImages> {
  const entries = await readEntries(layout, selection.reference);
  const found = await withDigest(layout, entries, selection);
  if (found.length === 0) throw entries.images.length === 0 ? withoutImage(selection) : lacksDigest();
  const candidates = await withPlatform(layout, found, selection);
  if (candidates.length === 0) {
    const detail =
      selection.platform === undefined
        ? `every image${named(selection)} needs features of the operating system`
        : `the layout has no image${named(selection)} for the platform ${shown(selection.platform)}`;
    throw rejection('IMAGE_PLATFORM', `${detail}: ${listChoices(found)}`);
  }
  return withoutOthers(layout, { entries, candidates, images: distinct(candidates) }, selection);
}

/** The entries of images that have, or lead below an index that has, the digest of the request (LAYER-115). */
async function withDigest(
  layout: OciLayout,
  entries: Entries,
  { manifestDigest }: ImageSelection,
): Promise<readonly Candidate[]> {
  if (manifestDigest === undefined) return entries.images.map(each => ({ ...each, pinned: false }));
  const finder = new DigestFinder(layout, manifestDigest);
  const below = await finder.below(entries);
  const found: Candidate[] = [];
  for (const each of entries.images) {
    const pinned = below.has(each.descriptor);
    if (pinned || (await finder.matches(each.descriptor))) found.push({ ...each, pinned });
  }
  return found;
}

/** The candidates for the platform of the request (LAYER-019), or those that need no features (LAYER-116). */
async function withPlatform(
  layout: OciLayout,
  candidates: readonly Candidate[],
  { platform, manifestDigest }: ImageSelection,
): Promise<readonly Candidate[]> {
  if (platform === undefined) {
    // The digest of a manifest names it, whatever it needs.
    return candidates.filter(
      ({ descriptor, pinned }) =>
        (manifestDigest !== undefined && !pinned) || featuresOf(descriptor.platform ?? {}).length === 0,
    );
  }
  const requested = parsePlatform(platform);
  const platforms = new PlatformReader(layout);
  const matching: Candidate[] = [];
  for (const each of candidates) {
    if (matches(await platforms.read(each.descriptor), requested)) matching.push(each);
  }
  return matching;
}

/** Of several manifests, those that are manifests of images; a manifest that cannot be read remains (LAYER-113). */
async function withoutOthers(
  layout: OciLayout,
  all: SelectedImages,
  selection: ImageSelection,
): Promise<SelectedImages> {
  if (all.images.length === 1) return all;
  const others = new Set<string>();
  for (const { descriptor } of all.images) {
    const manifest = await unlessRejected(() => readManifest(layout, descriptor));
    if (manifest !== undefined && !isImageManifest(descriptor, manifest)) others.add(descriptor.digest);
  }
  const isLeft = ({ descriptor }: Candidate) => !others.has(descriptor.digest);
  const images = all.images.filter(isLeft);
  if (images.length === 0) throw ambiguous(all.images, selection);
  return { ...all, candidates: all.candidates.filter(isLeft), images };
}

function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const first = new Map<string, Candidate>();
  for (const each of candidates)
    if (!first.has(each.descriptor.digest)) first.set(each.descriptor.digest, each);
  return [...first.values()];
}

/** Whether no two manifests are listed for one platform (SEAL-046). */
async function platformsDiffer(layout: OciLayout, candidates: readonly Candidate[]): Promise<boolean> {
  const platforms = new PlatformReader(layout);
  const digests = new Map<string, string>();
  for (const { descriptor } of candidates) {
    const key = platformKey(await platforms.read(descriptor));
    const other = digests.get(key) ?? descriptor.digest;
    if (other !== descriptor.digest) return false;
    digests.set(key, other);
  }
  return true;
}

/** Reads the platforms of entries. */
class PlatformReader {
  readonly #layout: OciLayout;
  readonly #known = new Map<string, Platform>();

  constructor(layout: OciLayout) {
    this.#layout = layout;
  }

  /** The platform in the entry or, if it has none, in the config (LAYER-019). */
  async read(image: Descriptor): Promise<Platform> {
    if (image.platform !== undefined) return image.platform;
    // In a hostile index, many entries without a platform could name one large manifest, which is read once.
    const key = descriptorKey(image);
    const platform = this.#known.get(key) ?? (await this.#readConfig(image));
    this.#known.set(key, platform);
    return platform;
  }

  async #readConfig(image: Descriptor): Promise<Platform> {
    const { config: descriptor } = await readManifest(this.#layout, image);
    return isConfigType(image.mediaType, descriptor.mediaType)
      ? readDocument(this.#layout, descriptor, config)
      : {};
  }
}

/** The only image, or a rejection if there are several (LAYER-020). */
function only(images: readonly Candidate[], selection: ImageSelection): Candidate {
  const [first, ...others] = images;
  if (first === undefined || others.length > 0) throw ambiguous(images, selection);
  return first;
}

function withoutImage(selection: ImageSelection): ComposefsError {
  return rejection('IMAGE_REFERENCE', `the layout has no image${named(selection)}`);
}

function ambiguous(images: readonly Candidate[], selection: ImageSelection): ComposefsError {
  const detail = `the layout has ${images.length} images${named(selection)}, select one of them: ${listChoices(images)}`;
  return rejection('IMAGE_AMBIGUOUS', detail);
}

function rejection(code: 'IMAGE_REFERENCE' | 'IMAGE_PLATFORM' | 'IMAGE_AMBIGUOUS', detail: string) {
  return new ComposefsError(code, detail, location);
}

/** The reference and the digest of a request, for a message. */
function named({ reference, manifestDigest }: ImageSelection): string {
  const tag = reference === undefined ? '' : ` with the tag ${quoted(reference)}`;
  return manifestDigest === undefined ? tag : `${tag} with the digest ${shown(manifestDigest)}`;
}

/** How many images a message lists. */
const SHOWN_MAX = 8;

/** The digests, tags and platforms that select one of `images`. */
function listChoices(images: readonly Candidate[]): string {
  const choices = distinct(images)
    .slice(0, SHOWN_MAX)
    .map(({ descriptor: { digest, platform }, tag }) => {
      const names = [
        ...(tag === undefined ? [] : [`tag ${quoted(tag)}`]),
        ...(platform === undefined ? [] : [`platform ${platformText(platform)}`]),
      ];
      return `${shown(digest)} (${names.length === 0 ? 'without a tag or platform' : names.join(', ')})`;
    });
  return [...choices, ...(images.length > SHOWN_MAX ? ['…'] : [])].join(', ');
}
