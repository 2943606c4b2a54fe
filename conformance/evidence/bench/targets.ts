/**
 * The targets, and whether the measurements meet them.
 * @module
 */

import type { Task } from './task.ts';
import { peakMemory, type TaskResult } from './tasks.ts';

/** One target. */
export interface CheckedTarget {
  readonly what: string;
  /** The maximum of the value. */
  readonly limit: number;
  readonly value: number;
  readonly met: boolean;
}

/** The most that the wall time may grow if there are ten times as many inodes: linear, plus the effect of caches. */
const TENFOLD = 12;
/** The most that the memory may grow if a file is 16 times as large: constant, plus uncollected garbage. */
const CONSTANT = 1.25;

/** The targets of the measured tasks. */
export function checkTargets(tasks: readonly Task[], results: readonly TaskResult[]): CheckedTarget[] {
  return [...comparisons(tasks, results), ...growth(results)].filter(target => target !== undefined);
}

function comparisons(tasks: readonly Task[], results: readonly TaskResult[]): (CheckedTarget | undefined)[] {
  return tasks.flatMap(({ name, other, targets }) => {
    const ratio = results.find(({ task }) => task === name)?.ratio;
    return [
      target(`${name}: wall time relative to ${other}`, targets.wall, ratio?.wall?.median),
      target(`${name}: memory relative to ${other}`, targets.memory, ratio?.memory?.median),
      peak(name, targets.inodes, results),
    ];
  });
}

const MIB = 1024 * 1024;

function peak(
  name: string,
  inodes: number | undefined,
  results: readonly TaskResult[],
): CheckedTarget | undefined {
  const memory = results.find(({ task }) => task === name)?.ours.memory?.median;
  if (inodes === undefined || memory === undefined) return undefined;
  return target(`${name}: memory in MiB`, peakMemory(inodes) / MIB, memory / MIB);
}

function growth(results: readonly TaskResult[]): (CheckedTarget | undefined)[] {
  const of = (name: string, what: 'wall' | 'memory') =>
    results.find(({ task }) => task === name)?.ours[what]?.median;
  const grown = (from: string, to: string, what: 'wall' | 'memory', limit: number) => {
    const [before, after] = [of(from, what), of(to, what)];
    const value = before === undefined || after === undefined ? undefined : after / before;
    return target(`${to}: ${what === 'wall' ? 'wall time' : what} relative to ${from}`, limit, value);
  };
  return [
    grown('synthetic-10k', 'synthetic-100k', 'wall', TENFOLD),
    grown('synthetic-100k', 'synthetic-1m', 'wall', TENFOLD),
    grown('sha256-64m', 'sha256-1g', 'memory', CONSTANT),
    grown('sha512-64m', 'sha512-1g', 'memory', CONSTANT),
    grown('import-1', 'import-50', 'memory', CONSTANT),
    grown('fsck-1', 'fsck-50', 'memory', CONSTANT),
  ];
}

function target(
  what: string,
  limit: number | undefined,
  value: number | undefined,
): CheckedTarget | undefined {
  if (limit === undefined || value === undefined) return undefined;
  return { what, limit, value, met: value <= limit };
}
