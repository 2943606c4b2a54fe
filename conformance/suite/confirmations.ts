/**
 * Which implementations computed the expected result of a case in a recorded run: the data that `npm run results`
 * derives from `conformance/results/`.
 * @module
 */

import { createHash } from 'node:crypto';
import type { Case } from './case.ts';

/** The file, from the top of the repository. */
export const confirmationsPath = 'conformance/generate/confirmations.json';

/** The cases that one implementation was asked: the {@link caseDigest} of each, by its id. */
export interface Confirmations {
  readonly passes: Readonly<Record<string, string>>;
  /** Rejected as expected, but without an error code, which does not show that the implementation saw the defect. */
  readonly passesWithoutCode: Readonly<Record<string, string>>;
  readonly fails: Readonly<Record<string, string>>;
  /** Not passed, and not answered wrongly: unsupported, or inconclusive because of the control. */
  readonly undecided: Readonly<Record<string, string>>;
}

/** By the name of the implementation, with its version. */
export type AllConfirmations = Readonly<Record<string, Confirmations>>;

/** Pairs of a path below the folder of the vectors and the SHA-256 of the file, by the id of the case. */
export function byCase(
  sums: Iterable<readonly [path: string, sha256: string]>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const cases = new Map<string, Map<string, string>>();
  for (const [path, sha256] of sums) {
    const [, id, below] = /^cases\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    if (id === undefined || below === undefined || below === 'case.json') continue;
    const known = cases.get(id) ?? new Map();
    cases.set(id, known.set(below, sha256));
  }
  return cases;
}

/**
 * Identifies what was asked and expected, so that a result says nothing about a case that changed since. `sums` are the
 * SHA-256 of its files, by their paths.
 */
export function caseDigest({ op, input, params, expect }: Case, sums: ReadonlyMap<string, string>): string {
  const files = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([op, input, params, expect, files]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
