/**
 * The tasks: what is measured, which program it is compared with, and the targets.
 * @module
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cfsctlPath, programPath } from '../../implementations/install/paths.ts';
import { packageRoot } from '../../suite/package-root.ts';
import type { InputName } from './inputs.ts';
import { combineRuns, type ProcessCommand, type ProcessRun, run, type Summary, summary } from './measure.ts';
import { storeTasks } from './store-tasks.ts';
import type { ComparedProgram, Task, TaskTargets } from './task.ts';

/** The most bytes of memory for reading an image with this many inodes. */
export function peakMemory(inodes: number): number {
  return 150 * 1024 * 1024 + 400 * inodes;
}

function dumpfile(name: string, targets: TaskTargets): Task {
  return {
    name,
    what: 'from a dumpfile to the image and its digest',
    input: `${name}.dump` as InputName,
    other: 'mkcomposefs',
    targets,
    arguments: (input, output) => ({
      ours: [['mkfs', '--algorithm', 'fsverity-sha256-12', input, '--output', output]],
      theirs: [['--from-file', '--min-version=1', '--max-version=1', '--print-digest', input, output]],
    }),
  };
}

function digest(hash: 'sha256' | 'sha512', file: '64m' | '1g', targets: TaskTargets): Task {
  return {
    name: `${hash}-${file}`,
    what: `the fs-verity digest of a file, ${hash}`,
    input: `file-${file}`,
    other: 'fsverity',
    targets,
    arguments: input => ({
      ours: [['fsverity', '--algorithm', `fsverity-${hash}-12`, input]],
      theirs: [['digest', '--compact', `--hash-alg=${hash}`, input]],
    }),
  };
}

/** cfsctl needs the image in a repository: a new one each time, without fs-verity, which few file systems enable. */
function image(name: InputName, targets: TaskTargets): Task {
  return {
    name,
    what: 'from an image in a layout to its digest',
    input: name,
    other: 'cfsctl',
    targets,
    arguments: (input, output) => ({
      ours: [['digest', `oci:${input}`]],
      theirs: [
        ['init', '--insecure', output],
        ['--insecure', '--repo', output, 'oci', 'pull', `oci:${input}`, 'image'],
        ['--insecure', '--repo', output, 'oci', 'compute-id', 'image'],
      ],
    }),
  };
}

/** All tasks. */
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
  ...storeTasks,
];

/** The path of a program, or undefined if it is not installed. */
export function comparedProgramPath(program: ComparedProgram): string | undefined {
  return program === 'cfsctl' ? cfsctlPath() : programPath(program);
}

/** The measurements of several runs of one program; undefined if they could not be measured. */
export interface Measurements {
  readonly wall: Summary | undefined;
  readonly cpu: Summary | undefined;
  readonly memory: Summary | undefined;
}

/** The result of a task, as `--json` prints it; `peer` is the other program. */
export interface TaskResult {
  readonly task: string;
  readonly ours: Measurements;
  readonly peer: Measurements;
  /** `ours` divided by `peer`, for each pair of runs. */
  readonly ratio: Measurements;
  readonly digests: { readonly ours: string; readonly peer: string };
}

/** Measures a task: runs each program once, so that the input is in memory, and then `runs` times in turn. */
export function measure(task: Task, input: string, folder: string, runs: number): TaskResult {
  const statistics = join(folder, STATISTICS);
  const theirProgram = comparedProgramPath(task.other) ?? task.other;
  const printed = task.printed ?? printedDigest;
  let count = 0;
  const once = (program: 'ours' | 'theirs'): ProcessRun => {
    // A new path each time: ext4 is slow to create files in a directory whose files were just removed.
    const output = join(folder, `output-${count++}`);
    const commands = task.arguments(input, output)[program].map((args): ProcessCommand => {
      return program === 'ours' ? [process.execPath, ourProgram, ...args] : [theirProgram, ...args];
    });
    return combineRuns(commands.map(command => run(command, statistics)));
  };
  const digests = { ours: printed(once('ours').output), peer: printed(once('theirs').output) };
  const pairs = Array.from({ length: runs }, () => [once('ours'), once('theirs')] as const);
  for (let number = 0; number < count; number++)
    rmSync(join(folder, `output-${number}`), { recursive: true, force: true });
  return {
    task: task.name,
    ours: measurements(pairs.map(([our]) => our)),
    peer: measurements(pairs.map(([, their]) => their)),
    ratio: measurements(
      pairs.map(([our, their]) => ({
        wall: our.wall / their.wall,
        cpu: quotient(our.cpu, their.cpu),
        memory: quotient(our.memory, their.memory),
      })),
    ),
    digests,
  };
}

/** Measures an empty Node process: its time is a part of every time of `composefs-oci`. */
export function measureStart(folder: string, runs: number): Measurements {
  const command: ProcessCommand = [process.execPath, '--eval', '0'];
  return measurements(Array.from({ length: runs }, () => run(command, join(folder, STATISTICS))));
}

/** The start of the command on the smallest dumpfile: without compiled code in Node's cache, and with it. */
export function measureLoading(
  folder: string,
  runs: number,
): Readonly<Record<'cold' | 'cached', Measurements>> {
  const input = join(folder, 'smallest.dump');
  const cache = join(folder, 'cache');
  const output = join(folder, 'output');
  writeFileSync(input, '/ 0 40755 2 0 0 0 0.0 - - -\n');
  const node = ['env', `XDG_CACHE_HOME=${cache}`, process.execPath] as const;
  const once = () => run([...node, ourProgram, 'mkfs', input, '--output', output], join(folder, STATISTICS));
  const pairs = Array.from({ length: runs }, () => {
    rmSync(cache, { recursive: true, force: true });
    return { cold: once(), cached: once() };
  });
  return {
    cold: measurements(pairs.map(({ cold }) => cold)),
    cached: measurements(pairs.map(({ cached }) => cached)),
  };
}

/** The name of the temporary file for GNU time. */
const STATISTICS = 'statistics';

/** The command as it is published. */
const ourProgram = join(packageRoot, 'dist/packages/composefs-oci/dist/reference/cli/main.js');

/** The digest at the beginning of the output. */
function printedDigest(output: string): string {
  return /^[0-9a-f]+/.exec(output)?.[0] ?? output;
}

function measurements(runs: readonly Pick<ProcessRun, 'wall' | 'cpu' | 'memory'>[]): Measurements {
  return {
    wall: summary(runs.map(({ wall }) => wall)),
    cpu: summary(runs.map(({ cpu }) => cpu)),
    memory: summary(runs.map(({ memory }) => memory)),
  };
}

/** Undefined if the divisor is 0: GNU time measures CPU time in hundredths of a second. */
function quotient(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}
