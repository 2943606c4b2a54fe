#!/usr/bin/env node
/**
 * `npm run fuzz`: compares the reference with another implementation on random trees, or random layers.
 * @module
 */

import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { type ErofsFormat, erofsFormats } from '../../../reference/erofs/formats.ts';
import { type KnownDifference, knownDifferences } from '../../generate/random-trees/known-differences.ts';
import { type Stream, streams } from '../../generate/random-trees/random-tree.ts';
import { integer } from '../../runner/command-line.ts';
import { knownNames, resolveImplementation } from '../../runner/known-implementations.ts';
import type { HelloMessage } from '../../runner/protocol/messages.ts';
import type { ProgressLine } from '../../runner/report/progress.ts';
import { shellWord } from '../../runner/report/shell-word.ts';
import { createRunContext, exitOnSignals } from '../../runner/run/run-context.ts';
import { CouldNotStart } from '../../runner/run/run-suite.ts';
import { startTreeBuilders } from '../../runner/run/tree-builder.ts';
import { startTreeWriters } from '../../runner/run/tree-writer.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { suiteVersion } from '../../suite/read-suite.ts';
import type { Area, Peer } from './area.ts';
import { knownPoints } from './compare.ts';
import { algorithm, erofsArea } from './erofs.ts';
import { type Found, fuzz } from './fuzz.ts';
import { knownLayerDifferences } from './known-differences/layers.ts';
import { layerFeatures, layersArea } from './layers.ts';
import { fuzzReport } from './report.ts';

const USAGE = 2;
const NOT_STARTED = 3;

const help = `
What is compared, by --area:
  erofs   the images of random trees, byte for byte, and their digests: the adapter answers erofs.write
  layers  the trees of random layers, in roles merged and merged.bootable and by both xattr policies: the adapter
          answers layers.tree, and has gzip, zstd, merged.bootable and keep-user-xattrs

Where the answers or the refusals differ, and the point is not one of those that are decided and listed, the tree is
made as small as it can be and still differ, and is shown as a dumpfile; of layers, each entry is a line. The first
difference of the answers follows.

Trees and layers are numbered: --seed 5 --count 10 are number 5 to 14, the same on every machine.
  all     everything that the format has
  common  the same without the points on which implementations are known to differ; common trees are those of
          --accumulated
vectors/accumulated/README.md describes the trees.

Examples:
  npm run fuzz -- --against mkcomposefs --count 20000
  npm run fuzz -- --against composefs-rs --area layers
  npm run fuzz -- --impl ./my-adapter --stream common      when you begin
  npm run fuzz -- --impl ./my-adapter --seed 1234 --count 1

Exit code:
  0  no difference but known ones
  1  unknown differences
  2  the command line is wrong
  3  the adapter does not start or can not be asked`;

const areas = ['erofs', 'layers'] as const;

interface Options {
  readonly area: (typeof areas)[number];
  readonly against?: string;
  readonly impl?: string;
  readonly stream: Stream;
  readonly format?: ErofsFormat;
  readonly count: number;
  readonly seed?: number;
  readonly jobs: number;
  readonly timeout: number;
  readonly most: number;
  readonly out?: string;
}

async function run(options: Options): Promise<void> {
  const { area, against, impl = against, stream, format, jobs, timeout: timeoutMs } = options;
  if (impl === undefined) throw usage('one of --against and --impl is needed');
  if (area === 'layers' && format !== undefined) throw usage('layers have no --format');
  const { work, progress } = await createRunContext(impl, false);
  const clientOptions = {
    ...{ command: resolveImplementation(impl).command, jobs, timeoutMs, work },
    suiteVersion: suiteVersion(join(packageRoot, 'vectors')),
  };
  switch (area) {
    case 'erofs': {
      const params = { format: format ?? 'v1', algorithm };
      const { hello, writers } = await startTreeWriters({ ...clientOptions, params });
      return compareAll(
        erofsArea(stream, params.format),
        knownDifferences,
        hello,
        writers,
        progress,
        options,
      );
    }
    case 'layers': {
      const { hello, builders } = await startTreeBuilders(clientOptions, layerFeatures);
      return compareAll(layersArea(stream), knownLayerDifferences, hello, builders, progress, options);
    }
  }
}

async function compareAll<Subject, P extends Peer>(
  area: Area<Subject, P>,
  points: readonly KnownDifference<Subject>[],
  { implementation: { name, version } }: HelloMessage,
  peers: readonly P[],
  progress: ProgressLine,
  options: Options,
): Promise<void> {
  const { count, seed = randomInt(2 ** 32), most, out } = options;
  const known = knownPoints(points, name);
  console.log(`${name} ${version}: ${command(options, seed, count)}\n`);
  const started = performance.now();
  const how = { seed, count, known, most, progress: progress.show };
  const fuzzed = await fuzz(area, peers, how).finally(progress.stop);
  const report = fuzzReport(area, fuzzed, known.at(-1) ?? [], first => command(options, first, 1));
  process.stdout.write(report);
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (out !== undefined) for (const found of fuzzed.found) writeFound(area, found, out);
  process.exitCode = fuzzed.found.length === 0 ? 0 : 1;
}

/** The command that compares so many from one seed on. */
function command({ area, against, impl, stream, format }: Options, seed: number, count: number): string {
  const chosen = [
    impl === undefined ? `--against ${against}` : `--impl ${shellWord(impl)}`,
    ...(area === 'erofs' ? [] : [`--area ${area}`]),
    `--stream ${stream}`,
    ...(format === undefined ? [] : [`--format ${format}`]),
  ];
  return `npm run fuzz -- ${chosen.join(' ')} --seed ${seed} --count ${count}`;
}

/** Writes the smallest subject into a folder of its own. */
function writeFound<Subject, P extends Peer>(
  { files }: Pick<Area<Subject, P>, 'files'>,
  { seed, subject }: Found<Subject>,
  out: string,
): void {
  for (const [name, bytes] of Object.entries(files(subject))) {
    const path = join(out, String(seed), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

function usage(problem: string): CommanderError {
  return new CommanderError(USAGE, 'fuzz', `error: ${problem}`);
}

const program = new Command('fuzz')
  .description('Compare the reference with another implementation on random trees, or random layers.')
  .addOption(new Option('--area <area>', 'what to compare').choices(areas).default('erofs'))
  .addOption(new Option('--against <name>', 'the other one, by name').choices(knownNames).conflicts('impl'))
  .option('--impl <command>', 'the other one, an adapter: a command for sh')
  .option('--count <n>', 'how many trees, or sets of layers', integer(1, 10_000_000), 1000)
  .option('--seed <n>', 'the first one (default: at random)', integer(0, 2 ** 40))
  .addOption(new Option('--stream <kind>', 'which ones').choices(streams).default('all'))
  .addOption(new Option('--format <format>', 'format of the images (default: "v1")').choices(erofsFormats))
  .option('--jobs <n>', 'most processes at a time', integer(1, 1024), availableParallelism())
  .option('--timeout <ms>', 'time for one answer', integer(1, 3_600_000), 10_000)
  .option('--most <n>', 'unknown differences, after which to end', integer(1, 1000), 10)
  .option('--out <dir>', 'where to put what was made small, each in a folder of its seed')
  .addHelpText('after', help)
  .showHelpAfterError('(--help explains the options)')
  .allowExcessArguments(false)
  .exitOverride()
  .action(run);

exitOnSignals();

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
