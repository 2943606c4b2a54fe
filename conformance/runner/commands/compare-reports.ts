/**
 * `compare`: what changed from one run to another.
 * @module
 */

import { Command } from 'commander';
import { isBad, problemOf } from '../report/causes.ts';
import type { CaseEvent } from '../report/events.ts';
import { type Report, readReport } from '../report/read-report.ts';
import { print } from '../stdout.ts';
import { counted, exit, type Finish } from './command.ts';

const help = `
Every case is in one of these lists, first match first:
  added      only in B
  removed    only in A
  broken     passed in A, does not pass in B
  fixed      did not pass in A, passes in B
  changed    does not pass in either, but with another status or a different message
  notRun     was run in A, is not run in B
  newlyRun   was not run in A, is run in B
  unchanged  none of these

Exit code: 0 if nothing is broken, 1 otherwise.`;

const kinds = ['added', 'removed', 'broken', 'fixed', 'changed', 'notRun', 'newlyRun', 'unchanged'] as const;
type Kind = (typeof kinds)[number];

/** The ids of the cases by kind of change, each list in order of id. */
export type Comparison = Readonly<Record<Kind, readonly string[]>>;

/** The command. */
export function compareCommand(finish: Finish): Command {
  return new Command('compare')
    .description('Print which cases were added, fixed or broken from report A to report B.')
    .argument('<A>', 'the earlier report, as JSON Lines')
    .argument('<B>', 'the later report')
    .option('--json', 'print one JSON object with the ids of each kind')
    .addHelpText('after', help)
    .action(async (a: string, b: string, { json }: { json?: true }) => {
      const [earlier, later] = [readReport(a), readReport(b)];
      const comparison = compareReports(earlier, later);
      await print(json ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison, earlier, later));
      finish(comparison.broken.length > 0 ? exit.failures : exit.ok);
    });
}

/** Compares two reports. */
export function compareReports(earlier: Report, later: Report): Comparison {
  const [a, b] = [byId(earlier), byId(later)];
  const found: Record<Kind, string[]> = {
    added: [],
    removed: [],
    broken: [],
    fixed: [],
    changed: [],
    notRun: [],
    newlyRun: [],
    unchanged: [],
  };
  for (const id of [...new Set([...a.keys(), ...b.keys()])].sort())
    found[kindOf(a.get(id), b.get(id))].push(id);
  return found;
}

function kindOf(a: CaseEvent | undefined, b: CaseEvent | undefined): Kind {
  if (a === undefined) return 'added';
  if (b === undefined) return 'removed';
  if (a.status === 'filtered' || b.status === 'filtered') {
    if (a.status === b.status) return 'unchanged';
    return a.status === 'filtered' ? 'newlyRun' : 'notRun';
  }
  if (a.failure === undefined && b.failure !== undefined) return 'broken';
  if (a.failure !== undefined && b.failure === undefined) return 'fixed';
  const same = a.failure?.status === b.failure?.status && a.failure?.message === b.failure?.message;
  return same ? 'unchanged' : 'changed';
}

function byId({ cases }: Report): ReadonlyMap<string, CaseEvent> {
  return new Map(cases.map(event => [event.id, event]));
}

function comparisonText(comparison: Comparison, earlier: Report, later: Report): string {
  const results = byId(later);
  const headers = [earlier, later].map(({ header }, i) => {
    const { implementation, suite } = header;
    return `${'AB'[i]}: ${implementation.name} ${implementation.version}, suite ${suite.version} (${suite.indexSha256.slice(0, 16)})`;
  });
  const lists = kinds
    .filter(kind => kind !== 'unchanged' && comparison[kind].length > 0)
    .map(kind => [`${kind}:`, ...comparison[kind].map(id => `  ${id}${detail(results.get(id))}`)].join('\n'));
  return `${[headers.join('\n'), ...lists, `${counted(comparison.unchanged.length, 'case')} unchanged`].join('\n\n')}\n`;
}

function detail(result: CaseEvent | undefined): string {
  return result === undefined || !isBad(result) ? '' : `: ${problemOf(result).split('\n')[0]}`;
}
