/**
 * A program that is asked for its opinion, and how the answers become opinions.
 * @module
 */

import type { WorkDirectory } from '../../runner/run/work-directory.ts';
import type { Case } from '../../suite/case.ts';
import type { Opinion } from '../../suite/opinions.ts';

/** What a program says of one input. */
export interface Answer {
  readonly opinion: 'accepts' | 'rejects';
  /** The number of entries that it sees in archives. Undefined if it reads something else, or does not tell. */
  readonly entries?: number;
  /** The stage in which it rejects the input, if it tells. */
  readonly stage?: string;
}

/** A case with a copy of its inputs. */
export interface Subject {
  readonly test: Case;
  readonly folder: WorkDirectory;
  /** Makes another copy. */
  readonly copy: () => WorkDirectory;
}

/** A program that reads inputs of some cases. */
export interface Witness {
  /** With the version. */
  readonly name: string;
  /** Whether the program reads the part of the input in which the case has its defect. */
  readonly reads: (test: Case) => boolean;
  /** The answer to each subject, in their order; undefined if the program has none, for example because it crashed. */
  readonly ask: (subjects: readonly Subject[]) => Promise<readonly (Answer | undefined)[]>;
}

/** A program that this machine lacks. */
export interface MissingWitness {
  /** Without a version. */
  readonly name: string;
  /** How to get it. */
  readonly missing: string;
}

/** The opinion of a program that gives these answers to `test`, with `entries` entries in archives, and to its control. */
export function opinionOf(
  { expect }: Case,
  answer: Answer | undefined,
  control: Answer | undefined,
  entries: number,
): Opinion | undefined {
  // A program that rejects the control has not shown that it detects the defect.
  if (answer === undefined || control?.opinion !== 'accepts') return undefined;
  if (answer.opinion === 'rejects') {
    const isExpected =
      expect.outcome !== 'reject' || answer.stage === undefined || answer.stage === expect.stage;
    return isExpected ? 'rejects' : `rejects in ${answer.stage}`;
  }
  return answer.entries !== undefined && answer.entries < entries ? 'stops' : 'accepts';
}

/** One answer for an input that consists of several files: the program rejects it if it rejects one of them. */
export function combined(answers: readonly (Answer | undefined)[]): Answer | undefined {
  const known = answers.filter(answer => answer !== undefined);
  if (answers.length === 0 || known.length < answers.length) return undefined;
  const rejected = known.some(({ opinion }) => opinion === 'rejects');
  const opinion = rejected ? 'rejects' : 'accepts';
  if (known.some(({ entries }) => entries === undefined)) return { opinion };
  return { opinion, entries: known.reduce((sum, { entries = 0 }) => sum + entries, 0) };
}
