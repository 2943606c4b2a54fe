/**
 * The digests that an image publishes inline and under older names (spec/verification.md).
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { type Algorithm, algorithmParameters } from '../fsverity/algorithm.ts';
import { quoted } from '../oci/json.ts';
import type { AnnotatedManifest } from '../oci/schemas.ts';
import {
  digestKey,
  isKeyInOtherCase,
  olderNames,
  type PublishedObject,
  readKey,
  signatureKey,
} from './keys.ts';
import { SIGNATURE_LIMIT } from './pkcs7.ts';

/** A published digest. */
export interface PublishedDigest {
  readonly key: string;
  readonly object: PublishedObject;
  /** Number of the layer, for object `layer`. */
  readonly layer: number | undefined;
  readonly algorithm: Algorithm;
  /** In lower-case hex, with the length of the algorithm's digests. */
  readonly digest: string;
  /** The signature of the digest in DER, if it has one. */
  readonly signature: Uint8Array | undefined;
  readonly location: Location;
}

/** A digest under an older name, which does not identify a format. */
export interface OlderNameDigest {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly digest: string;
  readonly location: Location;
}

type Annotations = Readonly<Record<string, string>>;

/** Where annotations are, and which digests are allowed there. */
export interface AnnotationContext {
  readonly allowed: readonly PublishedObject[];
  readonly layer?: number | undefined;
  readonly location: Location;
  /** The rejection of a signature key, where signatures are not in annotations. Default: they are. */
  readonly rejectSignature?: (name: string) => ComposefsError;
}

/**
 * The digests in the manifest of an image.
 *
 * @throws ComposefsError with a code of stage `verify` if a key or a value is malformed or in a wrong place.
 */
export function readInline(
  manifest: AnnotatedManifest,
  isDocker: boolean,
  location: Location,
): PublishedDigest[] {
  // VERIFY-013: some tools keep annotations of a Docker manifest, and others drop them.
  const unlessDocker = (objects: readonly PublishedObject[]) => (isDocker ? [] : objects);
  return [
    ...readAnnotations(manifest.annotations, {
      allowed: unlessDocker(['merged', 'merged.bootable']),
      location,
    }),
    ...readAnnotations(manifest.subject?.annotations, { allowed: [], location }),
    ...readAnnotations(manifest.config.annotations, { allowed: unlessDocker(['config']), location }),
    ...manifest.layers.flatMap(({ annotations }, layer) =>
      readAnnotations(annotations, {
        allowed: unlessDocker(['layer']),
        layer,
        location: { ...location, layer },
      }),
    ),
  ];
}

/** The digests in the annotations of a manifest or a descriptor. */
export function readAnnotations(
  annotations: Annotations = {},
  { allowed, layer, location, rejectSignature }: AnnotationContext,
): PublishedDigest[] {
  const result: PublishedDigest[] = [];
  for (const [name, value] of Object.entries(annotations)) {
    // VERIFY-010
    if (isKeyInOtherCase(name))
      throw new ComposefsError(
        'VERIFY_KEY',
        `${quoted(name)} differs from a known key only in case`,
        location,
      );
    const key = readKey(name);
    if (key === undefined) continue; // VERIFY-009
    // VERIFY-011
    if (!allowed.includes(key.object)) {
      throw new ComposefsError('VERIFY_PLACE', `${name} is not allowed in this place`, location);
    }
    const { object, algorithm } = key;
    const digestName = digestKey(object, algorithm);
    if (key.signature) {
      if (rejectSignature !== undefined) throw rejectSignature(name);
      // VERIFY-015
      if (!Object.hasOwn(annotations, digestName)) {
        throw new ComposefsError('VERIFY_KEY', `${name} is present without ${digestName}`, location);
      }
      continue;
    }
    const signature = Object.hasOwn(annotations, signatureKey(name))
      ? checkSignatureSize(
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

/** Decodes base64 in the only form that SEAL-043 allows (VERIFY-012). */
function decodeBase64(text: string, name: string, location: Location): Uint8Array {
  if (text !== '' && base64.test(text)) {
    const decoded = atob(text);
    // The unused bits of the last digit must be zero.
    if (btoa(decoded) === text) return Uint8Array.from(decoded, c => c.charCodeAt(0));
  }
  throw new ComposefsError('VERIFY_VALUE', `${name} is empty or not canonical base64`, location);
}

/** Rejects a signature that is too long for the kernel (VERIFY-031). */
export function checkSignatureSize<T extends { readonly length: number }>(
  signature: T,
  location: Location,
): T {
  if (signature.length <= SIGNATURE_LIMIT) return signature;
  const detail = `the signature has ${signature.length} bytes, more than the limit of ${SIGNATURE_LIMIT}`;
  throw new ComposefsError('VERIFY_SIGNATURE_FORM', detail, location);
}

/** The digests under older names in a config and a manifest (VERIFY-026). */
export function readOlderNames(
  config: unknown,
  manifest: AnnotatedManifest,
  locations: OlderNameLocations,
): OlderNameDigest[] {
  const labels = labelsOf(config);
  const { label, labelOrAnnotation } = olderNames;
  return [
    ...digestUnder(labels, label, locations.config),
    ...digestUnder(labels, labelOrAnnotation, locations.config),
    ...digestUnder(manifest.annotations, labelOrAnnotation, locations.manifest),
  ];
}

/** The label `name` of a config, or undefined if it has none. */
export function labelOf(config: unknown, name: string): unknown {
  return member(labelsOf(config), name);
}

function labelsOf(config: unknown): unknown {
  return member(member(config, 'config'), 'Labels');
}

/** The locations of the documents. */
export interface OlderNameLocations {
  readonly config: Location;
  readonly manifest: Location;
}

function digestUnder(holder: unknown, name: string, location: Location): OlderNameDigest[] {
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
  const found = typeof value === 'string' ? quoted(value) : 'not a string';
  const detail = `${name} is ${found}; remove it, or set it to the digest in lower-case hex`;
  throw new ComposefsError('VERIFY_VALUE', detail, location);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
