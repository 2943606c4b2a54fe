/**
 * Seals the images of a layout that are meant: what has to be written, as bytes (spec/sealing.md).
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import type { Algorithm } from '../../fsverity/algorithm.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import type { Sha2 } from '../../hash/sha2.ts';
import { blobLocation } from '../../oci/blob.ts';
import { openLayout, readBlob } from '../../oci/layout.ts';
import type { ImageSelection } from '../../oci/select.ts';
import { artifactDescriptor, EMPTY_BLOB, type NewEntry, printArtifact } from '../artifact.ts';
import { base64, convertManifest, removePublished, setAnnotations } from '../edit.ts';
import { JsonText } from '../json-text.ts';
import { digestKey, type ExtraRole, type PublishedObject, signatureKey } from '../keys.ts';
import type { PublishedDigest } from '../published.ts';
import { type ComputedDigests, computeDigests, type DigestRequest, type ReadingOptions } from './digests.ts';
import { DOCKER_MANIFEST, type OpenImage, openImages, parseManifest, readPublications } from './image.ts';
import { type DigestChange, limited, ociDigest, rewriteIndexes } from './indexes.ts';
import { isSignedBy, type Signer, sign } from './signing.ts';
import { comparePublished, publishedRequests } from './verify.ts';

/** How an image is sealed. */
export interface SealOptions extends ImageSelection, ReadingOptions {
  readonly algorithm: Algorithm;
  /** Roles besides `merged`. Default: none. */
  readonly roles?: readonly ExtraRole[] | undefined;
  /** Signs every digest. Default: no signatures. */
  readonly signer?: Signer | undefined;
  readonly sha2?: Sha2;
}

/** How an image is sealed inline. */
export interface InlineOptions extends SealOptions {
  /** Tag of the result in `index.json`. Default: that of the image, which is replaced. */
  readonly tag?: string | undefined;
  /** Remove what is published already. Default: no, and what is not true is refused. */
  readonly replace?: boolean | undefined;
  /** Make an OCI manifest of one of Docker. Default: no, and such a manifest is refused. */
  readonly convert?: boolean | undefined;
}

/** What sealing writes into a layout: blobs by digest, then `index.json`. */
export interface LayoutUpdate {
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly index: Uint8Array;
}

