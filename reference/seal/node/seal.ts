/**
 * Seals the selected images of a layout, and returns what has to be written (spec/sealing.md).
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import type { Algorithm } from '../../fsverity/algorithm.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import type { Sha2 } from '../../hash/sha2.ts';
import { blobLocation } from '../../oci/blob.ts';
import { type OciLayout, openLayout, readBlob } from '../../oci/layout.ts';
import type { LayoutFiles } from '../../oci/layout-files.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { DOCKER_MANIFEST } from '../../oci/media-types.ts';
import { annotatedManifest } from '../../oci/schemas.ts';
import {
  type ImageSelection,
  manifestsOfPlatforms,
  type SelectedImages,
  selectedEntries,
  selectImages,
} from '../../oci/select.ts';
import { artifactDescriptor, EMPTY_BLOB, type NewArtifactEntry, printArtifact } from '../artifact.ts';
import { base64, convertManifest, removePublished, setAnnotations } from '../edit.ts';
import { type JsonPath, JsonText } from '../json-text.ts';
import { digestKey, type ExtraRole, type PublishedObject, signatureKey } from '../keys.ts';
import type { PublishedDigest } from '../published.ts';
import {
  type ComputedDigests,
  computeDigests,
  countedTogether,
  type DigestRequest,
  type LayerReadingOptions,
} from './digests.ts';
import { checkPlatforms } from './entries.ts';
import { type OpenImage, openManifests, readPublications } from './image.ts';
import { type DigestChange, documentBytes, ociDigest, rewriteIndexes } from './indexes.ts';
import { isSignedBy, type Signer, sign } from './signing.ts';
import { checkTocs, comparePublished, publishedRequests } from './verify.ts';

/** A request to seal an image. */
export interface SealOptions extends ImageSelection, LayerReadingOptions {
  readonly algorithm: Algorithm;
  /** Roles to publish in addition to `merged`. Default: none. */
  readonly roles?: readonly ExtraRole[] | undefined;
  /** Signs every digest. Default: no signatures. */
  readonly signer?: Signer | undefined;
  readonly sha2?: Sha2;
}

/** A request to seal an image inline. */
export interface InlineOptions extends SealOptions {
  /** Tag of the sealed image in `index.json`. Default: the tag of the image, which is replaced. */
  readonly tag?: string | undefined;
  /** Remove digests that are already published. Default: keep them, and reject the image if one is wrong. */
  readonly replace?: boolean | undefined;
  /** Convert a Docker manifest to an OCI manifest. Default: reject it. */
  readonly convert?: boolean | undefined;
}

/** What has to be written into a layout: first the blobs, by their digests, then `index.json` (SEAL-050). */
export interface LayoutUpdate {
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly index: Uint8Array;
  /** The `index.json` that was read; a different one must not be replaced (SEAL-054). */
  readonly indexBefore: Uint8Array;
}

