#!/usr/bin/env node
/**
 * `npm run bench`: how fast the reference is, beside the programs of others.
 * @module
 */

import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { version } from '../../../reference/cli/version.ts';
import { composefsRsVersion, peerVersion } from '../../implementations/install/paths.ts';
import { Unavailable } from '../../implementations/install/unavailable.ts';
import { benchFolder, inputPath } from './inputs.ts';
import { Failed, hasGnuTime } from './measure.ts';
import { describeResult, describeTargets } from './report.ts';
import { targets } from './targets.ts';
import { measure, measureStart, type Other, otherPath, type Result, type Task, tasks } from './tasks.ts';

/** Exit codes, as the help lists them. */
const exit = { ok: 0, differ: 1, usage: 2, missing: 3 } as const;

const RUNS = 5;

const help = `
Whole processes, wall time, ours and the other one in turn, after one run of each that is not counted.
${tasks.map(({ name, what, input, peer }) => `  ${name.padEnd(16)}${what}; ${input}, beside ${peer}`).join('\n')}

The inputs are made once, in ${benchFolder()}, and take 5 GB; 15 GB while it runs.
Measure on a machine that does nothing else: a build beside it is seen at once.

Exit codes:
  0  everything was measured, whether it keeps the targets or not
  1  two programs print different digests
  2  the command line was wrong
  3  something could not be measured; a line says why
`;

interface Options {
  readonly only: readonly string[];
  readonly runs: number;
  readonly json?: true;
}

const program = new Command('bench')
  .description('Measure how fast the reference is, beside the programs of others.')
  .addOption(
    new Option('--only <name>', 'measure this; may be repeated')
      .choices(tasks.map(({ name }) => name))
      .argParser(collectTasks)
      .default([], 'everything'),
  )
  .addOption(new Option('--runs <n>', 'how often, 1 or more').argParser(atLeastOne).default(RUNS))
  .option('--json', 'print one JSON object')
  .configureHelp({ helpWidth: 110 })
  .addHelpText('after', help)
  .exitOverride(error => process.exit(error.exitCode === 0 ? exit.ok : exit.usage))
  .action(async (options: Options) => {
    process.exitCode = await bench(options);
  });

await program.parseAsync();

function collectTasks(name: string, before: readonly string[]): string[] {
  if (!tasks.some(task => task.name === name)) throw new InvalidArgumentError('There is no such task.');
  return [...before, name];
}

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It is a whole number, 1 or more.');
  return value;
}

async function bench({ only, runs, json }: Options): Promise<number> {
  const say = (text: string) => (json ? console.error(text) : console.log(text));
  await mkdir(benchFolder(), { recursive: true });
  const folder = await mkdtemp(join(benchFolder(), 'run-'));
  try {
    const start = measureStart(folder, runs);
    const machine = describeMachine();
    say(`${machine.join('\n')}\n`);
    if (!hasGnuTime) say('GNU time is missing (apt install time): CPU time and memory are unknown\n');
    const results: Result[] = [];
    const missing: string[] = [];
    for (const task of tasks.filter(({ name }) => only.length === 0 || only.includes(name))) {
      try {
        const { result, about } = await measureTask(task, folder, runs, say);
        results.push(result);
        say(describeResult(task, about, result));
      } catch (error) {
        if (!(error instanceof Unavailable || error instanceof Failed)) throw error;
        missing.push(`${task.name}: not measured: ${error.message}`);
        say(`${missing.at(-1)}\n`);
      }
    }
    const kept = targets(tasks, results);
    if (kept.length > 0) say(describeTargets(kept));
    const nodeStart = start.wall?.median ?? 0;
    say(`Node itself starts and ends in ${nodeStart.toFixed(3)} s, which is in every time of composefs-oci.`);
    if (json) console.log(JSON.stringify({ machine, runs, start, results, targets: kept, missing }));
    if (results.some(({ digests }) => digests.ours !== digests.peer)) return exit.differ;
    return missing.length > 0 ? exit.missing : exit.ok;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureTask(task: Task, folder: string, runs: number, say: (text: string) => void) {
  if (otherPath(task.peer) === undefined) {
    const name = task.peer === 'cfsctl' ? ' -- composefs-rs' : '';
    throw new Unavailable(`${task.peer} is missing: npm run peers${name}`);
  }
  const input = await inputPath(task.input, say);
  const megabytes = `${((await sizeOf(input)) / 1e6).toFixed(1)} MB`;
  const about = input.endsWith('.dump') ? `${await countLines(input)} inodes, ${megabytes}` : megabytes;
  return { about, result: measure(task, input, folder, runs) };
}

/** Bytes of a file, or of all files of a folder. */
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
  const versionOf = (name: Other) => (name === 'cfsctl' ? composefsRsVersion : peerVersion(name));
  const peer = (name: Other) => `${name} ${otherPath(name) === undefined ? '(missing)' : versionOf(name)}`;
  const others = [...new Set(tasks.map(task => task.peer))];
  const [model = 'unknown'] = cpus().map(cpu => cpu.model);
  return [
    `composefs-oci ${version} on Node ${process.version}, beside ${others.map(peer).join(', ')}`,
    `${process.platform} ${process.arch}, ${availableParallelism()} processors, ${model}`,
  ];
}