/** A blob that sealing is about. */
export interface NamedBlob {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** What every sealed image says. */
interface Sealed {
  /** `os/architecture`, and the variant where there is one. */
  readonly platform: string;
  /** The digest under each key; a layer's key has the number of the layer behind it. */
  readonly digests: ReadonlyMap<string, string>;
}

/** An image that is sealed inline. */
export interface InlineImage extends Sealed {
  /** The digest of the manifest as it was. */
  readonly before: string;
  readonly manifest: NamedBlob;
  /** Layers that have no image of their own. */
  readonly leftOut: readonly number[];
}

/** An image that is sealed by an artifact. */
export interface ArtifactImage extends Sealed {
  readonly manifest: string;
  readonly artifact: NamedBlob;
  /** False where the layout had such an artifact. */
  readonly added: boolean;
}

/** Images that are sealed inline, in the order in which they were found; one, or one for each platform. */
export interface SealedInline extends LayoutUpdate {
  readonly images: readonly InlineImage[];
  /** Indexes below `index.json` that are others now. */
  readonly indexes: readonly DigestChange[];
}

/** Images that are sealed by artifacts. */
export interface SealedArtifact extends LayoutUpdate {
  readonly images: readonly ArtifactImage[];
}

/**
 * Publishes digests in the manifests of an image: of one, or of all platforms. Writes nothing.
 *
 * @throws ComposefsError with the codes of the tree builder, of stages `seal` and `verify`.
 */
export async function sealInline(directory: string, options: InlineOptions): Promise<SealedInline> {
  const layout = await openLayout(directory, options.sha2 ?? nodeSha2);
  const images: InlineImage[] = [];
  for (const image of await openImages(layout, options)) images.push(await sealManifest(image, options));
  const manifests = new Map(images.map(({ before, manifest }) => [before, manifest.bytes]));
  const { index, blobs, changed } = await rewriteIndexes(layout, manifests, options);
  return { images, index, blobs, indexes: changed };
}

async function sealManifest(original: OpenImage, options: InlineOptions): Promise<InlineImage> {
  const { descriptor, layout, platform } = original;
  // SEAL-027
  if (descriptor.mediaType === DOCKER_MANIFEST && !options.convert) {
    const detail = 'annotations are for OCI manifests: convert it, or seal it by an artifact';
    throw new ComposefsError('SEAL_DOCKER', detail, blobLocation(descriptor));
  }
  const image = options.replace ? withoutPublished(original) : original;
  const publications = await readPublications(image);
  const objects: PublishedObject[] = ['config', 'merged', ...(options.roles ?? [])];
  const requested = objects.flatMap(object => wantedOf(object, image, options.algorithm));
  // The bytes of the layers are those of the manifest that the layout has.
  const digests = await computeDigests(original, [...publishedRequests(publications), ...requested], options);
  comparePublished(publications, digests);

  const json = new JsonText(image.manifest);
  const published = new Map<string, string>();
  const annotate = (path: readonly (string | number)[], wanted: readonly DigestRequest[]) => {
    const values: Record<string, string> = {};
    for (const each of wanted) {
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

  const bytes = limited(json.result(), blobLocation(descriptor));
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

/** Publishes digests in an artifact beside each image that is meant. Writes nothing; throws as {@link sealInline}. */
export async function sealArtifact(directory: string, options: SealOptions): Promise<SealedArtifact> {
  // SEAL-035
  if (options.roles?.includes('layer')) {
    throw new ComposefsError('SEAL_ROLE', 'an artifact has no place for the digests of single layers');
  }
  const layout = await openLayout(directory, options.sha2 ?? nodeSha2);
  const images: ArtifactImage[] = [];
  const blobs = new Map<string, Uint8Array>();
  const index = new JsonText(layout.indexText);
  for (const each of await openImages(layout, options)) {
    const sealed = await sealBeside(each, options, blobs);
    if (sealed.added) {
      const { digest, bytes } = sealed.artifact;
      index.append(['manifests'], artifactDescriptor(digest, bytes.length));
    }
    images.push(sealed);
  }
  return { images, blobs, index: limited(index.result(), { file: 'index.json' }) };
}

/** Makes the artifact of one image, and puts what is new into `blobs`. */
async function sealBeside(
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
  const keys = requested.map(({ object }) => digestKey(object, algorithm));
  const result = {
    platform,
    manifest: image.descriptor.digest,
    digests: new Map(requested.map((each, i) => [keys[i] ?? '', realDigest(digests, each)])),
  };

  // SEAL-037: the digests were compared, so that equal keys are equal digests.
  const existing = publications.artifacts.find(
    ({ published }) =>
      published.length === keys.length &&
      published.every(each => keys.includes(each.key) && (signer === undefined || isBy(each, signer))),
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
  const entries = requested.map((each): NewEntry => {
    const digest = realDigest(digests, each);
    return {
      object: each.object,
      digest,
      signature: signer === undefined ? undefined : put(sign(digest, algorithm, signer)),
    };
  });
  const artifact = put(Buffer.from(printArtifact(image.descriptor, algorithm, entries)));
  return { ...result, artifact, added: true };
}

/** The image as its manifest is without what was published (SEAL-025). */
function withoutPublished(image: OpenImage): OpenImage {
  const json = new JsonText(image.manifest);
  removePublished(json, image.parsed.layers.length);
  const manifest = Buffer.from(json.result());
  return { ...image, manifest, parsed: parseManifest(manifest, image.descriptor) };
}

function wantedOf(object: PublishedObject, { parsed }: OpenImage, algorithm: Algorithm): DigestRequest[] {
  if (object !== 'layer') return [{ object, algorithm }];
  return [...parsed.layers.keys()].map(layer => ({ object, algorithm, layer }));
}

/** The signature to set, or undefined where none is asked for or the one that is there stays. */
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
  if (isBy(existing, signer)) return undefined; // SEAL-044
  // SEAL-045
  const detail = `${signatureKey(existing.key)} is not by the certificate that signs`;
  throw new ComposefsError('SEAL_SIGNED', detail, existing.location);
}

/** Whether a digest is signed by `signer`, and rightly. */
function isBy({ signature, digest, algorithm, location }: PublishedDigest, { certificate }: Signer): boolean {
  if (signature === undefined) return false;
  try {
    return isSignedBy(signature, digest, algorithm, [certificate], location);
  } catch (error) {
    if (error instanceof ComposefsError) return false;
    throw error;
  }
}

function realDigest(digests: ComputedDigests, wanted: DigestRequest): string {
  const digest = digests.get(wanted);
  if (digest === undefined) throw new TypeError(`no digest of ${wanted.object}`);
  return digest;
}
