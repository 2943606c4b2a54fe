/**
 * Rewrites the indexes that lead to sealed manifests (SEAL-017 to SEAL-024).
 * @module
 */

import { ComposefsError, type Location } from '../../errors.ts';
import type { Sha2 } from '../../hash/sha2.ts';
import { blobLocation } from '../../oci/blob.ts';
import { parseOciDigest } from '../../oci/digest.ts';
import { isImage, refName, tagOf } from '../../oci/entries.ts';
import { parseJson, quoted } from '../../oci/json.ts';
import { JSON_LIMIT, type OciLayout, readBlob } from '../../oci/layout.ts';
import { indexTypes } from '../../oci/media-types.ts';
import { type Descriptor, type ImageIndex, index, validated } from '../../oci/schemas.ts';
import type { ImageSelection } from '../../oci/select.ts';
import { convertMediaType, setAnnotations, setDescriptor } from '../edit.ts';
import { type JsonPath, JsonText } from '../json-text.ts';

/** Which entries are changed, and how. */
interface RewriteOptions extends Pick<ImageSelection, 'reference'> {
  /** The entries of `index.json` that are selected. */
  readonly selected: readonly Descriptor[];
  readonly tag?: string | undefined;
  readonly convert?: boolean | undefined;
}

/** The OCI digest of `bytes`, with the hash function of the OCI digest `like`. */
export function ociDigest(bytes: Uint8Array, like: string, sha2: Sha2): string {
  const hash = like.startsWith('sha512:') ? 'sha512' : 'sha256';
  const hasher = sha2.create(hash);
  hasher.update(bytes);
  return `${hash}:${Buffer.from(hasher.digest()).toString('hex')}`;
}

/** The digest of a document before and after sealing. */
export interface DigestChange {
  readonly before: string;
  readonly after: string;
}

/**
 * Replaces manifests in a layout: `manifests` maps the digests of the former manifests to the new ones. Returns the
 * new `index.json`, the new blobs, and which indexes changed.
 */
export async function rewriteIndexes(
  layout: OciLayout,
  manifests: ReadonlyMap<string, Uint8Array>,
  options: RewriteOptions,
): Promise<{ index: Uint8Array; blobs: Map<string, Uint8Array>; changed: DigestChange[] }> {
  const rewriter = new IndexRewriter(layout, manifests, options.convert ?? false);
  return { index: await rewriter.top(options), blobs: rewriter.blobs, changed: rewriter.changed };
}

/** The bytes of a document, or a rejection with IMAGE_LIMIT if it is too long to be read (SEAL-047). */
export function documentBytes(text: string, location: Location): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.length > JSON_LIMIT) {
    const detail = `the sealed document has ${bytes.length} bytes, more than the limit of ${JSON_LIMIT}`;
    throw new ComposefsError('IMAGE_LIMIT', detail, location);
  }
  return bytes;
}

/** The document that an entry leads to after sealing, or undefined if the entry does not lead to the image. */
type NewTarget = Uint8Array | undefined;

class IndexRewriter {
  readonly blobs = new Map<string, Uint8Array>();
  /** Indexes below `index.json`, the innermost ones first. */
  readonly changed: DigestChange[] = [];
  readonly #layout: OciLayout;
  readonly #manifests: ReadonlyMap<string, Uint8Array>;
  readonly #convert: boolean;
  readonly #nested = new Map<string, NewTarget>();

  constructor(layout: OciLayout, manifests: ReadonlyMap<string, Uint8Array>, convert: boolean) {
    this.#layout = layout;
    this.#manifests = manifests;
    this.#convert = convert;
  }

