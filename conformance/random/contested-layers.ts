/**
 * The points of layers on which implementations are known to differ from the standard: each is decided, has cases,
 * and can be taken out of a layer set. `contested.ts` has those of trees.
 * @module
 */

import type { Contested } from './contested.ts';
import { contestedHeaders } from './contested-headers.ts';
import { contestedMerging } from './contested-merging.ts';
import { contestedRecords } from './contested-records.ts';
import type { LayerSet } from './layer-set.ts';

/** What is read comes before what becomes of it. */
export const contestedLayers: readonly Contested<LayerSet>[] = [
  ...contestedRecords,
  ...contestedHeaders,
  ...contestedMerging,
];
