/**
 * The measurements as text.
 * @module
 */

import type { Summary } from './measure.ts';
import type { RunnerResult } from './runner.ts';
import type { CheckedTarget } from './targets.ts';
import type { Task } from './task.ts';
import type { Measurements, TaskResult } from './tasks.ts';

/** The result of a task, in a few lines. `about` describes the input. */
export function describeResult(task: Task, about: string, result: TaskResult): string {
  const { ours, peer, ratio, digests } = result;
  const same = digests.ours === digests.peer;
  return [
    `${task.name}: ${task.what}; ${about}`,
    row('', 'wall, s', 'CPU, s', 'memory, MB'),
    row('composefs-oci', ...cells(ours)),
    row(task.other, ...cells(peer)),
    row('ratio', spread(ratio.wall, 2), spread(ratio.cpu, 2), spread(ratio.memory, 2)),
    same
      ? `  both print ${digests.ours.slice(0, 16)}…`
      : `  THE DIGESTS DIFFER: ${digests.ours}, ${task.other} prints ${digests.peer}`,
    '',
  ].join('\n');
}

/** The time of the runner, in one line. */
export function describeRunner({ cases, perCase }: RunnerResult): string {
  return `runner: ${spread(perCase, 2)} ms for each of ${cases} cases, with two processes that answer at once\n`;
}

/** The targets, one per line. */
export function describeTargets(targets: readonly CheckedTarget[]): string {
  const lines = targets.map(({ what, limit, value, met }) => {
    return `  ${met ? 'met   ' : 'MISSED'}  ${value.toFixed(2).padStart(6)} of at most ${limit.toFixed(2)}  ${what}`;
  });
  return ['targets, compared with medians:', ...lines, ''].join('\n');
}

function row(name: string, ...cells: readonly string[]): string {
  return `  ${name.padEnd(16)}${cells.map(cell => cell.padEnd(24)).join('')}`.trimEnd();
}

function cells({ wall, cpu, memory }: Measurements): string[] {
  return [spread(wall, 3), spread(cpu, 2), spread(memory, 0, 1e6)];
}

/** The median, and in parentheses the range. */
function spread(summary: Summary | undefined, digits: number, unit = 1): string {
  if (summary === undefined) return 'unknown';
  const text = (value: number) => (value / unit).toFixed(digits);
  return `${text(summary.median)} (${text(summary.min)}–${text(summary.max)})`;
}
