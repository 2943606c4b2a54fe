/**
 * What is measured, against whom, and what is promised of it.
 * @module
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cfsctlPath, type Peer, peerPath } from '../../implementations/install/paths.ts';
import { packageRoot } from '../../suite/package-root.ts';
import type { Input } from './inputs.ts';
import { type CommandLine, inTurn, type Run, run, type Summary, summary } from './measure.ts';

/** The programs of others that are measured beside ours. */
export type Other = Peer | 'cfsctl';

/** Two programs that have to print the same digest. */
export interface Task {
  readonly name: string;
  readonly what: string;
  readonly input: Input;
  readonly peer: Other;
  readonly limits: Limits;
  /**
   * The arguments of `composefs-oci`, and those of the peer, which may have to be run several times. `output` is a
   * file or a folder that may be made.
   */
  arguments(
    input: string,
    output: string,
  ): { readonly ours: readonly string[]; readonly peers: readonly (readonly string[])[] };
}

/** What is promised; nothing where it is left out. */
export interface Limits {
  /** How many times the peer's wall time it is at most. */
  readonly wall?: number;
  /** How many times the peer's memory. */
  readonly memory?: number;
  /** Inodes of the tree, for which there is {@link peakMemory}. */
  readonly inodes?: number;
}

/** Bytes that reading an image with so many inodes takes at most. */
export function peakMemory(inodes: number): number {
  return 150 * 1024 * 1024 + 400 * inodes;
}

function dumpfile(name: string, limits: Limits): Task {
  return {
    name,
    what: 'from a dumpfile to the image and its digest',
    input: `${name}.dump` as Input,
    peer: 'mkcomposefs',
    limits,
    arguments: (input, output) => ({
      ours: ['mkfs', '--algorithm', 'fsverity-sha256-12', input, '--output', output],
      peers: [['--from-file', '--min-version=1', '--max-version=1', '--print-digest', input, output]],
    }),
  };
}

function digest(hash: 'sha256' | 'sha512', file: '64m' | '1g', limits: Limits): Task {
  return {
    name: `${hash}-${file}`,
    what: `the fs-verity digest of a file, ${hash}`,
    input: `file-${file}`,
    peer: 'fsverity',
    limits,
    arguments: input => ({
      ours: ['fsverity', '--algorithm', `fsverity-${hash}-12`, input],
      peers: [['digest', '--compact', `--hash-alg=${hash}`, input]],
    }),
  };
}

/** cfsctl has to have an image in its repository: a fresh one, without fs-verity, which few file systems have on. */
function image(name: Input, limits: Limits): Task {
  return {
    name,
    what: 'from an image in a layout to its digest',
    input: name,
    peer: 'cfsctl',
    limits,
    arguments: (input, output) => ({
      ours: ['digest', `oci:${input}`],
      peers: [
        ['init', '--insecure', output],
        ['--insecure', '--repo', output, 'oci', 'pull', `oci:${input}`, 'image'],
        ['--insecure', '--repo', output, 'oci', 'compute-id', 'image'],
      ],
    }),
  };
}

/** Everything that is measured. */
export const tasks: readonly Task[] = [
  dumpfile('debian', { wall: 0.8, memory: 3 }),
  dumpfile('synthetic-10k', {}),
  dumpfile('synthetic-100k', {}),
  dumpfile('synthetic-1m', { wall: 0.8, memory: 3 }),
  digest('sha256', '64m', {}),
  digest('sha256', '1g', { wall: 0.6 }),
  digest('sha512', '64m', {}),
  digest('sha512', '1g', { wall: 0.6 }),
  image('image-gzip', { wall: 0.7, inodes: 28_574 }),
  image('image-zstd', { wall: 0.7, inodes: 28_574 }),
  image('image-4g-gzip', { wall: 0.7, inodes: 3 }),
  image('image-4g-zstd', { wall: 0.7, inodes: 3 }),
  image('image-256k', { inodes: 262_146 }),
];

/** Where the program of a task's peer is, or undefined where it is not there. */
export function otherPath(other: Other): string | undefined {
  return other === 'cfsctl' ? cfsctlPath() : peerPath(other);
}

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
  const ourCommands: CommandLine[] = [[process.execPath, ourProgram, ...ours]];
  const peerCommands = peers.map((args): CommandLine => [otherPath(task.peer) ?? task.peer, ...args]);
  const once = (commands: readonly CommandLine[]): Run => {
    rmSync(output, { recursive: true, force: true });
    return inTurn(commands.map(command => run(command, notes)));
  };
  const digests = { ours: digestIn(once(ourCommands).output), peer: digestIn(once(peerCommands).output) };
  const pairs = Array.from({ length: runs }, () => [once(ourCommands), once(peerCommands)] as const);
  rmSync(output, { recursive: true, force: true });
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
