#!/usr/bin/env node
/**
 * `npm run stores`: flips every bit of a small store, kills operations on stores, and lets other programs read them.
 * @module
 */

import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integer } from '../../runner/command-line.ts';
import { mulberry32 } from '../../runner/run/schedule.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite, type Suite } from '../../suite/read-suite.ts';
import { evidenceCommand, runCommand } from '../command.ts';
import { composefsRs, type OptionalTool, tarSplit } from '../tools.ts';
import { flipBits } from './flips.ts';
import { type Killed, killOperations } from './kills.ts';
import { checkWithComposefsRs } from './other-checks.ts';
import type { Examined } from './parts.ts';
import { checkWithTarSplit } from './tar-split-check.ts';

const vectors = join(packageRoot, 'vectors');
const cases = join(vectors, 'cases/store');
const layoutOf = (name: string) => `oci:${join(cases, name, 'in/layout')}`;
const archiveOf = (path: string) => readFileSync(join(cases, path));

/** The store whose bits are flipped: one image of two layers. */
const small = 'import/expect/store.tar';

/** The operations that are killed, on stores with one or two images. */
const operations: readonly Killed[] = [
  {
    name: 'import of an image that shares a layer',
    archive: archiveOf('import/expect/store.tar'),
    args: store => ['import', store, layoutOf('import-shared-layer'), '--name', 'other'],
  },
  {
    name: 'import of an image that shares a config',
    archive: archiveOf('import-shared-config/in/store.tar'),
    args: store => ['import', store, layoutOf('import-shared-config'), '--bootable'],
    sharesConfig: true,
  },
  {
    name: 'import that moves a name',
    archive: archiveOf('import-name-moved/in/store.tar'),
    args: store => ['import', store, layoutOf('import-name-moved')],
    changes: 'demo',
  },
  {
    name: 'import with blobs',
    archive: archiveOf('import-blobs-later/in/store.tar'),
    args: store => ['import', store, layoutOf('import-blobs-later'), '--keep-blobs'],
  },
  {
    name: 'removal',
    archive: archiveOf('gc-shared/in/store.tar'),
    args: store => ['gc', store],
  },
  {
    name: 'removal of everything',
    archive: archiveOf('gc-no-names/in/store.tar'),
    args: store => ['gc', store],
  },
  {
    name: 'removal of a name',
    archive: archiveOf('import-shared-layer/expect/store.tar'),
    args: store => ['untag', store, 'other'],
    changes: 'other',
  },
];

const help = `
--flips takes about ten minutes on two cores; each bit of the objects, of the targets of links and of the description is
flipped by itself, and the store is checked. --kills runs each of ${operations.length} operations this number of times,
and kills it with SIGKILL at a random point of its run. --tar-split takes some seconds; layers that tar-split does not
rebuild are listed with the reason in conformance/evidence/stores/tar-split-deviations.txt.

Exit code:
  0  every flip was found, no operation that was killed lost anything, and tar-split rebuilds what it is known to rebuild
  1  something was not found, lost, or rebuilt with other bytes
  2  the command line is wrong
  3  a program to compare with is not installed, and everything else passed`;

const NOT_INSTALLED = 3;

interface Flags {
  readonly composefsRs?: boolean;
  readonly flips?: boolean;
  readonly kills?: number;
  readonly seed?: number;
  readonly tarSplit?: boolean;
}

async function run({
  composefsRs: asked = false,
  flips = false,
  kills = 0,
  seed = randomInt(2 ** 31),
  tarSplit: rebuild = false,
}: Flags): Promise<void> {
  if (asked) await compareWith(composefsRs(), 'npm run peers -- composefs-rs', checkWithComposefsRs);
  if (rebuild) await compareWith(tarSplit(), 'apt install tar-split', checkWithTarSplit);
  if (flips) report('flips', await inProcesses(availableParallelism()));
  if (kills > 0) report(`kills with --seed ${seed}`, await killOperations(operations, kills, numbers(seed)));
  if (!asked && !rebuild && !flips && kills === 0)
    console.log('nothing to do: give --composefs-rs, --tar-split, --flips or --kills (--help explains them)');
}

/** Reports what `check` finds with a tool, or that it is not installed. */
async function compareWith(
  { path, name }: OptionalTool,
  installation: string,
  check: (suite: Suite, program: string) => Promise<Examined>,
): Promise<void> {
  if (path !== undefined) report(name, await check(readSuite(vectors), path));
  else {
    console.log(`SKIPPED ${name}: it is not installed ('${installation}')`);
    process.exitCode = NOT_INSTALLED;
  }
}

function report(name: string, { summary, problems }: Examined): void {
  console.log(`${name}: ${summary}`);
  for (const problem of problems.slice(0, 50)) console.log(`  ${problem}`);
  console.log(`  ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

/** Flips the bits in several processes. */
async function inProcesses(shares: number): Promise<Examined> {
  const parts = await Promise.all(
    Array.from(
      { length: shares },
      (_, share) =>
        new Promise<Examined>((resolve, reject) => {
          const child = fork(fileURLToPath(import.meta.url), ['--share', `${share}/${shares}`]);
          child.on('message', found => resolve(found as Examined));
          child.on('exit', code => reject(new Error(`a process ended with exit code ${code}`)));
        }),
    ),
  );
  return {
    summary: parts.map(({ summary }) => summary).join('; '),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

/** Numbers from 0 to 1. */
function numbers(seed: number): () => number {
  const random = mulberry32(seed);
  return () => random() / 2 ** 32;
}

const shareOf = /^([0-9]+)\/([0-9]+)$/.exec(process.argv[3] ?? '');
if (process.argv[2] === '--share' && shareOf !== null && process.send !== undefined) {
  const found = await flipBits(archiveOf(small), { share: Number(shareOf[1]), shares: Number(shareOf[2]) });
  process.send(found, () => process.exit());
} else {
  const program = evidenceCommand(
    'stores',
    'Examine stores: flipped bits, and operations that are killed.',
    help,
  )
    .option('--composefs-rs', 'let composefs-rs check the stores of the cases')
    .option('--flips', 'flip every bit of a small store')
    .option('--kills <n>', 'kill each operation this many times', integer(1, 100_000))
    .option(
      '--tar-split',
      'let tar-split rebuild the layers of the cases, and compare them with those exported',
    )
    .option('--seed <n>', 'seed of the points at which operations are killed', integer(0, 2 ** 31 - 1))
    .action(run);
  await runCommand(program);
}
