#!/usr/bin/env node
/**
 * `npm run real-image`: makes images from Debian packages, and compares what `composefs-oci` says about them with what
 * others say.
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Failed, Processes, Stopped } from '../processes.ts';
import { cachedImage, realFolder } from './cache.ts';
import { checksOf } from './checks.ts';
import { find } from './comparison.ts';
import { Subject } from './image-under-test.ts';
import { images, type RealImage } from './images.ts';
import { debianRelease, whatIsMissing } from './prerequisites.ts';
import { type ImageReport, json, summary, table } from './report.ts';

/** Exit codes: all agree, something differs, the command line is wrong, something is missing, SIGINT. */
const exit = { same: 0, differs: 1, usage: 2, missing: 3, interrupted: 130 } as const;

interface Options {
  readonly anew?: true;
  readonly json?: true;
  readonly keep?: true;
  readonly jobs: number;
}

const help = `
Images:
${images.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`).join('\n')}

They are kept in ${realFolder()}, about 450 MB together; up to 5 GB are
needed there while images are made and compared. conformance/evidence/real-images/README.md says what is compared, and with whom.

Exit code:
  0  all that was asked say the same, or differ as explained
  1  something differs
  2  the command line is wrong
  3  something is missing here: Debian, root, a tool, the network`;

function program(): Command {
  return new Command('npm run real-image --')
    .description('Make images from Debian packages, and compare what others say about them.')
    .argument('[name...]', 'images (default: all)', addImage)
    .option('--anew', 'make the images even if they are in the cache')
    .option('--jobs <n>', 'programs at a time', jobs, availableParallelism())
    .option('--json', 'print one JSON object')
    .option('--keep', 'keep what was made for the comparisons, and say where')
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
    throw new InvalidArgumentError(`It is one of ${images.map(known => known.name).join(', ')}.`);
  }
  return [...(before ?? []), image];
}

function jobs(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('It is a whole number from 1 to 999.');
  return Number(value);
}

async function main(chosen: readonly RealImage[], options: Options): Promise<number> {
  const suite = debianRelease();
  const missing = whatIsMissing();
  if (missing.length > 0 || suite === undefined) {
    console.error('Real images can not be made here:');
    for (const thing of missing) console.error(`- ${thing}`);
    return exit.missing;
  }
  const processes = new Processes(options.jobs);
  process.once('SIGINT', () => processes.stop());
  const reports: ImageReport[] = [];
  for (const image of chosen) {
    const report = await judge(image, suite, processes, options);
    reports.push(report);
    if (options.json !== true) process.stdout.write(`${table(report)}\n`);
  }
  const differs = reports.some(({ findings }) => findings.some(({ status }) => status === 'DIFFERS'));
  const code = differs ? exit.differs : exit.same;
  process.stdout.write(options.json === true ? json(reports, code) : summary(reports));
  return code;
}

async function judge(
  image: RealImage,
  suite: string,
  processes: Processes,
  options: Options,
): Promise<ImageReport> {
  console.error(`${image.name}: taking or making the image`);
  const cached = await cachedImage(image, suite, processes, options.anew === true);
  const scratch = await mkdtemp(join(realFolder(), `${image.name}-`));
  try {
    console.error(`${image.name}: comparing, ${options.jobs} programs at a time`);
    const started = performance.now();
    const subject = new Subject(cached.layout, scratch, processes);
    const findings = await all(checksOf(subject).map(check => find(check, image.name)));
    const tree = await subject.tree('sha256', 'none');
    const names = tree.kind === 'says' ? tree.text.split('\n').length : 0;
    const seconds = (performance.now() - started) / 1000;
    return { name: image.name, image: cached, names, findings, seconds };
  } finally {
    if (options.keep === true) console.error(`${image.name}: kept in ${scratch}`);
    else await rm(scratch, { recursive: true });
  }
}

/** As Promise.all, but what goes wrong is thrown only when nothing runs any more. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
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
  } else if (error instanceof Failed) {
    // What fails in a comparison is an answer: this is the making of an image, without a network for example.
    console.error(error.message);
    process.exitCode = exit.missing;
  } else {
    throw error;
  }
}
