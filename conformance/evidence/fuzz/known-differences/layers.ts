/**
 * The points of layers on which implementations are known to differ from the standard: each is decided, has cases,
 * and can be taken out of a layer set. `knownDifferences.ts` has those of trees.
 * @module
 */

import type { KnownDifference } from '../../../generate/random-trees/known-differences.ts';
import type { LayerSet } from '../layer-sets/layer-set.ts';
import { headerDifferences } from './headers.ts';
import { mergingDifferences } from './merging.ts';
import { recordDifferences } from './records.ts';

/** What is read comes before what becomes of it. */
export const knownLayerDifferences: readonly KnownDifference<LayerSet>[] = [
  ...recordDifferences,
  ...headerDifferences,
  ...mergingDifferences,
];
