/**
 * Features that no conformance class needs, as `spec/introduction.md` lists them.
 * @module
 */

import type { FilteredBy } from './select.ts';

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

/** Whether a case was not asked because of an optional feature: then it leaves nothing open. */
export function isOptional(filtered: FilteredBy | undefined): boolean {
  return filtered?.by === 'feature' && optionalFeatures.includes(filtered.name);
}
