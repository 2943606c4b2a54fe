/**
 * OCI digests: `sha256:` or `sha512:` and lower-case hex.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import type { HashName } from '../hash/sha2.ts';
import { quoted } from './json.ts';

/** A digest that was looked at: its parts can't climb out of a directory. */
export interface OciDigest {
  readonly hash: HashName;
  readonly hex: string;
}

/** The parts of a digest; refused with IMAGE_DIGEST_FORM (LAYER-009). */
export function parseOciDigest(text: string, location: Location): OciDigest {
  const match = /^(?:(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))$/.exec(text);
  if (match?.[2] !== undefined) return { hash: 'sha256', hex: match[2] };
  if (match?.[4] !== undefined) return { hash: 'sha512', hex: match[4] };
  throw new ComposefsError(
    'IMAGE_DIGEST_FORM',
    `${quoted(text)} is not sha256 or sha512 with its lower-case hex digits`,
    location,
  );
}
