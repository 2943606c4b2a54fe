/**
 * Measurements for people.
 * @module
 */

import type { Summary } from './measure.ts';
import type { Target } from './targets.ts';
import type { Program, Result, Task } from './tasks.ts';

/** What a task has come to, in a few lines. `about` says what the input is. */
export function describeResult(task: Task, about: string, result: Result): string {
  const { ours, peer, ratio, digests } = result;
  const same = digests.ours === digests.peer;
  return [
    `${task.name}: ${task.what}; ${about}`,
    row('', 'wall, s', 'CPU, s', 'memory, MB'),
    row('composefs-oci', ...cells(ours)),
    row(task.peer, ...cells(peer)),
    row('ratio', spread(ratio.wall, 2), spread(ratio.cpu, 2), spread(ratio.memory, 2)),
    same
      ? `  both print ${digests.ours.slice(0, 16)}…`
      : `  THE DIGESTS DIFFER: ${digests.ours}, ${task.peer} prints ${digests.peer}`,
    '',
  ].join('\n');
}

/** Each promise in a line. */
export function describeTargets(targets: readonly Target[]): string {
  const lines = targets.map(({ what, limit, value, met }) => {
    return `  ${met ? 'met   ' : 'MISSED'}  ${value.toFixed(2).padStart(6)} of at most ${limit.toFixed(2)}  ${what}`;
  });
  return ['targets, by medians:', ...lines, ''].join('\n');
}

function row(name: string, ...cells: readonly string[]): string {
  return `  ${name.padEnd(16)}${cells.map(cell => cell.padEnd(24)).join('')}`.trimEnd();
}

function cells({ wall, cpu, memory }: Program): string[] {
  return [spread(wall, 3), spread(cpu, 2), spread(memory, 0, 1e6)];
}

/** Median, and in parentheses the least and the most. */
function spread(summary: Summary | undefined, digits: number, unit = 1): string {
  if (summary === undefined) return 'unknown';
  const text = (value: number) => (value / unit).toFixed(digits);
  return `${text(summary.median)} (${text(summary.min)}–${text(summary.max)})`;
}