/** A blob and its digest. */
export interface NamedBlob {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** The result of sealing one image, in either mode. */
interface SealedResult {
  /** `os/architecture`, or `os/architecture/variant` if there is a variant. */
  readonly platform: string;
  /** The published digests by key; the key of a layer is followed by a space and the number of the layer. */
  readonly digests: ReadonlyMap<string, string>;
}

/** An image that was sealed inline. */
export interface InlineImage extends SealedResult {
  /** The digest of the manifest before sealing. */
  readonly before: string;
  readonly manifest: NamedBlob;
  /** Layers that were omitted because they have no image of their own (SEAL-007). */
  readonly leftOut: readonly number[];
}

/** An image that was sealed with an artifact. */
export interface ArtifactImage extends SealedResult {
  readonly manifest: string;
  readonly artifact: NamedBlob;
  /** False if the layout already had such an artifact (SEAL-037). */
  readonly added: boolean;
}

/** Images that were sealed inline, in the order of the layout: one, or one for each platform. */
export interface SealedInline extends LayoutUpdate {
  readonly images: readonly InlineImage[];
  /** Indexes below `index.json` that changed. */
  readonly indexes: readonly DigestChange[];
}

/** Images that were sealed with artifacts. */
export interface SealedArtifact extends LayoutUpdate {
  readonly images: readonly ArtifactImage[];
}

/**
 * Publishes digests in the manifest of an image, or in those of all its platforms. Writes nothing.
 *
 * @throws ComposefsError with a code of the tree builder, or of stage `seal` or `verify`.
 */
export async function sealInline(files: LayoutFiles, options: InlineOptions): Promise<SealedInline> {
  const layout = await openLayout(files, options.sha2 ?? nodeSha2);
  const { selected, opened } = await openToSeal(layout, options);
  const images: InlineImage[] = [];
  const counted = countedTogether(options);
  for (const image of opened) images.push(await sealManifest(image, counted));
  const manifests = new Map(images.map(({ before, manifest }) => [before, manifest.bytes]));
  const { index, blobs, changed } = await rewriteIndexes(layout, manifests, {
    ...options,
    selected: selectedEntries(selected),
  });
  return { images, index, indexBefore: layout.indexText, blobs, indexes: changed };
}

/** Opens the images to seal, and rejects one whose config contradicts an entry by which it was selected (VERIFY-054). */
async function openToSeal(
  layout: OciLayout,
  selection: ImageSelection,
): Promise<{ selected: SelectedImages; opened: readonly OpenImage[] }> {
  const selected = await selectImages(layout, selection);
  const opened = await openManifests(layout, await manifestsOfPlatforms(layout, selected, selection));
  checkPlatforms(selected, opened, selection);
  return { selected, opened };
}

async function sealManifest(original: OpenImage, options: InlineOptions): Promise<InlineImage> {
  const { descriptor, layout, platform } = original;
  // SEAL-027
  if (descriptor.mediaType === DOCKER_MANIFEST && !options.convert) {
    const detail = 'a Docker manifest has no annotations: convert it, or seal it with an artifact';
    throw new ComposefsError('SEAL_DOCKER', detail, blobLocation(descriptor));
  }
  const image = options.replace ? withoutPublished(original) : original;
  const publications = await readPublications(image);
  const objects: PublishedObject[] = ['config', 'merged', ...(options.roles ?? [])];
  const requested = objects.flatMap(object => digestRequests(object, image, options.algorithm));
  // The layers are read through the manifest in the layout, so the original image is passed.
  const digests = await computeDigests(original, [...publishedRequests(publications), ...requested], options);
  comparePublished(publications, digests);
  await checkTocs(image);

  const json = new JsonText(image.manifest);
  const published = new Map<string, string>();
  const annotate = (path: JsonPath, requests: readonly DigestRequest[]) => {
    const values: Record<string, string> = {};
    for (const each of requests) {
      const digest = digests.get(each);
      if (digest === undefined) continue; // SEAL-006
      const key = digestKey(each.object, each.algorithm);
      values[key] = digest;
      published.set(each.layer === undefined ? key : `${key} ${each.layer}`, digest);
      const signature = newSignature(publications.inline, each, digest, options.signer);
      if (signature !== undefined) values[signatureKey(key)] = base64(signature);
    }
    setAnnotations(json, path, values);
  };
  annotate(
    ['config'],
    requested.filter(({ object }) => object === 'config'),
  );
  for (const each of requested) if (each.layer !== undefined) annotate(['layers', each.layer], [each]);
  annotate(
    [],
    requested.filter(({ object }) => object === 'merged' || object === 'merged.bootable'),
  );
  if (options.convert) convertManifest(json, image.parsed);

  const bytes = documentBytes(json.result(), blobLocation(descriptor));
  return {
    platform,
    before: descriptor.digest,
    manifest: { digest: ociDigest(bytes, descriptor.digest, layout.sha2), bytes },
    digests: published,
    leftOut: requested.flatMap(each =>
      each.layer !== undefined && digests.get(each) === undefined ? [each.layer] : [],
    ),
  };
}

/** Publishes the digests of each selected image in an artifact. Writes nothing; throws as {@link sealInline}. */
export async function sealArtifact(files: LayoutFiles, options: SealOptions): Promise<SealedArtifact> {
  // SEAL-035
  if (options.roles?.includes('layer')) {
    throw new ComposefsError(
      'SEAL_ROLE',
      'an artifact cannot hold digests of role layer: seal inline instead',
    );
  }
  const layout = await openLayout(files, options.sha2 ?? nodeSha2);
  const { opened } = await openToSeal(layout, options);
  const images: ArtifactImage[] = [];
  const blobs = new Map<string, Uint8Array>();
  const index = new JsonText(layout.indexText);
  const counted = countedTogether(options);
  for (const each of opened) {
    const sealed = await sealWithArtifact(each, counted, blobs);
    if (sealed.added) {
      const { digest, bytes } = sealed.artifact;
      index.append(['manifests'], artifactDescriptor(digest, bytes.length));
    }
    images.push(sealed);
  }
  return {
    images,
    blobs,
    index: documentBytes(index.result(), { file: 'index.json' }),
    indexBefore: layout.indexText,
  };
}

/** Creates the artifact of one image, and adds its new blobs to `blobs`. */
async function sealWithArtifact(
  image: OpenImage,
  options: SealOptions,
  blobs: Map<string, Uint8Array>,
): Promise<ArtifactImage> {
  const { algorithm, roles = [], signer } = options;
  const { layout, platform } = image;
  const publications = await readPublications(image);
  const objects: PublishedObject[] = ['manifest', 'config', 'merged', ...roles];
  const requested = [...new Set(objects)].map((object): DigestRequest => ({ object, algorithm }));
  const digests = await computeDigests(image, [...publishedRequests(publications), ...requested], options);
  comparePublished(publications, digests);
  await checkTocs(image);
  const keys = requested.map(({ object }) => digestKey(object, algorithm));
  const result = {
    platform,
    manifest: image.descriptor.digest,
    digests: new Map(requested.map((each, i) => [keys[i] ?? '', computedDigest(digests, each)])),
  };

  // SEAL-037. Published digests have been compared, so equal keys have equal digests.
  const existing = publications.artifacts.find(
    ({ published }) =>
      published.length === keys.length &&
      published.every(
        each => keys.includes(each.key) && (signer === undefined || hasSignatureBy(each, signer)),
      ),
  );
  if (existing !== undefined) {
    const { digest } = existing.descriptor;
    return {
      ...result,
      artifact: { digest, bytes: await readBlob(layout, existing.descriptor) },
      added: false,
    };
  }
  const put = (bytes: Uint8Array) => {
    const digest = ociDigest(bytes, 'sha256:', layout.sha2);
    blobs.set(digest, bytes);
    return { digest, size: bytes.length, bytes };
  };
  put(Buffer.from(EMPTY_BLOB));
  const entries = requested.map((each): NewArtifactEntry => {
    const digest = computedDigest(digests, each);
    return {
      object: each.object,
      digest,
      signature: signer === undefined ? undefined : put(sign(digest, algorithm, signer)),
    };
  });
  const artifact = put(Buffer.from(printArtifact(image.descriptor, algorithm, entries)));
  return { ...result, artifact, added: true };
}

/** The image without the digests that its manifest publishes (SEAL-025). */
function withoutPublished(image: OpenImage): OpenImage {
  const json = new JsonText(image.manifest);
  removePublished(json, image.parsed.layers.length);
  const manifest = Buffer.from(json.result());
  return { ...image, manifest, parsed: parseManifest(manifest, image.descriptor, annotatedManifest) };
}

function digestRequests(
  object: PublishedObject,
  { parsed }: OpenImage,
  algorithm: Algorithm,
): DigestRequest[] {
  if (object !== 'layer') return [{ object, algorithm }];
  return [...parsed.layers.keys()].map(layer => ({ object, algorithm, layer }));
}

/** The signature to set, or undefined if none is requested or the existing one is kept. */
function newSignature(
  inline: readonly PublishedDigest[],
  { object, algorithm, layer }: DigestRequest,
  digest: string,
  signer: Signer | undefined,
): Uint8Array | undefined {
  if (signer === undefined) return undefined;
  const existing = inline.find(
    each => each.object === object && each.algorithm === algorithm && each.layer === layer,
  );
  if (existing?.signature === undefined) return sign(digest, algorithm, signer);
  if (hasSignatureBy(existing, signer)) return undefined; // SEAL-044
  // SEAL-045
  const detail = `${signatureKey(existing.key)} is not a signature by the certificate of the request`;
  throw new ComposefsError('SEAL_SIGNED', detail, existing.location);
}

/** Whether a digest has a correct signature by `signer`. */
function hasSignatureBy(
  { signature, digest, algorithm, location }: PublishedDigest,
  { certificate }: Signer,
): boolean {
  if (signature === undefined) return false;
  try {
    return isSignedBy(signature, digest, algorithm, [certificate], location);
  } catch (error) {
    if (error instanceof ComposefsError) return false;
    throw error;
  }
}

function computedDigest(digests: ComputedDigests, request: DigestRequest): string {
  const digest = digests.get(request);
  if (digest === undefined) throw new TypeError(`no digest of ${request.object}`);
  return digest;
}
