/**
 * What is promised, and whether the measurements keep it.
 * @module
 */

import { peakMemory, type Result, type Task } from './tasks.ts';

/** One promise. */
export interface Target {
  readonly what: string;
  /** The most that the value may be. */
  readonly limit: number;
  readonly value: number;
  readonly met: boolean;
}

/** So many times the wall time may ten times as many inodes take: time grows with them, and processors have caches. */
const TENFOLD = 12;
/** So many times the memory may a file 16 times as large take: the same, but for what a collector leaves. */
const CONSTANT = 1.25;

/** The promises about what was measured. */
export function targets(tasks: readonly Task[], results: readonly Result[]): Target[] {
  return [...comparisons(tasks, results), ...growth(results)].filter(target => target !== undefined);
}

function comparisons(tasks: readonly Task[], results: readonly Result[]): (Target | undefined)[] {
  return tasks.flatMap(({ name, peer, limits }) => {
    const ratio = results.find(({ task }) => task === name)?.ratio;
    return [
      target(`${name}: wall time, ${peer} being 1`, limits.wall, ratio?.wall?.median),
      target(`${name}: memory, ${peer} being 1`, limits.memory, ratio?.memory?.median),
      peak(name, limits.inodes, results),
    ];
  });
}

const MIB = 1024 * 1024;

function peak(name: string, inodes: number | undefined, results: readonly Result[]): Target | undefined {
  const memory = results.find(({ task }) => task === name)?.ours.memory?.median;
  if (inodes === undefined || memory === undefined) return undefined;
  return target(`${name}: memory in MiB`, peakMemory(inodes) / MIB, memory / MIB);
}

function growth(results: readonly Result[]): (Target | undefined)[] {
  const of = (name: string, what: 'wall' | 'memory') =>
    results.find(({ task }) => task === name)?.ours[what]?.median;
  const grown = (from: string, to: string, what: 'wall' | 'memory', limit: number) => {
    const [before, after] = [of(from, what), of(to, what)];
    const value = before === undefined || after === undefined ? undefined : after / before;
    return target(`${to}: ${what === 'wall' ? 'wall time' : what}, ${from} being 1`, limit, value);
  };
  return [
    grown('synthetic-10k', 'synthetic-100k', 'wall', TENFOLD),
    grown('synthetic-100k', 'synthetic-1m', 'wall', TENFOLD),
    grown('sha256-64m', 'sha256-1g', 'memory', CONSTANT),
    grown('sha512-64m', 'sha512-1g', 'memory', CONSTANT),
  ];
}

function target(what: string, limit: number | undefined, value: number | undefined): Target | undefined {
  if (limit === undefined || value === undefined) return undefined;
  return { what, limit, value, met: value <= limit };
}
