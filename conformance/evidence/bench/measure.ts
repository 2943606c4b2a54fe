/**
 * Whole processes, measured from outside.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

/** A program with its arguments. */
export type CommandLine = readonly [program: string, ...args: string[]];

/** A program did not do what it was asked. */
export class Failed extends Error {}

/** What one run took. */
export interface Run {
  /** What it wrote to stdout. */
  readonly output: string;
  /** Seconds from before the start to after the end. */
  readonly wall: number;
  /** Seconds of all processors, in the program and in the kernel; unknown without GNU time. */
  readonly cpu: number | undefined;
  /** The most memory that it had at once, in bytes; unknown without GNU time. */
  readonly memory: number | undefined;
}

/** GNU time, which alone says what memory one process had. */
const GNU_TIME = '/usr/bin/time';

/** Whether CPU time and memory can be measured. */
export const hasGnuTime: boolean = existsSync(GNU_TIME);

/** Runs a command line. `notes` is a file that may be written. Throws {@link Failed}. */
export function run(command: CommandLine, notes: string): Run {
  const [program, ...args] = hasGnuTime ? timed(command, notes) : command;
  const started = performance.now();
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const wall = (performance.now() - started) / 1000;
  if (error !== undefined) throw new Failed(`${program}: ${error.message}`);
  if (status !== 0) throw new Failed(`${command.join(' ')}: ${signal ?? `exit code ${status}`}\n${stderr}`);
  return { output: stdout, wall, ...(hasGnuTime ? readNotes(notes) : { cpu: undefined, memory: undefined }) };
}

/** Several runs as one: all the time, the most memory, and what the last one wrote. */
export function inTurn(runs: readonly Run[]): Run {
  return runs.reduce((before, run) => ({
    output: run.output,
    wall: before.wall + run.wall,
    cpu: known(before.cpu, run.cpu, (a, b) => a + b),
    memory: known(before.memory, run.memory, Math.max),
  }));
}

function known(
  a: number | undefined,
  b: number | undefined,
  together: (a: number, b: number) => number,
): number | undefined {
  return a === undefined || b === undefined ? undefined : together(a, b);
}

function timed(command: CommandLine, notes: string): CommandLine {
  return [GNU_TIME, '--quiet', '--format=%U %S %M', `--output=${notes}`, ...command];
}

function readNotes(notes: string): { readonly cpu: number; readonly memory: number } {
  const [user = 0, system = 0, kilobytes = 0] = readFileSync(notes, 'utf8').trim().split(' ').map(Number);
  rmSync(notes);
  return { cpu: user + system, memory: kilobytes * 1024 };
}

/** A list of numbers in short. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** `values` in short, or undefined where one of them is unknown. */
export function summary(values: readonly (number | undefined)[]): Summary | undefined {
  const sorted = values.filter(value => value !== undefined).sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined || sorted.length < values.length) return undefined;
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? max)) / 2;
  return { median, min, max };
}
