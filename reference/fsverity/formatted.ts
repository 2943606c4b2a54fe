/**
 * The formatted digest, which a signature signs (spec/fsverity.md, "The formatted digest").
 * @module
 */

import { type Algorithm, algorithmParameters } from './algorithm.ts';

const MAGIC = new TextEncoder().encode('FSVerity');

/**
 * The formatted digest of `digest` (VERITY-011). Throws a RangeError if the length of `digest` does not match
 * `algorithm`.
 */
export function formattedDigest(digest: Uint8Array, algorithm: Algorithm): Uint8Array {
  const { number, digestSize } = algorithmParameters[algorithm];
  if (digest.length !== digestSize) {
    throw new RangeError(`"digest" expected ${digestSize} bytes, got ${digest.length}`);
  }
  const bytes = new Uint8Array(MAGIC.length + 4 + digestSize);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(MAGIC.length, number, true);
  view.setUint16(MAGIC.length + 2, digestSize, true);
  bytes.set(digest, MAGIC.length + 4);
  return bytes;
}
