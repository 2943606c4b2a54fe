/**
 * Verifies the digests that are published for an image (spec/verification.md).
 * @module
 */

import { checkLayerToc } from '../../chunked/node/layer.ts';
import { ComposefsError, type Location } from '../../errors.ts';
import type { Algorithm } from '../../fsverity/algorithm.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import type { Sha2 } from '../../hash/sha2.ts';
import { blobLocation } from '../../oci/blob.ts';
import { openLayout } from '../../oci/layout.ts';
import type { LayoutFiles } from '../../oci/layout-files.ts';
import { type ImageSelection, manifestsOfPlatforms, onlyManifest } from '../../oci/select.ts';
import { type BootDigest, bootDigestText, parseCommandLine } from '../cmdline.ts';
import type { PublishedObject } from '../keys.ts';
import type { OlderNameDigest, PublishedDigest } from '../published.ts';
import {
  type ComputedDigests,
  computeDigests,
  countedTogether,
  type DigestRequest,
  type LayerReadingOptions,
} from './digests.ts';
import { checkPlatforms, selectToVerify } from './entries.ts';
import { type OpenImage, openManifests, type Publications, readPublications } from './image.ts';
import { type Certificate, isSignedBy } from './signing.ts';

/** A request to verify an image. */
export interface VerifyOptions extends ImageSelection, LayerReadingOptions {
  /** Role for which a digest must be published. Default: `merged`. */
  readonly role?: Extract<PublishedObject, 'merged' | 'merged.bootable' | 'layer'> | undefined;
  /** Algorithm of that digest. Default: any. */
  readonly algorithm?: Algorithm | undefined;
  /** Trusted certificates. Default: none. */
  readonly trusted?: readonly Certificate[] | undefined;
  /**
   * Whether that digest and the digest of the config must be signed by one of `trusted`; `manifest`: the digest of the
   * manifest, too. Default: no.
   */
  readonly requireSignature?: boolean | 'manifest' | undefined;
  /** Kernel command line whose digests must be those of the image. Default: none. */
  readonly commandLine?: Uint8Array | undefined;
  readonly sha2?: Sha2;
}

/** The verified images: one, or one for each platform. */
export interface VerifyResult {
  readonly images: readonly VerifiedImage[];
}

/** The result for one verified image. */
export interface VerifiedImage {
  /** `os/architecture`, or `os/architecture/variant` if there is a variant. */
  readonly platform: string;
  /** OCI digest of the manifest. */
  readonly manifest: string;
  /** The keys, older names and `composefs=…` arguments whose digests were compared and are correct, sorted. */
  readonly keys: readonly string[];
  /** The keys of digests with a signature by a trusted certificate, sorted. */
  readonly signed: readonly string[];
  /** Whether any signature was checked: at least one is by a trusted certificate. */
  readonly signatureChecked: boolean;
}

/** Verifies the selected images of a layout, and throws the first reason to reject one of them. */
export async function verifyImage(files: LayoutFiles, options: VerifyOptions): Promise<VerifyResult> {
  const layout = await openLayout(files, options.sha2 ?? nodeSha2);
  const selected = await selectToVerify(layout, options);
  const manifests =
    options.commandLine === undefined
      ? await manifestsOfPlatforms(layout, selected, options)
      : // VERIFY-051: a command line is that of one machine, which boots the image of one platform.
        [onlyManifest(selected, options)];
  const opened = await openManifests(layout, manifests);
  checkPlatforms(selected, opened, options);
  const images: VerifiedImage[] = [];
  const counted = countedTogether(options);
  for (const image of opened) images.push(await verifyOne(image, counted));
  return { images };
}

