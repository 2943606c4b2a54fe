/**
 * The entries of a layout: `index.json` and the indexes below it (spec/layers.md, "Image selection").
 * @module
 */

import { hex } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { type OciDigest, parseOciDigest } from './digest.ts';
import { type OciLayout, readBlob } from './layout.ts';
import { readTyped } from './manifest.ts';
import { configTypes, indexTypes, manifestTypes } from './media-types.ts';
import { type Descriptor, type ImageIndex, index } from './schemas.ts';

/** How many indexes can be nested below `index.json` (LAYER-016, LAYER-017). */
const DEPTH_LIMIT = 4;

/** The annotation that holds a tag in `index.json`. */
export const refName = 'org.opencontainers.image.ref.name';

/** The entry of an image, and the tag of the entry of `index.json` through which it was found first. */
export interface ImageEntry {
  readonly descriptor: Descriptor;
  readonly tag: string | undefined;
}

/** The entries of `index.json` that a request considers, and what they lead to. */
export interface Entries {
  readonly top: readonly Descriptor[];
  /** The entries of images, in the order in which they are listed. */
  readonly images: readonly ImageEntry[];
  /** Each index below `index.json`, by its digest. */
  readonly indexes: ReadonlyMap<string, { readonly descriptor: Descriptor; readonly document: ImageIndex }>;
}

/** The entries that a request for `reference` considers (LAYER-014, LAYER-015, LAYER-016). */
export async function readEntries(layout: OciLayout, reference: string | undefined): Promise<Entries> {
  const all = layout.index.manifests;
  const top = reference === undefined ? all : all.filter(each => tagOf(each) === reference);
  const images = new Map<Descriptor, string | undefined>();
  const indexes = new Map<string, { descriptor: Descriptor; document: ImageIndex }>();
  const visited = new Set<string>();
  const visit = async (descriptor: Descriptor, tag: string | undefined, depth: number): Promise<void> => {
    if (isImage(descriptor) && !images.has(descriptor)) images.set(descriptor, tag);
    if (!indexTypes.has(descriptor.mediaType)) return;
    // In a hostile layout, indexes could list the same indexes again on every level, so equal descriptors are visited
    // once for each depth. Others count on their own (LAYER-016): one of two sizes of an index is wrong.
    const place = `${depth} ${descriptorKey(descriptor)}`;
    if (visited.has(place)) return;
    visited.add(place);
    if (depth === DEPTH_LIMIT) {
      throw new ComposefsError('IMAGE_LIMIT', `indexes are nested more than ${DEPTH_LIMIT} levels deep`, {
        file: 'index.json',
      });
    }
    const document = await readTyped(layout, descriptor, index);
    // Entries are told apart by identity, so one document gives those of an index.
    const first = indexes.get(descriptor.digest) ?? { descriptor, document };
    indexes.set(descriptor.digest, first);
    for (const each of first.document.manifests) await visit(each, tag, depth + 1);
  };
  for (const each of top) await visit(each, tagOf(each), 0);
  return { top, images: [...images].map(([descriptor, tag]) => ({ descriptor, tag })), indexes };
}

/** The same for descriptors for which a read has the same result. */
export function descriptorKey({ digest, mediaType, size }: Descriptor): string {
  return JSON.stringify([digest, mediaType, size]);
}

/** Whether an entry is that of an image: signatures, attestations and other artifacts are not (LAYER-018). */
export function isImage({ mediaType, platform, artifactType }: Descriptor): boolean {
  return (
    manifestTypes.has(mediaType) &&
    platform?.os !== 'unknown' &&
    (artifactType === undefined || configTypes.has(artifactType))
  );
}

/** The tag of an entry of `index.json`. */
export function tagOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[refName];
}

/** The entries of `index.json` that are in `images`, or lead to an entry in it. */
export function entriesLeadingTo(
  { top, indexes }: Entries,
  images: ReadonlySet<Descriptor>,
): readonly Descriptor[] {
  const known = new Map<string, boolean>();
  const leads = (descriptor: Descriptor): boolean => {
    if (images.has(descriptor)) return true;
    const { digest } = descriptor;
    const below = indexTypes.has(descriptor.mediaType) ? indexes.get(digest) : undefined;
    if (below === undefined) return false;
    const before = known.get(digest);
    if (before !== undefined) return before;
    known.set(digest, false);
    known.set(digest, below.document.manifests.some(leads));
    return known.get(digest) === true;
  };
  return top.filter(leads);
}

/** Finds what has a digest that a request names. */
export class DigestFinder {
  readonly #layout: OciLayout;
  readonly #expected: OciDigest;
  /** By {@link descriptorKey}: the blob of one entry is rejected for its size, and that of another one is not. */
  readonly #known = new Map<string, boolean>();

  constructor(layout: OciLayout, manifestDigest: string) {
    this.#layout = layout;
    this.#expected = parseOciDigest(manifestDigest, {});
  }

  /** Whether the blob of `descriptor` has the digest. A blob that cannot be read has none (LAYER-115). */
  async matches(descriptor: Descriptor): Promise<boolean> {
    const { hash, hex: expected } = this.#expected;
    const { digest } = descriptor;
    if (digest === `${hash}:${expected}`) return true;
    // A blob whose digest has the same hash function has only that digest.
    if (digest.startsWith(`${hash}:`)) return false;
    const key = descriptorKey(descriptor);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = (await this.#hash(descriptor)) === expected;
    this.#known.set(key, found);
    return found;
  }

  async #hash(descriptor: Descriptor): Promise<string | undefined> {
    const bytes = await unlessRejected(() => readBlob(this.#layout, descriptor));
    if (bytes === undefined) return undefined;
    const hasher = this.#layout.sha2.create(this.#expected.hash);
    hasher.update(bytes);
    return hex(hasher.digest());
  }

  /** The entries of images below the indexes that have the digest. */
  async below({ indexes }: Entries): Promise<ReadonlySet<Descriptor>> {
    const found = new Set<Descriptor>();
    const visited = new Set<string>();
    const visit = (digest: string): void => {
      if (visited.has(digest)) return;
      visited.add(digest);
      for (const each of indexes.get(digest)?.document.manifests ?? []) {
        if (isImage(each)) found.add(each);
        else if (indexTypes.has(each.mediaType)) visit(each.digest);
      }
    };
    for (const [digest, { descriptor }] of indexes) if (await this.matches(descriptor)) visit(digest);
    return found;
  }
}

/** The result of `read`, or undefined if it rejects its input. */
export async function unlessRejected<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ComposefsError) return undefined;
    throw error;
  }
}
