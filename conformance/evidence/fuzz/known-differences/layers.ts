/**
 * The points of layers on which implementations are known to differ from the standard: each is decided, has cases,
 * and can be taken out of a layer set. `contested.ts` has those of trees.
 * @module
 */

import type { Contested } from '../../../generate/random-trees/known-differences.ts';
import type { LayerSet } from '../layer-sets/layer-set.ts';
import { contestedHeaders } from './headers.ts';
import { contestedMerging } from './merging.ts';
import { contestedRecords } from './records.ts';

/** What is read comes before what becomes of it. */
export const contestedLayers: readonly Contested<LayerSet>[] = [
  ...contestedRecords,
  ...contestedHeaders,
  ...contestedMerging,
];
