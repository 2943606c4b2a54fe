#!/usr/bin/env node
/**
 * `npm run fuzz`: compares the reference with another implementation on random trees.
 * @module
 */

import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { type ErofsFormat, erofsFormats } from '../../reference/erofs/formats.ts';
import { quoted } from '../accumulated/accumulated.ts';
import { integer } from '../command-line.ts';
import { implementation, knownNames } from '../known-implementations.ts';
import { packageRoot } from '../package-root.ts';
import { type Stream, streams } from '../random/random-tree.ts';
import { progressLine } from '../report/progress.ts';
import { killAll } from '../run/adapter-process.ts';
import { CouldNotStart } from '../run/run-suite.ts';
import { startTreeWriters } from '../run/tree-writer.ts';
import { WorkDirectories } from '../run/work-directory.ts';
import { suiteVersion } from '../suite/cases.ts';
import { algorithm, knownPoints } from './compare.ts';
import { fuzz } from './fuzz.ts';
import { fuzzReport } from './report.ts';

const USAGE = 2;
const NOT_STARTED = 3;

const help = `
The reference and the other implementation write the image of each tree. Where the images, the digests or the
refusals differ, and the point is not one of those that are decided and listed, the tree is made as small as it can
be and still differ, and is shown as a dumpfile with the first difference of the images.

Trees are numbered: --seed 5 --count 10 are the trees 5 to 14, the same on every machine.
  all     everything that the format has
  common  the same without the points on which implementations are known to differ: the trees of --accumulated
vectors/accumulated/README.md describes them.

Examples:
  npm run fuzz -- --against mkcomposefs --count 20000
  npm run fuzz -- --impl ./my-adapter --trees common       when you begin
  npm run fuzz -- --impl ./my-adapter --seed 1234 --count 1

Exit code:
  0  no difference but known ones
  1  unknown differences
  2  the command line is wrong
  3  the adapter does not start or can not be asked`;

interface Options {
  readonly area: 'erofs';
  readonly against?: string;
  readonly impl?: string;
  readonly trees: Stream;
  readonly format: ErofsFormat;
  readonly count: number;
  readonly seed?: number;
  readonly jobs: number;
  readonly timeout: number;
  readonly most: number;
}

async function run(options: Options): Promise<void> {
  const { against, impl = against, trees, format, count, seed = randomInt(2 ** 32), most } = options;
  if (impl === undefined)
    throw new CommanderError(USAGE, 'fuzz', 'error: one of --against and --impl is needed');
  const work = await WorkDirectories.create(false);
  const progress = progressLine(process.stderr, impl);
  process.once('exit', () => {
    progress.stop();
    killAll();
    work.remove();
  });
  const { hello, writers } = await startTreeWriters({
    ...{ command: implementation(impl).command, params: { format, algorithm }, work },
    ...{ jobs: options.jobs, timeoutMs: options.timeout },
    suiteVersion: suiteVersion(join(packageRoot, 'vectors')),
  });
  const { name, version } = hello.implementation;
  const known = knownPoints(name);
  const chosen = `--trees ${trees}${format === 'v1' ? '' : ` --format ${format}`}`;
  const who = against === undefined ? `--impl ${quoted(impl)}` : `--against ${impl}`;
  const command = (first: number, number: number) =>
    `npm run fuzz -- ${who} ${chosen} --seed ${first} --count ${number}`;
  console.log(`${name} ${version}: ${command(seed, count)}\n`);
  const started = performance.now();
  const what = { trees, format, seed, count, known, most };
  const fuzzed = await fuzz(writers, { ...what, progress: progress.show }).finally(progress.stop);
  process.stdout.write(fuzzReport(fuzzed, known.at(-1) ?? [], first => command(first, 1)));
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  process.exitCode = fuzzed.found.length === 0 ? 0 : 1;
}

const program = new Command('fuzz')
  .description('Compare the reference with another implementation on random trees.')
  .addOption(new Option('--area <area>', 'what to compare').choices(['erofs']).default('erofs'))
  .addOption(new Option('--against <name>', 'the other one, by name').choices(knownNames).conflicts('impl'))
  .option('--impl <command>', 'the other one, an adapter: a command for sh')
  .option('--count <n>', 'how many trees', integer(1, 10_000_000), 1000)
  .option('--seed <n>', 'the first tree (default: at random)', integer(0, 2 ** 40))
  .addOption(new Option('--trees <kind>', 'which trees').choices(streams).default('all'))
  .addOption(new Option('--format <format>', 'format of the images').choices(erofsFormats).default('v1'))
  .option('--jobs <n>', 'most processes at a time', integer(1, 1024), availableParallelism())
  .option('--timeout <ms>', 'time for one answer', integer(1, 3_600_000), 10_000)
  .option('--most <n>', 'unknown differences, after which to end', integer(1, 1000), 10)
  .addHelpText('after', help)
  .showHelpAfterError('(--help explains the options)')
  .allowExcessArguments(false)
  .exitOverride()
  .action(run);

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(code));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    if (error.code === 'fuzz') console.error(error.message);
    process.exit(error.exitCode === 0 ? 0 : USAGE);
  }
  if (!(error instanceof CouldNotStart)) throw error;
  console.error(`could not start: ${error.message}`);
  process.exit(NOT_STARTED);
}
