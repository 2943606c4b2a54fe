/**
 * Features that no conformance class requires, as listed in `spec/introduction.md`.
 * @module
 */

/** An implementation without these features can still conform. */
export const optionalFeatures: readonly string[] = [
  'digest.sha256-16',
  'digest.sha512-16',
  'digest.salt',
  'digest.formatted',
  'format.v0',
  'format.v2',
  'limits.expansion',
  'store.blobs',
  'toc.zstd-chunked',
];
