/**
 * The digests that an image publishes inline, and under the older names (spec/verification.md).
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { type Algorithm, algorithmParameters } from '../fsverity/algorithm.ts';
import { quoted } from '../oci/json.ts';
import type { AnnotatedManifest } from '../oci/schemas.ts';
import { digestKey, isAltered, olderNames, type PublishedObject, readKey, signatureKey } from './keys.ts';
import { SIGNATURE_LIMIT } from './pkcs7.ts';

/** One published digest. */
export interface PublishedDigest {
  readonly key: string;
  readonly object: PublishedObject;
  /** Number of the layer, for subject `layer`. */
  readonly layer: number | undefined;
  readonly algorithm: Algorithm;
  /** Lower-case hex, as long as the algorithm's digests. */
  readonly digest: string;
  /** DER, where there is a signature beside the digest. */
  readonly signature: Uint8Array | undefined;
  readonly location: Location;
}

/** A digest under an older name, which says nothing of its format. */
export interface OlderNameDigest {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly digest: string;
  readonly location: Location;
}

type Annotations = Readonly<Record<string, string>>;

/** Which digests the annotations of one object can be about. */
export interface AnnotationContext {
  readonly allowed: readonly PublishedObject[];
  readonly layer?: number | undefined;
  readonly location: Location;
}

/** The digests in the manifest of an image; refused with a code of stage `verify` where one is not well-formed. */
export function readInline(
  manifest: AnnotatedManifest,
  isDocker: boolean,
  location: Location,
): PublishedDigest[] {
  // VERIFY-013: what a manifest of Docker carries, one tool keeps and another one drops.
  const here = (publishedObjects: readonly PublishedObject[]) => (isDocker ? [] : publishedObjects);
  return [
    ...readAnnotations(manifest.annotations, { allowed: here(['merged', 'merged.bootable']), location }),
    ...readAnnotations(manifest.subject?.annotations, { allowed: [], location }),
    ...readAnnotations(manifest.config.annotations, { allowed: here(['config']), location }),
    ...manifest.layers.flatMap(({ annotations }, layer) =>
      readAnnotations(annotations, { allowed: here(['layer']), layer, location: { ...location, layer } }),
    ),
  ];
}

/** The digests in the annotations of one object. */
export function readAnnotations(
  annotations: Annotations = {},
  { allowed, layer, location }: AnnotationContext,
): PublishedDigest[] {
  const result: PublishedDigest[] = [];
  for (const [name, value] of Object.entries(annotations)) {
    // VERIFY-010
    if (isAltered(name))
      throw new ComposefsError('VERIFY_KEY', `${quoted(name)} is a key in another case`, location);
    const key = readKey(name);
    if (key === undefined) continue; // VERIFY-009
    // VERIFY-011
    if (!allowed.includes(key.object)) {
      throw new ComposefsError('VERIFY_PLACE', `${name} says nothing where it stands`, location);
    }
    const { object, algorithm } = key;
    const digestName = digestKey(object, algorithm);
    if (key.signature) {
      // VERIFY-015
      if (!Object.hasOwn(annotations, digestName)) {
        throw new ComposefsError('VERIFY_KEY', `${name} has no ${digestName} beside it`, location);
      }
      continue;
    }
    const signature = Object.hasOwn(annotations, signatureKey(name))
      ? shortEnough(
          decodeBase64(annotations[signatureKey(name)] ?? '', signatureKey(name), location),
          location,
        )
      : undefined;
    result.push({
      key: name,
      object,
      layer,
      algorithm,
      digest: checkedDigest(value, algorithm, name, location),
      signature,
      location,
    });
  }
  return result;
}

// VERIFY-012
function checkedDigest(value: string, algorithm: Algorithm, name: string, location: Location): string {
  const digits = algorithmParameters[algorithm].digestSize * 2;
  if (value.length === digits && /^[0-9a-f]+$/.test(value)) return value;
  throw new ComposefsError(
    'VERIFY_VALUE',
    `${name} is ${quoted(value)}, not ${digits} lower-case hex digits`,
    location,
  );
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes of base64 that spells them in the one way there is (VERIFY-012). */
function decodeBase64(text: string, name: string, location: Location): Uint8Array {
  if (text !== '' && base64.test(text)) {
    const decoded = atob(text);
    // The last digit may have bits that belong to no byte.
    if (btoa(decoded) === text) return Uint8Array.from(decoded, c => c.charCodeAt(0));
  }
  throw new ComposefsError('VERIFY_VALUE', `${name} is not base64`, location);
}

/** A signature that the kernel takes, as far as its length goes (VERIFY-031). */
export function shortEnough<T extends { readonly length: number }>(signature: T, location: Location): T {
  if (signature.length <= SIGNATURE_LIMIT) return signature;
  const detail = `the signature has ${signature.length} bytes, more than ${SIGNATURE_LIMIT}`;
  throw new ComposefsError('VERIFY_SIGNATURE_FORM', detail, location);
}

/** The digests in a config and a manifest under the older names (VERIFY-026). */
export function readOlderNames(
  config: unknown,
  manifest: AnnotatedManifest,
  locations: OlderNameLocations,
): OlderNameDigest[] {
  const labels = labelsOf(config);
  const { label, labelOrAnnotation } = olderNames;
  return [
    ...legacy(labels, label, locations.config),
    ...legacy(labels, labelOrAnnotation, locations.config),
    ...legacy(manifest.annotations, labelOrAnnotation, locations.manifest),
  ];
}

/** A label of a config, or undefined where it has none of that name. */
export function labelOf(config: unknown, name: string): unknown {
  return member(labelsOf(config), name);
}

function labelsOf(config: unknown): unknown {
  return member(member(config, 'config'), 'Labels');
}

/** Where the documents are. */
export interface OlderNameLocations {
  readonly config: Location;
  readonly manifest: Location;
}

function legacy(holder: unknown, name: string, location: Location): OlderNameDigest[] {
  const value = member(holder, name);
  if (value === undefined) return [];
  if (typeof value === 'string') {
    const [, prefix = '', digest = ''] = /^([a-z0-9-]+:)?([0-9a-f]+)$/.exec(value) ?? [];
    for (const hash of ['sha256', 'sha512'] as const) {
      const algorithm = `fsverity-${hash}-12` as const;
      const digits = algorithmParameters[algorithm].digestSize * 2;
      if (digest.length === digits && ['', `${hash}:`, `${algorithm}:`].includes(prefix)) {
        return [{ name, algorithm, digest, location }];
      }
    }
  }
  // VERIFY-028
  throw new ComposefsError('VERIFY_VALUE', `${name} is not a digest: ${quoted(String(value))}`, location);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
