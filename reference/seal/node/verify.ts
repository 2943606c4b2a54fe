/**
 * Whether what is published for an image is true of it (spec/verification.md).
 * @module
 */

import { hex } from '../../bytes.ts';
import { ComposefsError, type Location } from '../../errors.ts';
import type { Algorithm } from '../../fsverity/algorithm.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import type { Sha2 } from '../../hash/sha2.ts';
import { blobLocation } from '../../oci/blob.ts';
import { parseOciDigest } from '../../oci/digest.ts';
import { openLayout } from '../../oci/layout.ts';
import { digestsUnder, type ImageSelection, selectManifest } from '../../oci/select.ts';
import { type BootDigest, bootDigestText, parseCommandLine } from '../cmdline.ts';
import type { PublishedObject } from '../keys.ts';
import type { OlderNameDigest, PublishedDigest } from '../published.ts';
import { type ComputedDigests, computeDigests, type DigestRequest, type ReadingOptions } from './digests.ts';
import { type OpenImage, openImage, openImages, type Publications, readPublications } from './image.ts';
import { type Certificate, isSignedBy } from './signing.ts';

/** What an image is asked to be. */
export interface VerifyOptions extends ImageSelection, ReadingOptions {
  /** OCI digest that the manifest must have, or an index that leads to it. Default: any. */
  readonly manifestDigest?: string | undefined;
  /** Role for which a digest must be published. Default: merged. */
  readonly role?: Extract<PublishedObject, 'merged' | 'merged.bootable' | 'layer'> | undefined;
  /** Algorithm of that digest. Default: any. */
  readonly algorithm?: Algorithm | undefined;
  /** Certificates that signatures are believed by. Default: none. */
  readonly trusted?: readonly Certificate[] | undefined;
  /** Whether that digest, and the one of the config, must be signed by one of `trusted`. */
  readonly requireSignature?: boolean | undefined;
  /** Kernel command line that a machine boots the image with. */
  readonly commandLine?: Uint8Array | undefined;
  readonly sha2?: Sha2;
}

/** What was verified: one image, or one for each platform. */
export interface VerifyResult {
  readonly images: readonly VerifiedImage[];
}

/** What was verified of one image. */
export interface VerifiedImage {
  /** `os/architecture`, and the variant where there is one. */
  readonly platform: string;
  /** OCI digest of the manifest. */
  readonly manifest: string;
  /** Keys and older names whose digests are right, sorted; and `composefs=…` arguments by their names. */
  readonly keys: readonly string[];
  /** Keys with a signature by a trusted certificate, sorted. */
  readonly signed: readonly string[];
}

/** Verifies the images of a layout that are meant. Throws the first reason why one is not what it is asked to be. */
export async function verifyImage(directory: string, options: VerifyOptions): Promise<VerifyResult> {
  const sha2 = options.sha2 ?? nodeSha2;
  const layout = await openLayout(directory, sha2);
  const opened =
    options.commandLine === undefined
      ? await openImages(layout, options)
      : // VERIFY-051: a machine boots one of them.
        [await openImage(layout, await selectManifest(layout, options))];
  await checkManifests(opened, options, sha2);
  const images: VerifiedImage[] = [];
  for (const image of opened) images.push(await verifyOne(image, options));
  return { images };
}

async function verifyOne(image: OpenImage, options: VerifyOptions): Promise<VerifiedImage> {
  const publications = await readPublications(image);
  const boot = options.commandLine === undefined ? [] : parseCommandLine(options.commandLine);
  const published = all(publications);
  const missing = checkPublished(image, publications, boot, options);
  const signed = checkSignatures(published, options, blobLocation(image.descriptor));
  const wanted = [
    ...published,
    ...publications.olderNames.flatMap(legacyWanted),
    ...boot.flatMap(bootWanted),
    ...missing,
  ];
  const digests = await computeDigests(image, wanted, options);
  comparePublished(publications, digests);
  for (const each of boot) compareBoot(each, digests);
  // VERIFY-007: only a layer without an image of its own may lack a digest.
  for (const each of missing) {
    if (digests.get(each) !== undefined)
      throw unpublished(`layer ${each.layer}`, blobLocation(image.descriptor));
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
  };
}

/** Refuses with VERIFY_DIGEST what is published and not true (VERIFY-005). */
export function comparePublished(publications: Publications, digests: ComputedDigests): void {
  for (const each of all(publications)) {
    compare(each.key, each.digest, [digests.get(each)], each.location);
  }
  for (const each of publications.olderNames) {
    compare(
      each.name,
      each.digest,
      legacyWanted(each).map(wanted => digests.get(wanted)),
      each.location,
    );
  }
}

/** The digests that `publications` have to be compared with. */
export function publishedRequests(publications: Publications): DigestRequest[] {
  return [...all(publications), ...publications.olderNames.flatMap(legacyWanted)];
}

function compare(
  name: string,
  digest: string,
  real: readonly (string | undefined)[],
  location: Location,
): void {
  if (real.includes(digest)) return;
  const found = real.find(each => each !== undefined);
  const detail =
    found === undefined
      ? `${name} is ${digest}, and the layer has no image of its own`
      : `${name} is ${digest}, the image has ${found}`;
  throw new ComposefsError('VERIFY_DIGEST', detail, location);
}

function all({ inline, artifacts }: Publications): PublishedDigest[] {
  return [...inline, ...artifacts.flatMap(({ published }) => published)];
}

