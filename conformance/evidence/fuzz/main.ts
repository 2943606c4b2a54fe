#!/usr/bin/env node
/**
 * `npm run fuzz`: compares the reference with another implementation on random trees, layers or SELinux policies.
 * @module
 */

import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { type ErofsFormat, erofsFormats } from '../../../reference/erofs/format-rules.ts';
import { type KnownDifference, knownTreeDifferences } from '../../generate/random-trees/known-differences.ts';
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
import { newestLookup } from '../external-checks/selinux/look-up-labels.ts';
import type { Area, OtherImplementation } from './area.ts';
import { knownDifferencesOf } from './classify.ts';
import { algorithm, erofsArea } from './erofs.ts';
import { fuzz, type UnknownDifference } from './fuzz.ts';
import { knownLayerDifferences } from './known-differences/layers.ts';
import { layerFeatures, layersArea } from './layers.ts';
import { fuzzReport } from './report.ts';
import { PolicyArea, policyFeatures } from './selinux.ts';

const USAGE = 2;
const NOT_STARTED = 3;

const help = `
Areas:
  erofs   compares the images of random trees, byte for byte, and their digests; the adapter needs erofs.write
  layers  compares the trees of random layers, in the roles merged and merged.bootable and with both xattr policies;
          the adapter needs layers.tree, gzip, zstd, merged.bootable and keep-user-xattrs
  selinux compares the labels that random policies give to small trees, also with those of the newest libselinux
          that 'npm run peers -- libselinux' installed; the adapter needs layers.tree and merged.bootable

If the two implementations give different answers and the difference is not a known one, the tree or the layers are
shrunk as far as they still differ. The report shows the tree as a dumpfile, or the layers with one entry per line,
followed by the first difference.
A policy that the reference rejects is not a difference: the standard rejects what programs label differently.

Trees, layers and policies are numbered: --seed 5 --count 10 compares the numbers 5 to 14, which are the same on every machine.
Streams:
  all     inputs with everything that the format has
  common  the same inputs without known differences between implementations; for trees, these are the trees of
          --accumulated; for policies, those that are sorted as distributions sort theirs, without anything odd
vectors/accumulated/README.md describes the trees.

Examples:
  npm run fuzz -- --against mkcomposefs --count 20000
  npm run fuzz -- --against composefs-rs --area layers
  npm run fuzz -- --against composefs-rs --area selinux
  npm run fuzz -- --impl ./my-adapter --stream common      for a new adapter
  npm run fuzz -- --impl ./my-adapter --seed 1234 --count 1

Exit code:
  0  only known differences, or none
  1  unknown differences
  2  the command line is wrong
  3  the adapter does not start, or lacks what the area needs`;

const areas = ['erofs', 'layers', 'selinux'] as const;

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
  if (impl === undefined) throw usage('--against or --impl is required');
  if (area !== 'erofs' && format !== undefined) throw usage(`--format cannot be used with --area ${area}`);
  const { work, progress } = createRunContext(impl, false);
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
        knownTreeDifferences,
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
    case 'selinux': {
      const { hello, builders } = await startTreeBuilders(clientOptions, policyFeatures);
      // What the standard decides against a program is rejected, so no accepted policy has a known difference.
      return compareAll(new PolicyArea(stream, newestLookup()), [], hello, builders, progress, options);
    }
  }
}

async function compareAll<Subject, Other extends OtherImplementation>(
  area: Area<Subject, Other>,
  knownTreeDifferences: readonly KnownDifference<Subject>[],
  { implementation: { name, version } }: HelloMessage,
  others: readonly Other[],
  progress: ProgressLine,
  options: Options,
): Promise<void> {
  const { count, seed = randomInt(2 ** 32), most: maxUnknown, out } = options;
  const known = knownDifferencesOf(knownTreeDifferences, name);
  console.log(`${name} ${version}: ${command(options, seed, count)}\n`);
  const started = performance.now();
  const fuzzOptions = { seed, count, known, maxUnknown, progress: progress.show };
  const result = await fuzz(area, others, fuzzOptions).finally(progress.stop);
  const report = fuzzReport(area, result, known.at(-1) ?? [], first => command(options, first, 1));
  process.stdout.write(report);
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (out !== undefined) for (const unknown of result.unknown) writeFiles(area, unknown, out);
  process.exitCode = result.unknown.length === 0 ? 0 : 1;
}

/** The command that compares `count` inputs from `seed` on. */
function command({ area, against, impl, stream, format }: Options, seed: number, count: number): string {
  const chosen = [
    impl === undefined ? `--against ${against}` : `--impl ${shellWord(impl)}`,
    ...(area === 'erofs' ? [] : [`--area ${area}`]),
    `--stream ${stream}`,
    ...(format === undefined ? [] : [`--format ${format}`]),
  ];
  return `npm run fuzz -- ${chosen.join(' ')} --seed ${seed} --count ${count}`;
}

/** Writes the smallest input into the folder `out`/SEED. */
function writeFiles<Subject, Other extends OtherImplementation>(
  { files }: Pick<Area<Subject, Other>, 'files'>,
  { seed, subject }: UnknownDifference<Subject>,
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
  .description('Compare the reference with another implementation on random trees, layers or policies.')
  .addOption(new Option('--area <area>', 'what to compare').choices(areas).default('erofs'))
  .addOption(
    new Option('--against <name>', 'name of the other implementation').choices(knownNames).conflicts('impl'),
  )
  .option('--impl <command>', 'adapter of the other implementation: a command for sh')
  .option('--count <n>', 'number of trees, sets of layers, or policies', integer(1, 10_000_000), 1000)
  .option('--seed <n>', 'number of the first one (default: random)', integer(0, 2 ** 40))
  .addOption(new Option('--stream <kind>', 'stream to generate them from').choices(streams).default('all'))
  .addOption(new Option('--format <format>', 'format of the images (default: "v1")').choices(erofsFormats))
  .option('--jobs <n>', 'maximum number of processes at a time', integer(1, 1024), availableParallelism())
  .option('--timeout <ms>', 'time limit for one answer', integer(1, 3_600_000), 10_000)
  .option('--most <n>', 'number of unknown differences after which to stop', integer(1, 1000), 10)
  .option('--out <dir>', 'folder for the shrunk trees or layers, each in a folder named by its seed')
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
