#!/usr/bin/env node
/**
 * `npm run bench`: measures how fast the reference is, compared with other programs.
 * @module
 */

import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { version } from '../../../reference/cli/version.ts';
import { composefsRsVersion, programVersion } from '../../implementations/install/paths.ts';
import { Unavailable } from '../../implementations/install/unavailable.ts';
import { benchFolder, inputPath } from './inputs.ts';
import { hasGnuTime, RunFailed } from './measure.ts';
import { describeResult, describeRunner, describeTargets } from './report.ts';
import { checkRunner, measureRunner, RUNNER, type RunnerResult } from './runner.ts';
import { checkTargets } from './targets.ts';
import type { ComparedProgram, Task } from './task.ts';
import {
  comparedProgramPath,
  measure,
  measureLoading,
  measureStart,
  type TaskResult,
  tasks,
} from './tasks.ts';

/** Exit codes; the help describes them. */
const exit = { ok: 0, differ: 1, usage: 2, missing: 3 } as const;

const RUNS = 5;

const names: readonly string[] = [...tasks.map(({ name }) => name), RUNNER];

const help = `
Whole processes are measured: composefs-oci and the other program in turn, after one run of each that is not counted.
${tasks.map(({ name, what, input, other }) => `  ${name.padEnd(16)}${what}; ${input}, compared with ${other}`).join('\n')}
  ${RUNNER.padEnd(16)}the conformance runner's own time for each case; an adapter that answers at once

The inputs are created once, in ${benchFolder()}, and take 9 GB; 40 GB while the command runs.
Measure on a machine that does nothing else: other work distorts the results.

Exit code:
  0  all tasks were measured, whether they meet the targets or not
  1  two programs print different digests
  2  the command line is wrong
  3  a task could not be measured; a line says why
`;

interface Options {
  readonly only: readonly string[];
  readonly runs: number;
  readonly json?: true;
}

const program = new Command('bench')
  .description('Measure how fast the reference is, compared with other programs.')
  .addOption(
    new Option('--only <name>', 'measure only this task; may be repeated')
      .choices(names)
      .argParser(collectTasks)
      .default([], 'all tasks'),
  )
  .addOption(new Option('--runs <n>', 'number of runs, 1 or more').argParser(atLeastOne).default(RUNS))
  .option('--json', 'print one JSON object')
  .configureHelp({ helpWidth: 110 })
  .addHelpText('after', help)
  .exitOverride(error => process.exit(error.exitCode === 0 ? exit.ok : exit.usage))
  .action(async (options: Options) => {
    process.exitCode = await bench(options);
  });

await program.parseAsync();

function collectTasks(name: string, before: readonly string[]): string[] {
  if (!names.includes(name)) throw new InvalidArgumentError('This task does not exist.');
  return [...before, name];
}

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be an integer, 1 or more.');
  return value;
}

async function bench({ only, runs, json }: Options): Promise<number> {
  const log = (text: string) => (json ? console.error(text) : console.log(text));
  await mkdir(benchFolder(), { recursive: true });
  const folder = await mkdtemp(join(benchFolder(), 'run-'));
  try {
    const start = measureStart(folder, runs);
    const loading = measureLoading(folder, runs);
    const machine = describeMachine();
    log(`${machine.join('\n')}\n`);
    if (!hasGnuTime) log('GNU time is not installed (apt install time): CPU time and memory are unknown\n');
    const results: TaskResult[] = [];
    const missing: string[] = [];
    for (const task of tasks.filter(({ name }) => only.length === 0 || only.includes(name))) {
      try {
        const { result, about } = await measureTask(task, folder, runs, log);
        results.push(result);
        log(describeResult(task, about, result));
      } catch (error) {
        if (!(error instanceof Unavailable || error instanceof RunFailed)) throw error;
        missing.push(`${task.name}: not measured: ${error.message}`);
        log(`${missing.at(-1)}\n`);
      }
    }
    let runner: RunnerResult | undefined;
    if (only.length === 0 || only.includes(RUNNER)) {
      runner = measureRunner(runs);
      log(describeRunner(runner));
    }
    const ofRunner = runner && checkRunner(runner);
    const checked = [...checkTargets(tasks, results), ...(ofRunner ? [ofRunner] : [])];
    if (checked.length > 0) log(describeTargets(checked));
    const [nodeStart, cold, cached] = [start, loading.cold, loading.cached].map(({ wall }) =>
      (wall?.median ?? 0).toFixed(3),
    );
    log(`Every time of composefs-oci includes ${nodeStart} s in which Node starts and exits.`);
    log(
      `On the smallest input it takes ${cold} s, and ${cached} s in the next run, when Node may have its code compiled.`,
    );
    if (json)
      console.log(
        JSON.stringify({ machine, runs, start, loading, results, runner, targets: checked, missing }),
      );
    if (results.some(({ digests }) => digests.ours !== digests.peer)) return exit.differ;
    return missing.length > 0 ? exit.missing : exit.ok;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureTask(task: Task, folder: string, runs: number, log: (text: string) => void) {
  if (comparedProgramPath(task.other) === undefined) {
    const set = task.other === 'cfsctl' ? ' -- composefs-rs' : '';
    throw new Unavailable(`${task.other} is not installed: npm run peers${set}`);
  }
  const input = await inputPath(task.input, log);
  const megabytes = `${((await sizeOf(input)) / 1e6).toFixed(1)} MB`;
  const about = input.endsWith('.dump') ? `${await countLines(input)} inodes, ${megabytes}` : megabytes;
  return { about, result: measure(task, input, folder, runs) };
}

/** The size of a file, or of all files in a folder. */
async function sizeOf(path: string): Promise<number> {
  const info = await stat(path);
  if (!info.isDirectory()) return info.size;
  const files = await readdir(path, { recursive: true });
  const sizes = await Promise.all(files.map(async file => (await stat(join(path, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function countLines(path: string): Promise<string> {
  let lines = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines++;
  }
  return lines.toLocaleString('en-US');
}

function describeMachine(): string[] {
  const versionOf = (name: ComparedProgram) =>
    name === 'cfsctl' ? composefsRsVersion : programVersion(name);
  const withVersion = (name: ComparedProgram) =>
    `${name} ${comparedProgramPath(name) === undefined ? '(not installed)' : versionOf(name)}`;
  const others = [...new Set(tasks.map(task => task.other))];
  const [model = 'unknown'] = cpus().map(cpu => cpu.model);
  return [
    `composefs-oci ${version} on Node ${process.version}, compared with ${others.map(withVersion).join(', ')}`,
    `${process.platform} ${process.arch}, ${availableParallelism()} processors, ${model}`,
  ];
}