  /** The new `index.json`. */
  async top({ reference, selected, tag }: RewriteOptions): Promise<Uint8Array> {
    const json = new JsonText(this.#layout.indexText);
    const { manifests } = this.#layout.index;
    if (tag !== undefined) checkTag(tag);
    const needsCopy = tag !== undefined && selected.some(each => tagOf(each) !== tag);
    const starts = reference === undefined ? manifests : manifests.filter(each => tagOf(each) === reference);
    const toChange = new Set(needsCopy ? selected : starts);
    const leading: { number: number; target: Uint8Array }[] = [];
    for (const [number, descriptor] of manifests.entries()) {
      if (!toChange.has(descriptor)) continue;
      const target = await this.#target(descriptor);
      if (target !== undefined) leading.push({ number, target });
    }
    if (this.#convert && leading.length > 0) convertMediaType(json, []);
    const [first] = leading;
    if (!needsCopy || first === undefined) {
      for (const { number, target } of leading)
        this.#set(json, ['manifests', number], manifests[number], target);
      return documentBytes(json.result(), { file: 'index.json' });
    }
    const tagged = [...manifests.entries()].flatMap(([number, each]) =>
      tagOf(each) === tag ? [number] : [],
    );
    // SEAL-023
    if (leading.length > 1 || tagged.length > 1) {
      const detail =
        leading.length > 1
          ? `${leading.length} entries lead to the image, so that it cannot get another tag`
          : `${tagged.length} entries have the tag ${quoted(tag)}`;
      throw new ComposefsError('IMAGE_AMBIGUOUS', detail, { file: 'index.json' });
    }
    const copy = this.#copy(json, first.number, manifests[first.number], first.target, tag);
    const [replaced] = tagged;
    if (replaced === undefined) json.append(['manifests'], copy);
    else json.replace(['manifests', replaced], copy);
    return documentBytes(json.result(), { file: 'index.json' });
  }

  /** A copy of the text of an entry, with another tag (SEAL-022). */
  #copy(
    json: JsonText,
    number: number,
    entry: Descriptor | undefined,
    target: Uint8Array,
    tag: string,
  ): string {
    const span = json.at('manifests', number);
    const copy = new JsonText(json.text.slice(span?.start, span?.end));
    this.#set(copy, [], entry, target);
    setAnnotations(copy, [], { [refName]: tag });
    return copy.result();
  }

  async #target(descriptor: Descriptor): Promise<NewTarget> {
    const { digest, mediaType } = descriptor;
    if (isImage(descriptor)) return this.#manifests.get(digest);
    if (!indexTypes.has(mediaType)) return undefined;
    // The selection has rejected indexes that are nested too deeply, and no index can contain its own digest.
    if (!this.#nested.has(digest)) this.#nested.set(digest, await this.#index(descriptor));
    return this.#nested.get(digest);
  }

  async #index(descriptor: Descriptor): Promise<NewTarget> {
    const bytes = await readBlob(this.#layout, descriptor);
    const location = blobLocation(descriptor);
    const { manifests }: ImageIndex = validated(index, parseJson(bytes, location), location);
    const json = new JsonText(bytes);
    let leadsToImage = false;
    for (const [number, entry] of manifests.entries()) {
      const target = await this.#target(entry);
      if (target === undefined) continue;
      leadsToImage = true;
      this.#set(json, ['manifests', number], entry, target);
    }
    if (!leadsToImage) return undefined;
    if (this.#convert) convertMediaType(json, []);
    const result = documentBytes(json.result(), location);
    const after = ociDigest(result, descriptor.digest, this.#layout.sha2);
    if (after !== descriptor.digest) this.changed.push({ before: descriptor.digest, after });
    return result;
  }

  /** Changes the entry at `path` to lead to `target`, and keeps `target` as a new blob. */
  #set(json: JsonText, path: JsonPath, entry: Descriptor | undefined, target: Uint8Array): void {
    const before = entry?.digest ?? '';
    parseOciDigest(before, { file: 'index.json' });
    const digest = ociDigest(target, before, this.#layout.sha2);
    if (digest !== before) {
      this.blobs.set(digest, target);
      setDescriptor(json, path, digest, target);
    }
    if (this.#convert) convertMediaType(json, path);
  }
}

// SEAL-024
function checkTag(tag: string): void {
  if (!/^[A-Za-z0-9\-._:@/+]+$/.test(tag)) {
    throw new ComposefsError(
      'SEAL_TAG',
      `the tag ${quoted(tag)} is empty or has a character other than letters, digits and -._:@/+`,
    );
  }
}
