/**
 * Whether the vectors say the truth about these judges: `provenance.confirmedBy` against what the judges saw.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import type { Row, Verdict } from './verdict.ts';

/** What is wrong with the claims, and what could be claimed. */
export interface Claims {
  /** One line a claim that is not so. */
  readonly wrong: readonly string[];
  /** One line for every judge that confirmed more than the vectors say. */
  readonly missing: readonly string[];
  readonly checked: number;
  /** Nobody could judge them here. */
  readonly unchecked: number;
  /** Ids of cases with a claim about something that the judges are not given, such as a digest in a dumpfile. */
  readonly elsewhere: readonly string[];
}

/** Ids that are named where there are many. */
const NAMED = 5;

/**
 * Holds the claims of `cases` about the judges of `rows` against their verdicts. Several rows of one judge count
 * together; a claim by another version of a judge is held against the version that is here.
 */
export function checkClaims(cases: readonly Case[], rows: readonly Row[]): Claims {
  const wrong: string[] = [];
  const missing = new Map<string, string[]>();
  const elsewhere: string[] = [];
  let checked = 0;
  let unchecked = 0;
  for (const judge of new Set(rows.map(row => tool(row.judge)))) {
    const own = rows.filter(row => tool(row.judge) === judge);
    const name = own[0]?.judge ?? judge;
    for (const { id, provenance } of cases) {
      const claim = provenance.confirmedBy.find(text => tool(text) === judge);
      const verdict = together(own.flatMap(row => row.verdicts.get(id) ?? []));
      if (claim === undefined) {
        if (verdict?.status === 'pass') missing.set(name, [...(missing.get(name) ?? []), id]);
      } else if (verdict === undefined) {
        elsewhere.push(id);
      } else if (verdict.status === 'skip') {
        unchecked++;
      } else {
        checked++;
        if (verdict.status === 'fail') wrong.push(`${id}: "${claim}", and it does not: ${verdict.why}`);
      }
    }
  }
  return {
    wrong,
    missing: [...missing].map(([name, ids]) => {
      const named = ids.slice(0, NAMED).join(', ');
      return `${name} confirms ${ids.length} that do not say so: ${named}${ids.length > NAMED ? ', …' : ''}`;
    }),
    checked,
    unchecked,
    elsewhere,
  };
}

/** A judge by its name: `fsck.erofs` of `fsck.erofs 1.9.4`. */
function tool(claim: string): string {
  return claim.split(' ')[0] ?? claim;
}

/** One failure is enough; to pass, something has to pass. */
function together(verdicts: readonly Verdict[]): Verdict | undefined {
  return (
    verdicts.find(({ status }) => status === 'fail') ??
    verdicts.find(({ status }) => status === 'pass') ??
    verdicts[0]
  );
}
