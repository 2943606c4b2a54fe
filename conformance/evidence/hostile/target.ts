/**
 * What a target of hostile input is.
 * @module
 */

import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import type { Seeds } from './seeds.ts';

/** What a target is given, besides random numbers. */
export interface Surroundings {
  readonly seeds: Seeds;
  /** An empty folder, for this input alone. */
  readonly folder: string;
}

/**
 * Gives one hostile input to the reference, in one use or several. Returns if one of them accepted it; otherwise throws
 * the first rejection. Any other error is thrown at once.
 */
export type Target = (random: RandomBytes, surroundings: Surroundings) => Promise<void>;
