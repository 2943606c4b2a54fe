/**
 * The formatted digest: what a signature of a file with fs-verity covers (spec/fsverity.md).
 * @module
 */

import { type Algorithm, algorithmParameters } from './algorithm.ts';

const MAGIC = new TextEncoder().encode('FSVerity');

/**
 * `digest`, under `algorithm`, with its head (VERITY-011). Throws a RangeError where the digest has not the length
 * of the algorithm.
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
