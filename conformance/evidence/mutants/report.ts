/**
 * The report of a run of mutants, as text and as lines of JSON.
 * @module
 */

import { type Equivalent, entryText, type UndecidedCode } from './equivalents.ts';
import type { Mutant } from './mutants.ts';
import type { MutantResult } from './run-mutants.ts';

/** The totals of a run. */
export interface Totals {
  readonly mutants: number;
  readonly killed: number;
  /** Survivors on the list of equivalents. */
  readonly equivalent: number;
  /** Survivors that are not on the list. */
  readonly survived: number;
  /** Places of entries that are out of date: no such change is possible, or the vectors notice it. */
  readonly outOfDate: readonly string[];
  /** Cases that the unchanged reference fails. */
  readonly notCounted: readonly string[];
}

/** The totals of `results`. `missing` are entries of the list without a mutant. */
export function totalsOf(
  results: readonly MutantResult[],
  missing: readonly (Equivalent | UndecidedCode)[],
  notCounted: readonly string[],
): Totals {
  const survivors = results.filter(({ killed }) => killed === undefined);
  const equivalent = survivors.filter(({ listed }) => listed !== undefined).length;
  const killedEntries = results.flatMap(result => (isDisproved(result) ? [result.listed] : []));
  return {
    mutants: results.length,
    killed: results.length - survivors.length,
    equivalent,
    survived: survivors.length - equivalent,
    outOfDate: [...missing, ...killedEntries].map(({ place }) => place),
    notCounted: [...new Set(notCounted)].sort(),
  };
}

/**
 * Whether a case kills a mutant that the list names. A whole module or function can have mutants that are killed, such
 * as one that throws.
 */
function isDisproved(
  result: MutantResult,
): result is MutantResult & { readonly killed: object; readonly listed: Equivalent } {
  return result.killed !== undefined && result.listed !== undefined && 'before' in result.listed;
}

/** The exit code of a run. */
export function exitCodeOf({ survived, outOfDate }: Totals): 0 | 1 {
  return survived === 0 && outOfDate.length === 0 ? 0 : 1;
}

/** The heading of a mutant: its id and where it is. */
export function mutantText(mutant: Mutant): string {
  return `${mutant.id}  line ${mutant.line}\n${indented(entryText(mutant))}`;
}

/** One result, in a few lines. */
export function resultText(result: MutantResult): string {
  const { mutant, killed, listed, isUninfected } = result;
  const outcome =
    killed !== undefined
      ? `killed by ${killed.by} (${killed.status}): ${firstLine(killed.message)}`
      : listed === undefined
        ? `SURVIVED${isUninfected ? '; no case infects it' : ''}`
        : `survived, equivalent: ${listed.reason}`;
  const entry = isDisproved(result) ? `\n  ${result.listed.place} calls it equivalent` : '';
  return `${mutantText(mutant)}  ${outcome}${entry}\n`;
}

/** The totals, with what to do. `lists` is the folder of the lists. */
export function totalsText(
  { mutants, killed, equivalent, survived, ...rest }: Totals,
  lists: string,
): string {
  const { outOfDate, notCounted } = rest;
  const lines = [
    `${mutants} mutants: ${killed} killed, ${equivalent} equivalent, ${survived} survived`,
    ...outOfDate.map(place => `${lists}/${place}: no such mutant survives any more; remove the entry`),
    ...notCounted.map(id => `not counted, because the unchanged reference fails it: ${id}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** One result as an object for JSON. */
export function resultJson({ mutant, killed, listed, isUninfected }: MutantResult): object {
  const { id, module, line, within, before, after, edit } = mutant;
  const outcome = killed !== undefined ? 'killed' : listed === undefined ? 'survived' : 'equivalent';
  return {
    ...{ event: 'mutant', id, module, line, within, before, after, edit, outcome },
    killed: killed ?? null,
    infected: isUninfected === undefined ? null : !isUninfected,
    reason: listed?.reason ?? null,
  };
}

/** The totals as an object for JSON. */
export function totalsJson(totals: Totals): object {
  return { event: 'totals', ...totals, exitCode: exitCodeOf(totals) };
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.slice(0, 200) ?? '';
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
