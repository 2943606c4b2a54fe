/**
 * Which requirement is decided by which cases.
 * @module
 */

import type { Case } from '../../conformance/suite/case.ts';
import type { Entry } from './requirements.ts';

/** What the cases say about one requirement. */
export interface Coverage {
  readonly entry: Entry;
  readonly accept: number;
  readonly reject: number;
  readonly either: number;
}

/** One row an active requirement, in order of id. */
export function coverageOf(entries: readonly Entry[], cases: readonly Case[]): Coverage[] {
  return entries
    .filter(entry => entry.status === 'active')
    .map(entry => {
      const outcomes = cases
        .filter(test => test.requirements.includes(entry.id))
        .map(test => test.expect.outcome);
      const count = (outcome: Case['expect']['outcome']) =>
        outcomes.filter(found => found === outcome).length;
      return { entry, accept: count('accept'), reject: count('reject'), either: count('either') };
    });
}

/** Rows that fail: a MUST or MUST NOT that vectors decide, and that no case cites. */
export function uncovered(rows: readonly Coverage[]): Coverage[] {
  return rows.filter(({ entry, accept, reject, either }) => {
    const absolute = entry.level === 'MUST' || entry.level === 'MUST NOT';
    return absolute && entry.verification === 'vector' && accept + reject + either === 0;
  });
}

/** Codes of `codes` that no case expects and that nothing excuses, in their order; and excuses without a need. */
export function unexpectedCodes(
  codes: readonly string[],
  cases: readonly Case[],
  excuses: Readonly<Record<string, string>>,
): string[] {
  const expected = new Set(
    cases.flatMap(({ expect }) => (expect.outcome === 'reject' ? expect.reasons : [])),
  );
  return codes.filter(code => expected.has(code) === Object.hasOwn(excuses, code));
}

/** The table for a terminal. */
export function printCoverage(rows: readonly Coverage[]): string {
  const failing = new Set(uncovered(rows));
  const cells = rows.map(row => {
    const { entry, accept, reject, either } = row;
    const mark = failing.has(row) ? 'no case' : '';
    const [by = ''] = entry.verification.split(':');
    return [entry.id, entry.level, by, String(accept), String(reject), String(either), mark];
  });
  const table = [['requirement', 'level', 'decided by', 'accept', 'reject', 'either', ''], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map(row => row[column]?.length ?? 0))) ?? [];
  const lines = table.map(row => {
    return row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  });
  const count = (rows: readonly unknown[], what: string) => `${rows.length} ${what}`;
  const cited = rows.filter(({ accept, reject, either }) => accept + reject + either > 0);
  return `${lines.join('\n')}\n\n${[
    count(rows, 'active requirements'),
    count(cited, 'cited by cases'),
    count([...failing], 'that must be and are not'),
  ].join(', ')}\n`;
}
