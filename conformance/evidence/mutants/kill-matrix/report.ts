/**
 * The report of the kill matrix, as text and as lines of JSON.
 * @module
 */

import type { KillMatrix } from './matrix.ts';
import type { MatrixResult } from './run-matrix.ts';

/** What is wrong with a result; undefined if the mutant is killed. */
export function problemOf({
  mutant,
  killedBy,
  unanswered,
  failing,
  stale,
}: MatrixResult): string | undefined {
  if (stale !== undefined) return `DOES NOT APPLY: ${stale}`;
  if (failing.length > 0) return `FAILS WITHOUT THE MUTANT: ${failing.join(', ')}`;
  if (killedBy.length === 0 && unanswered.length > 0)
    return `NO ANSWER: the adapter fails instead of breaking the rule: ${unanswered.join(', ')}`;
  if (killedBy.length === 0) return `SURVIVED: no case that cites ${mutant.requirement} fails`;
  return undefined;
}

/** The number of killing cases that a line of text names. */
const SHOWN = 3;

/** One result: requirement, mutant, killing cases. */
export function resultText(result: MatrixResult): string {
  const { mutant, killedBy } = result;
  const more = killedBy.length > SHOWN ? ` and ${killedBy.length - SHOWN} more` : '';
  const outcome = problemOf(result) ?? `killed by ${killedBy.slice(0, SHOWN).join(', ')}${more}`;
  return `${mutant.requirement}  ${mutant.name}\n  ${outcome}`;
}

/** One result as an object for JSON. */
export function resultJson(result: MatrixResult): object {
  const { mutant, killedBy, unanswered } = result;
  return { event: 'mutant', ...mutant, killedBy, unanswered, problem: problemOf(result) ?? null };
}

/** What the matrix lacks. */
export interface Missing {
  /** Requirements without an entry, in areas that have others. */
  readonly withoutEntry: readonly string[];
  /** Areas without any entry. */
  readonly areas: readonly string[];
}

/** The chosen ids of `required` for which the matrix has no entry. */
export function missing(
  required: readonly string[],
  { mutants, without }: KillMatrix,
  isChosen: (id: string) => boolean,
): Missing {
  const ids = [...mutants, ...without].map(({ requirement }) => requirement);
  const listed = new Set(ids);
  const begun = new Set(ids.map(areaOf));
  const lacking = required.filter(id => isChosen(id) && !listed.has(id));
  return {
    withoutEntry: lacking.filter(id => begun.has(areaOf(id))),
    areas: [...new Set(lacking.map(areaOf))].filter(area => !begun.has(area)),
  };
}

function areaOf(id: string): string {
  return id.replace(/-.*/, '');
}

/** Entries that name no requirement of `required`, or that contradict each other. */
export function unknown(required: readonly string[], { mutants, without }: KillMatrix): string[] {
  const known = new Set(required);
  const withMutant = new Set(mutants.map(({ requirement }) => requirement));
  return [
    ...[...mutants, ...without].map(({ requirement }) => requirement).filter(id => !known.has(id)),
    ...without.map(({ requirement }) => requirement).filter(id => withMutant.has(id)),
  ];
}
