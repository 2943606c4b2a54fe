/**
 * The known differences of implementations from the standard on layers. Each is decided by the standard, has cases, and
 * can be removed from a layer set. `generate/random-trees/known-differences.ts` has those on trees.
 * @module
 */

import type { KnownDifference } from '../../../generate/random-trees/known-differences.ts';
import type { LayerSet } from '../layer-sets/layer-set.ts';
import { headerDifferences } from './headers.ts';
import { mergeDifferences } from './merging.ts';
import { recordDifferences } from './records.ts';

/** In order of the data flow: records, headers, merging. */
export const knownLayerDifferences: readonly KnownDifference<LayerSet>[] = [
  ...recordDifferences,
  ...headerDifferences,
  ...mergeDifferences,
];