async function verifyOne(image: OpenImage, options: VerifyOptions): Promise<VerifiedImage> {
  const publications = await readPublications(image);
  const boot = options.commandLine === undefined ? [] : parseCommandLine(options.commandLine);
  const published = allPublished(publications);
  const missing = checkPublished(image, publications, boot, options);
  const { keys: signed, signatureChecked } = checkSignatures(
    published,
    options,
    blobLocation(image.descriptor),
  );
  const requests = [
    ...published,
    ...publications.olderNames.flatMap(olderNameRequests),
    ...boot.flatMap(bootRequests),
    ...missing,
  ];
  const digests = await computeDigests(image, requests, options);
  comparePublished(publications, digests);
  for (const each of boot) compareBoot(each, digests);
  await checkTocs(image);
  // VERIFY-007: only a layer without an image of its own can lack a digest.
  for (const each of missing) {
    if (digests.get(each) !== undefined)
      throw unpublished(`layer ${each.layer} has no published digest`, blobLocation(image.descriptor));
  }
  return {
    platform: image.platform,
    manifest: image.descriptor.digest,
    keys: sortedSet([
      ...published.map(({ key }) => key),
      ...publications.olderNames.map(({ name }) => name),
      ...boot.map(each => `composefs=${bootDigestText(each).replace(/:.*/, '')}`),
    ]),
    signed: sortedSet(signed),
    signatureChecked,
  };
}

/** Rejects an image with a code of stage `toc` if a table of contents does not agree with its layer (VERIFY-080). */
export async function checkTocs({ layout, parsed }: OpenImage): Promise<void> {
  for (const [layer, descriptor] of parsed.layers.entries()) {
    await checkLayerToc(layout, descriptor, { ...blobLocation(descriptor), layer });
  }
}

/** Rejects published digests that differ from the computed ones with VERIFY_DIGEST (VERIFY-005). */
export function comparePublished(publications: Publications, digests: ComputedDigests): void {
  for (const each of allPublished(publications)) {
    compare(each.key, each.digest, [digests.get(each)], each.location);
  }
  for (const each of publications.olderNames) {
    compare(
      each.name,
      each.digest,
      olderNameRequests(each).map(request => digests.get(request)),
      each.location,
    );
  }
}

/** The digests to compute for {@link comparePublished}. */
export function publishedRequests(publications: Publications): DigestRequest[] {
  return [...allPublished(publications), ...publications.olderNames.flatMap(olderNameRequests)];
}

function compare(
  name: string,
  digest: string,
  computed: readonly (string | undefined)[],
  location: Location,
): void {
  if (computed.includes(digest)) return;
  const expected = computed.find(each => each !== undefined);
  const detail =
    expected === undefined
      ? `${name} is ${digest}, but the layer has no image of its own`
      : `${name} is ${digest}, but the computed digest is ${expected}`;
  throw new ComposefsError('VERIFY_DIGEST', detail, location);
}

function allPublished({ inline, artifacts }: Publications): PublishedDigest[] {
  return [...inline, ...artifacts.flatMap(({ published }) => published)];
}

/**
 * Rejects an image with VERIFY_UNPUBLISHED if it has no published digest for the request (VERIFY-006). Returns, for
 * role `layer`, the layers without a published digest.
 */
function checkPublished(
  { descriptor, parsed }: OpenImage,
  publications: Publications,
  boot: readonly BootDigest[],
  { role = 'merged', algorithm, commandLine }: VerifyOptions,
): DigestRequest[] {
  const location = blobLocation(descriptor);
  if (commandLine !== undefined && boot.length === 0) {
    throw unpublished('the kernel command line has no digest to compare', {}); // VERIFY-050
  }
  const found = allPublished(publications).filter(
    each => each.object === role && (algorithm === undefined || each.algorithm === algorithm),
  );
  const older = role === 'merged' ? publications.olderNames : [];
  const atBoot = role === 'merged.bootable' ? boot : [];
  const [first] = [
    ...found,
    ...[...older, ...atBoot].filter(each => algorithm === undefined || each.algorithm === algorithm),
  ];
  if (first === undefined) {
    const withAlgorithm = algorithm === undefined ? '' : ` with ${algorithm}`;
    throw unpublished(`no digest is published for role ${role}${withAlgorithm}`, location);
  }
  if (role !== 'layer') return [];
  const having = new Set(found.map(({ layer }) => layer));
  return [...parsed.layers.keys()]
    .filter(layer => !having.has(layer))
    .map(layer => ({ object: 'layer', algorithm: first.algorithm, layer }));
}

