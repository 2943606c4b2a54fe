/**
 * Measures whole processes.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

/** A program with its arguments. */
export type ProcessCommand = readonly [program: string, ...args: string[]];

/** A program did not exit with code 0. */
export class RunFailed extends Error {}

/** The measurements of one run of a program. */
export interface ProcessRun {
  /** Its stdout. */
  readonly output: string;
  /** Seconds from before its start to after its end. */
  readonly wall: number;
  /** Seconds of CPU time, in the program and in the kernel; unknown without GNU time. */
  readonly cpu: number | undefined;
  /** The maximum of resident memory, in bytes; unknown without GNU time. */
  readonly memory: number | undefined;
}

/** GNU time, which measures the memory of one process. */
const GNU_TIME = '/usr/bin/time';

/** Whether CPU time and memory can be measured. */
export const hasGnuTime: boolean = existsSync(GNU_TIME);

/** Runs a command line and measures it. `statistics` is the path of a temporary file. Throws {@link RunFailed}. */
export function run(command: ProcessCommand, statistics: string): ProcessRun {
  const [program, ...args] = hasGnuTime ? timed(command, statistics) : command;
  const started = performance.now();
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const wall = (performance.now() - started) / 1000;
  if (error !== undefined) throw new RunFailed(`${program}: ${error.message}`);
  if (status !== 0)
    throw new RunFailed(`${command.join(' ')}: ${signal ?? `exit code ${status}`}\n${stderr}`);
  const measured = hasGnuTime ? readStatistics(statistics) : { cpu: undefined, memory: undefined };
  return { output: stdout, wall, ...measured };
}

/** Several runs as one: the sum of their times, the maximum of their memory, and the output of the last one. */
export function combineRuns(runs: readonly ProcessRun[]): ProcessRun {
  return runs.reduce((before, run) => ({
    output: run.output,
    wall: before.wall + run.wall,
    cpu: ifKnown(before.cpu, run.cpu, (a, b) => a + b),
    memory: ifKnown(before.memory, run.memory, Math.max),
  }));
}

function ifKnown(
  a: number | undefined,
  b: number | undefined,
  combine: (a: number, b: number) => number,
): number | undefined {
  return a === undefined || b === undefined ? undefined : combine(a, b);
}

function timed(command: ProcessCommand, statistics: string): ProcessCommand {
  return [GNU_TIME, '--quiet', '--format=%U %S %M', `--output=${statistics}`, ...command];
}

function readStatistics(path: string): { readonly cpu: number; readonly memory: number } {
  const [user = 0, system = 0, kilobytes = 0] = readFileSync(path, 'utf8').trim().split(' ').map(Number);
  rmSync(path);
  return { cpu: user + system, memory: kilobytes * 1024 };
}

/** The median and the range of a list of numbers. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The summary of `values`, or undefined if one of them is unknown. */
export function summary(values: readonly (number | undefined)[]): Summary | undefined {
  const sorted = values.filter(value => value !== undefined).sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined || sorted.length < values.length) return undefined;
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? max)) / 2;
  return { median, min, max };
}
