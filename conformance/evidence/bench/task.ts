/**
 * What a task is.
 * @module
 */

import type { DebianProgram } from '../../implementations/install/paths.ts';
import type { InputName } from './inputs.ts';

/** The programs that `composefs-oci` is compared with. */
export type ComparedProgram = DebianProgram | 'cfsctl';

/** Two programs that have to print the same digest. */
export interface Task {
  readonly name: string;
  readonly what: string;
  readonly input: InputName;
  readonly other: ComparedProgram;
  readonly targets: TaskTargets;
  /**
   * The arguments of `composefs-oci`, and those of the other program, each for one run or several. `output` is the path
   * of a file or folder that may be created.
   */
  arguments(
    input: string,
    output: string,
  ): { readonly ours: readonly (readonly string[])[]; readonly theirs: readonly (readonly string[])[] };
  /** The part of what the last run printed that has to be the same. Default: the digest at its beginning. */
  printed?(output: string): string;
}

/** The targets of a task; there is none for a member that is absent. */
export interface TaskTargets {
  /** The maximum ratio to the wall time of the other program. */
  readonly wall?: number;
  /** The maximum ratio to the memory of the other program. */
  readonly memory?: number;
  /** The number of inodes in the tree, for the target {@link peakMemory}. */
  readonly inodes?: number;
}
