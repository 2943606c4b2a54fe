/**
 * Features that no conformance class needs, as `spec/introduction.md` lists them.
 * @module
 */

/** Who lacks one of these conforms all the same. */
export const optionalFeatures: readonly string[] = [
  'digest.sha256-16',
  'digest.sha512-16',
  'digest.salt',
  'digest.formatted',
  'format.v0',
  'format.v2',
  'limits.expansion',
];