/** Each image is the one that was pinned, or one of the index that was (VERIFY-003). */
async function checkManifests(
  images: readonly OpenImage[],
  options: VerifyOptions,
  sha2: Sha2,
): Promise<void> {
  const { manifestDigest } = options;
  if (manifestDigest === undefined) return;
  const expected = parseOciDigest(manifestDigest, {});
  const hashed = (bytes: Uint8Array) => {
    const hasher = sha2.create(expected.hash);
    hasher.update(bytes);
    return hex(hasher.digest());
  };
  const others = images.filter(({ manifest }) => hashed(manifest) !== expected.hex);
  const [first] = others;
  if (first === undefined) return;
  const under = await digestsUnder(first.layout, options, bytes => hashed(bytes) === expected.hex);
  for (const { manifest, descriptor } of others) {
    if (under.has(descriptor.digest)) continue;
    throw new ComposefsError(
      'VERIFY_MANIFEST',
      `the manifest has the digest ${expected.hash}:${hashed(manifest)}, ${manifestDigest} was asked for, and no index with that leads to it`,
      blobLocation(descriptor),
    );
  }
}

/**
 * Refuses with VERIFY_UNPUBLISHED an image that says nothing of what is asked (VERIFY-006). Gives the layers
 * without a digest, for role `layer`.
 */
function checkPublished(
  { descriptor, parsed }: OpenImage,
  publications: Publications,
  boot: readonly BootDigest[],
  { role = 'merged', algorithm, commandLine }: VerifyOptions,
): DigestRequest[] {
  const location = blobLocation(descriptor);
  if (commandLine !== undefined && boot.length === 0) throw unpublished('the kernel command line', {});
  const found = all(publications).filter(
    each => each.object === role && (algorithm === undefined || each.algorithm === algorithm),
  );
  if (role === 'layer') {
    const [first] = found;
    const using = first?.algorithm ?? algorithm;
    if (using === undefined) throw unpublished('any layer', location);
    return parsed.layers
      .map((_, layer) => layer)
      .filter(layer => !found.some(each => each.layer === layer))
      .map(layer => ({ object: 'layer', algorithm: using, layer }));
  }
  const older = role === 'merged' ? publications.olderNames : [];
  const atBoot = role === 'merged.bootable' ? boot : [];
  if (found.length > 0) return [];
  if ([...older, ...atBoot].some(each => algorithm === undefined || each.algorithm === algorithm)) return [];
  throw unpublished(`role ${role}${algorithm === undefined ? '' : ` by ${algorithm}`}`, location);
}

function unpublished(what: string, location: Location): ComposefsError {
  return new ComposefsError('VERIFY_UNPUBLISHED', `no digest is published for ${what}`, location);
}

/** The keys with a signature by a trusted certificate; refused where one is required and missing. */
function checkSignatures(
  published: readonly PublishedDigest[],
  options: VerifyOptions,
  location: Location,
): string[] {
  const { trusted = [], role = 'merged', algorithm, requireSignature = false } = options;
  if (requireSignature && trusted.length === 0) {
    throw new ComposefsError('REQUEST_KEY', 'a signature is required, and no certificate is trusted');
  }
  const signed = published.filter(
    ({ signature, digest, algorithm: by, location: where }) =>
      signature !== undefined && isSignedBy(signature, digest, by, trusted, where),
  );
  if (requireSignature) {
    const objects = published.filter(
      each => each.object === role && (algorithm === undefined || each.algorithm === algorithm),
    );
    // VERIFY-037: each object by one of its digests.
    for (const layer of new Set(objects.map(each => each.layer))) {
      requireSigned(
        objects.filter(each => each.layer === layer),
        signed,
        `role ${role}`,
        location,
      );
    }
    if (objects.length === 0) requireSigned([], signed, `role ${role}`, location);
    requireSigned(
      published.filter(each => each.object === 'config'),
      signed,
      'the config',
      location,
    );
  }
  return signed.map(({ key }) => key);
}

function requireSigned(
  object: readonly PublishedDigest[],
  signed: readonly PublishedDigest[],
  what: string,
  location: Location,
): void {
  if (object.some(each => signed.includes(each))) return;
  const signature = object.find(each => each.signature !== undefined);
  throw signature === undefined
    ? new ComposefsError('VERIFY_UNSIGNED', `no digest of ${what} is signed`, location)
    : new ComposefsError(
        'VERIFY_SIGNER',
        `no signature of ${what} is by a trusted certificate`,
        signature.location,
      );
}

// VERIFY-027
function legacyWanted({ algorithm }: OlderNameDigest): DigestRequest[] {
  return [
    { object: 'merged', algorithm },
    { object: 'merged', algorithm, format: 'v2' },
  ];
}

// VERIFY-046
function bootWanted({ format, algorithm }: BootDigest): DigestRequest[] {
  const formats = format === 'any' ? (['v1', 'v2'] as const) : [format];
  return formats.map(each => ({ object: 'merged.bootable', algorithm, format: each }));
}

function compareBoot(boot: BootDigest, digests: ComputedDigests): void {
  const real = bootWanted(boot).map(wanted => digests.get(wanted));
  if (real.includes(boot.digest)) return;
  throw new ComposefsError(
    'VERIFY_CMDLINE_DIGEST',
    `the kernel command line says ${bootDigestText(boot)}, the image has ${real.find(each => each !== undefined)}`,
  );
}

function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
