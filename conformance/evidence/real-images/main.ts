#!/usr/bin/env node
/**
 * `npm run real-image`: creates images from Debian packages, and compares what `composefs-oci` says about them with
 * what other tools say.
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Processes, ProcessFailed, Stopped } from '../processes.ts';
import { cachedImage, realImagesFolder } from './cache.ts';
import { runComparison } from './comparison.ts';
import { ImageUnderTest } from './image-under-test.ts';
import { images, type RealImage } from './images.ts';
import { plannedComparisons } from './planned-comparisons.ts';
import { debianRelease, missingPrerequisites } from './prerequisites.ts';
import { json, type RealImageReport, summary, table } from './report.ts';

/** Exit codes: all comparisons agree, one differs, wrong command line, missing prerequisite, SIGINT. */
const exit = { same: 0, differs: 1, usage: 2, missing: 3, interrupted: 130 } as const;

interface Options {
  readonly anew?: true;
  readonly json?: true;
  readonly keep?: true;
  readonly jobs: number;
}

const help = `
Images:
${images.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`).join('\n')}

They are kept in ${realImagesFolder()}, about 800 MB together; up to 5 GB are
needed there while images are created and compared. conformance/evidence/real-images/README.md describes the comparisons.

Exit code:
  0  all tools that ran say the same, except for known differences
  1  a comparison differs
  2  the command line is wrong
  3  a prerequisite is missing: Debian, root, a tool, the network`;

function program(): Command {
  return new Command('npm run real-image --')
    .description(
      'Create images from Debian packages, and compare what composefs-oci and other tools say about them.',
    )
    .argument('[name...]', 'images (default: all)', addImage)
    .option('--anew', 'create the images again even if they are in the cache')
    .option('--jobs <n>', 'number of programs to run at a time', parseJobs, availableParallelism())
    .option('--json', 'print one JSON object')
    .option('--keep', 'keep the temporary files of the comparisons, and print where they are')
    .addHelpText('after', help)
    .showHelpAfterError('(--help explains the options)')
    .exitOverride()
    .action(async (chosen: readonly RealImage[], options: Options) => {
      process.exitCode = await main(chosen.length === 0 ? images : chosen, options);
    });
}

function addImage(name: string, before: readonly RealImage[] | undefined): readonly RealImage[] {
  const image = images.find(known => known.name === name);
  if (image === undefined) {
    throw new InvalidArgumentError(`Allowed names are ${images.map(known => known.name).join(', ')}.`);
  }
  return [...(before ?? []), image];
}

function parseJobs(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('It must be an integer from 1 to 999.');
  return Number(value);
}

async function main(chosen: readonly RealImage[], options: Options): Promise<number> {
  const suite = debianRelease();
  const missing = missingPrerequisites();
  if (missing.length > 0 || suite === undefined) {
    console.error('This machine cannot create the real images; it lacks:');
    for (const prerequisite of missing) console.error(`- ${prerequisite}`);
    return exit.missing;
  }
  const processes = new Processes(options.jobs);
  process.once('SIGINT', () => processes.stop());
  const reports: RealImageReport[] = [];
  for (const image of chosen) {
    const report = await compareImage(image, suite, processes, options);
    reports.push(report);
    if (options.json !== true) process.stdout.write(`${table(report)}\n`);
  }
  const differs = reports.some(({ comparisons }) => comparisons.some(({ status }) => status === 'DIFFERS'));
  const code = differs ? exit.differs : exit.same;
  process.stdout.write(options.json === true ? json(reports, code) : summary(reports));
  return code;
}

async function compareImage(
  realImage: RealImage,
  suite: string,
  processes: Processes,
  options: Options,
): Promise<RealImageReport> {
  const { name } = realImage;
  console.error(`${name}: getting the image from the cache, or creating it`);
  const cached = await cachedImage(realImage, suite, processes, options.anew === true);
  const scratch = await mkdtemp(join(realImagesFolder(), `${name}-`));
  try {
    console.error(`${name}: comparing, ${options.jobs} programs at a time`);
    const started = performance.now();
    const image = new ImageUnderTest(cached.layout, scratch, processes);
    const comparisons = await allSettled(
      plannedComparisons(image, realImage.labelledRelease !== undefined).map(planned =>
        runComparison(planned, name),
      ),
    );
    const tree = await image.tree('sha256', 'none');
    const names = tree.kind === 'says' ? tree.text.split('\n').length : 0;
    const seconds = (performance.now() - started) / 1000;
    return { name, image: cached, names, comparisons, seconds };
  } finally {
    if (options.keep === true) console.error(`${name}: temporary files are in ${scratch}`);
    else await rm(scratch, { recursive: true });
  }
}

/** As Promise.all, but rejects only after all promises have settled, so that nothing runs any more. */
async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exit.same : exit.usage;
  } else if (error instanceof Stopped) {
    process.exitCode = exit.interrupted;
  } else if (error instanceof ProcessFailed) {
    // A program that fails in a comparison gives an answer, so this one failed while an image was created, for example
    // without a network.
    console.error(error.message);
    process.exitCode = exit.missing;
  } else {
    throw error;
  }
}
