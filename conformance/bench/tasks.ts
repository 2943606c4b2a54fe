/**
 * What is measured, against whom, and what is promised of it.
 * @module
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { type Peer, peerPath } from '../peers/paths.ts';
import type { Input } from './inputs.ts';
import { type CommandLine, type Run, run, type Summary, summary } from './measure.ts';

/** Two command lines that have to print the same digest. */
export interface Task {
  readonly name: string;
  readonly what: string;
  readonly input: Input;
  readonly peer: Peer;
  /** How many times the peer's wall time and memory is promised at most; undefined where nothing is. */
  readonly limits: { readonly wall?: number; readonly memory?: number };
  /** The arguments of `composefs-oci` and of the peer. `output` is a file that may be written. */
  arguments(
    input: string,
    output: string,
  ): { readonly ours: readonly string[]; readonly peers: readonly string[] };
}

function image(name: string, limits: Task['limits']): Task {
  return {
    name,
    what: 'from a dumpfile to the image and its digest',
    input: `${name}.dump` as Input,
    peer: 'mkcomposefs',
    limits,
    arguments: (input, output) => ({
      ours: ['mkfs', '--algorithm', 'fsverity-sha256-12', input, '--output', output],
      peers: ['--from-file', '--min-version=1', '--max-version=1', '--print-digest', input, output],
    }),
  };
}

function digest(hash: 'sha256' | 'sha512', file: '64m' | '1g', limits: Task['limits']): Task {
  return {
    name: `${hash}-${file}`,
    what: `the fs-verity digest of a file, ${hash}`,
    input: `file-${file}`,
    peer: 'fsverity',
    limits,
    arguments: input => ({
      ours: ['fsverity', '--algorithm', `fsverity-${hash}-12`, input],
      peers: ['digest', '--compact', `--hash-alg=${hash}`, input],
    }),
  };
}

/** Everything that is measured. */
export const tasks: readonly Task[] = [
  image('debian', { wall: 0.8, memory: 3 }),
  image('synthetic-10k', {}),
  image('synthetic-100k', {}),
  image('synthetic-1m', { wall: 0.8, memory: 3 }),
  digest('sha256', '64m', {}),
  digest('sha256', '1g', { wall: 0.6 }),
  digest('sha512', '64m', {}),
  digest('sha512', '1g', { wall: 0.6 }),
];

/** Several runs of one program. `undefined` is what could not be measured. */
export interface Program {
  readonly wall: Summary | undefined;
  readonly cpu: Summary | undefined;
  readonly memory: Summary | undefined;
}

/** What a task has come to. */
export interface Result {
  readonly task: string;
  readonly ours: Program;
  readonly peer: Program;
  /** Ours through the peer's, of each pair of runs. */
  readonly ratio: Program;
  readonly digests: { readonly ours: string; readonly peer: string };
}

/** Runs a task: once each to have the input in memory, then `runs` times each in turn. */
export function measure(task: Task, input: string, folder: string, runs: number): Result {
  const output = join(folder, 'output');
  const notes = join(folder, 'notes');
  const { ours, peers } = task.arguments(input, output);
  const ourCommand: CommandLine = [process.execPath, ourProgram, ...ours];
  const peerCommand: CommandLine = [peerPath(task.peer) ?? task.peer, ...peers];
  const once = (command: CommandLine): Run => {
    rmSync(output, { force: true });
    return run(command, notes);
  };
  const digests = { ours: digestIn(once(ourCommand).output), peer: digestIn(once(peerCommand).output) };
  const pairs = Array.from({ length: runs }, () => [once(ourCommand), once(peerCommand)] as const);
  rmSync(output, { force: true });
  return {
    task: task.name,
    ours: program(pairs.map(([mine]) => mine)),
    peer: program(pairs.map(([, theirs]) => theirs)),
    ratio: program(
      pairs.map(([mine, theirs]) => ({
        wall: mine.wall / theirs.wall,
        cpu: quotient(mine.cpu, theirs.cpu),
        memory: quotient(mine.memory, theirs.memory),
      })),
    ),
    digests,
  };
}

/** Seconds in which Node itself starts and ends: a part of all that is measured of ours. */
export function measureStart(folder: string, runs: number): Program {
  const command: CommandLine = [process.execPath, '--eval', '0'];
  return program(Array.from({ length: runs }, () => run(command, join(folder, 'notes'))));
}

const ourProgram = join(packageRoot, 'dist/reference/cli/main.js');

/** The digest that a program prints before anything else. */
function digestIn(output: string): string {
  return /^[0-9a-f]+/.exec(output)?.[0] ?? output;
}

function program(runs: readonly Pick<Run, 'wall' | 'cpu' | 'memory'>[]): Program {
  return {
    wall: summary(runs.map(({ wall }) => wall)),
    cpu: summary(runs.map(({ cpu }) => cpu)),
    memory: summary(runs.map(({ memory }) => memory)),
  };
}

/** GNU time counts in hundredths of a second: what is shorter has no quotient. */
function quotient(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}
