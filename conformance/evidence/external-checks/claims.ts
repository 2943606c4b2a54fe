/**
 * Compares the claims of the vectors about external checkers, `provenance.confirmedBy`, with the results of the checks.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import type { CheckResult, CheckRow } from './check-results.ts';

/** Claims that are wrong, and claims that could be added. */
export interface ClaimsReport {
  /** One line per wrong claim. */
  readonly wrong: readonly string[];
  /** One line per checker that confirmed more cases than the vectors claim. */
  readonly missing: readonly string[];
  readonly checked: number;
  /** The number of claims whose check was skipped on this machine. */
  readonly unchecked: number;
  /** Ids of cases with a claim about something that these checks do not cover, such as a digest in a dumpfile. */
  readonly elsewhere: readonly string[];
}

/** The most ids that a message lists. */
const MAX_LISTED = 5;

/**
 * Compares the claims of `cases` about the checkers of `rows` with the results. All rows of one checker count together;
 * a claim about another version of a checker is compared with the installed version.
 */
export function checkClaims(cases: readonly Case[], rows: readonly CheckRow[]): ClaimsReport {
  const wrong: string[] = [];
  const missing = new Map<string, string[]>();
  const elsewhere: string[] = [];
  let checked = 0;
  let unchecked = 0;
  for (const checker of new Set(rows.map(row => checkerName(row.checker)))) {
    const checkerRows = rows.filter(row => checkerName(row.checker) === checker);
    const name = checkerRows[0]?.checker ?? checker;
    for (const { id, provenance } of cases) {
      const claim = provenance.confirmedBy.find(text => checkerName(text) === checker);
      const result = combined(checkerRows.flatMap(row => row.results.get(id) ?? []));
      if (claim === undefined) {
        if (result?.status === 'pass') missing.set(name, [...(missing.get(name) ?? []), id]);
      } else if (result === undefined) {
        elsewhere.push(id);
      } else if (result.status === 'skip') {
        unchecked++;
      } else {
        checked++;
        if (result.status === 'fail')
          wrong.push(`${id} claims "${claim}", but the check failed: ${result.why}`);
      }
    }
  }
  return {
    wrong,
    missing: [...missing].map(([name, ids]) => {
      const more = ids.length - MAX_LISTED;
      return `${name} confirms ${ids.slice(0, MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    }),
    checked,
    unchecked,
    elsewhere,
  };
}

/** The name of a checker without its version: `fsck.erofs` of `fsck.erofs 1.9.4`. */
function checkerName(claim: string): string {
  return claim.split(' ')[0] ?? claim;
}

/** The result of several checks: fails if one fails, and passes if one passes and none fails. */
function combined(results: readonly CheckResult[]): CheckResult | undefined {
  return (
    results.find(({ status }) => status === 'fail') ??
    results.find(({ status }) => status === 'pass') ??
    results[0]
  );
}
