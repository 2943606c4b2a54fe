/**
 * OCI digests: `sha256:` or `sha512:`, followed by lower-case hexadecimal digits.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import type { HashName } from '../hash/sha2.ts';
import { quoted } from './json.ts';

/** A digest in the form of LAYER-009: as part of a path, it cannot lead out of `blobs/`. */
export interface OciDigest {
  readonly hash: HashName;
  readonly hex: string;
}

const form = /^(?:(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))$/;

/** Whether a digest has the form of LAYER-009. */
export function isOciDigest(text: string): boolean {
  return form.test(text);
}

/** The path of a blob in a layout. Only a digest with the form of LAYER-009 leads to a file. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** Parses a digest, or rejects it with IMAGE_DIGEST_FORM (LAYER-009). */
export function parseOciDigest(text: string, location: Location): OciDigest {
  const match = form.exec(text);
  if (match?.[2] !== undefined) return { hash: 'sha256', hex: match[2] };
  if (match?.[4] !== undefined) return { hash: 'sha512', hex: match[4] };
  throw new ComposefsError(
    'IMAGE_DIGEST_FORM',
    `${quoted(text)} is not sha256: with 64 or sha512: with 128 lower-case hex digits`,
    location,
  );
}