function unpublished(detail: string, location: Location): ComposefsError {
  return new ComposefsError('VERIFY_UNPUBLISHED', detail, location);
}

/**
 * The keys of which every digest has a signature by a trusted certificate. Rejects the image if a required signature is
 * missing.
 */
function checkSignatures(
  published: readonly PublishedDigest[],
  options: VerifyOptions,
  location: Location,
): { keys: string[]; signatureChecked: boolean } {
  const { trusted = [], role = 'merged', algorithm, requireSignature = false } = options;
  if (requireSignature !== false && trusted.length === 0) {
    throw new ComposefsError('REQUEST_KEY', 'the request requires a signature, but trusts no certificate');
  }
  const signed = new Set(
    published.filter(
      each =>
        each.signature !== undefined &&
        isSignedBy(each.signature, each.digest, each.algorithm, trusted, each.location),
    ),
  );
  if (requireSignature !== false) {
    const ofRole = published.filter(
      each => each.object === role && (algorithm === undefined || each.algorithm === algorithm),
    );
    // VERIFY-037: for role `layer`, each layer needs a signature.
    for (const layer of new Set(ofRole.map(each => each.layer))) {
      requireSigned(
        ofRole.filter(each => each.layer === layer),
        signed,
        `role ${role}`,
        location,
      );
    }
    if (ofRole.length === 0) requireSigned([], signed, `role ${role}`, location);
    // VERIFY-055
    const documents =
      requireSignature === 'manifest' ? (['config', 'manifest'] as const) : (['config'] as const);
    for (const document of documents) {
      requireSigned(
        published.filter(each => each.object === document),
        signed,
        `the ${document}`,
        location,
      );
    }
  }
  // VERIFY-038: one digest can be published several times, and a key of layers has one for each layer.
  const digestOf = ({ key, layer }: PublishedDigest) => `${key} ${layer ?? ''}`;
  const signedDigests = new Set([...signed].map(digestOf));
  const unsigned = new Set(
    published.filter(each => !signedDigests.has(digestOf(each))).map(({ key }) => key),
  );
  const keys = [...signed].map(({ key }) => key).filter(key => !unsigned.has(key));
  return { keys, signatureChecked: signed.size > 0 };
}

function requireSigned(
  digests: readonly PublishedDigest[],
  signed: ReadonlySet<PublishedDigest>,
  what: string,
  location: Location,
): void {
  if (digests.some(each => signed.has(each))) return;
  const signature = digests.find(each => each.signature !== undefined);
  throw signature === undefined
    ? new ComposefsError('VERIFY_UNSIGNED', `no digest of ${what} is signed`, location)
    : new ComposefsError(
        'VERIFY_SIGNER',
        `no signature of ${what} is by a trusted certificate`,
        signature.location,
      );
}

// VERIFY-027
function olderNameRequests({ algorithm }: OlderNameDigest): DigestRequest[] {
  return [
    { object: 'merged', algorithm },
    { object: 'merged', algorithm, format: 'v2' },
  ];
}

// VERIFY-046
function bootRequests({ format, algorithm }: BootDigest): DigestRequest[] {
  const formats = format === 'any' ? (['v1', 'v2'] as const) : [format];
  return formats.map(each => ({ object: 'merged.bootable', algorithm, format: each }));
}

function compareBoot(boot: BootDigest, digests: ComputedDigests): void {
  const computed = bootRequests(boot).map(request => digests.get(request));
  if (computed.includes(boot.digest)) return;
  const expected = computed.find(each => each !== undefined);
  const difference =
    expected === undefined
      ? `the image cannot be written in format ${boot.format}`
      : `the computed digest is ${expected}`;
  throw new ComposefsError(
    'VERIFY_CMDLINE_DIGEST',
    `the kernel command line says ${bootDigestText(boot)}, but ${difference}`,
  );
}

function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
