/**
 * What a report says about failures: those of one cause together, and how to repeat them.
 * @module
 */

import { runnerCommand } from '../../suite/runner-command.ts';
import type { CaseEvent, Header } from './events.ts';
import { shellWord } from './shell-word.ts';

/** Whether the result makes the run fail. */
export function isBad({ status }: CaseEvent): boolean {
  return !['pass', 'xfail', 'filtered'].includes(status);
}

/** The cases that make the run fail, grouped by cause, in order of the first id of each group. */
export function casesByCause(cases: readonly CaseEvent[]): (readonly [CaseEvent, ...CaseEvent[]])[] {
  const groups = new Map<string, [CaseEvent, ...CaseEvent[]]>();
  for (const result of cases.filter(isBad)) {
    const key = `${result.status} ${result.failure?.cause ?? result.listed?.line ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()];
}

/** Why a bad result is one, in one or more lines. */
export function problemOf({ status, failure, listed }: CaseEvent): string {
  if (status === 'xpass') {
    return `passes, but known-failures line ${listed?.line} lists it with status ${listed?.status}; remove it`;
  }
  return failure?.message ?? status;
}

/** Why a case was not run, in a few words. */
export function whyFiltered({ filtered }: CaseEvent): string {
  switch (filtered?.by) {
    case 'operation':
    case 'feature':
      return `hello does not declare ${filtered.name}`;
    case 'shard':
      return 'in a different shard';
    case 'record':
      return 'not in the record';
    case 'stop':
      return 'the run stopped early';
    default:
      return 'not selected';
  }
}

/** What is wrong with the list of known failures, a text for each line. */
export function listProblems(
  unused: readonly { readonly line: number; readonly pattern: string }[],
): string[] {
  return unused.map(
    ({ line, pattern }) => `known-failures line ${line}: pattern ${pattern} matches no case; remove it`,
  );
}

/** The command that runs the case again. */
export function reproduce({ command, vectors, xfail }: Header, id: string): string {
  const impl = command === 'reference' ? '' : ` --impl ${shellWord(command)}`;
  const list = xfail === null ? '' : ` --xfail ${shellWord(xfail)}`;
  const folder = vectors === null ? '' : ` --vectors ${shellWord(vectors)}`;
  return `${runnerCommand}${impl}${folder}${list} --case ${id} --keep`;
}
