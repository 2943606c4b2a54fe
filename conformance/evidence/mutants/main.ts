#!/usr/bin/env node
/**
 * `npm run mutants`: measures which small changes of the reference the vectors notice.
 * @module
 */

import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { integer } from '../../runner/command-line.ts';
import { createRunContext, exitOnSignals } from '../../runner/run/run-context.ts';
import { CouldNotStart } from '../../runner/run/run-suite.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite, UnreadableSuite } from '../../suite/read-suite.ts';
import { CouldNotContinue } from '../../suite/system-error.ts';
import { evidenceCommand, runCommand } from '../command.ts';
import { MalformedList, readEquivalents } from './equivalents.ts';
import { Judge } from './judge.ts';
import { measureReach } from './reach.ts';
import {
  exitCodeOf,
  mutantText,
  resultJson,
  resultText,
  totalsJson,
  totalsOf,
  totalsText,
} from './report.ts';
import {
  allMutants,
  chosen,
  type MutantResult,
  moduleSources,
  outOfDate,
  runMutants,
  UnknownMutant,
  uninfected,
} from './run-mutants.ts';

const lists = join(packageRoot, 'conformance/evidence/mutants/equivalents');

const help = `
A mutant is the compiled reference with one small change, such as < instead of <=. The vectors are run against each of
them until a case fails, which kills the mutant. One that survives shows a rule that no case decides, or a change that
makes no difference; the latter are on lists, with reasons: ${relative(packageRoot, lists)}/

The same seed draws the same mutants as long as the reference is the same, and the first n of a longer run are those of
a shorter one.

A case infects a mutant if the changed expression has another value in it than the original one, or if the changed
statement runs. A mutant that no case infects survives; --uninfected finds those of the whole reference in minutes.

Mutants write where the reference would not. Run them as a user, or in a container, where this does not matter.

Examples:
  npm run mutants -- --random 100 --seed 1          100 mutants of the whole reference
  npm run mutants -- --only 'tar/*' --random 20     mutants of the reader of archives
  npm run mutants -- --mutant tar/header.js#12      one mutant again
  npm run mutants -- --only merge/markers.js --random 9999 --list     all mutants of a module, without a run
  npm run mutants -- --random 99999 --uninfected    all mutants of the reference that no case infects

Exit code:
  0  every mutant is killed, or is on a list
  1  a mutant survives that is not on a list, or an entry of a list is out of date
  2  the command line or a list is invalid
  3  the reference does not start, or the system does not let the command continue`;

interface Options {
  readonly random: number;
  readonly seed?: number;
  readonly only?: string;
  readonly mutant?: readonly string[];
  readonly jobs: number;
  readonly timeout: number;
  readonly list?: true;
  readonly uninfected?: true;
  readonly json?: true;
}

/** Fewer mutants are run with all cases, which takes less time than to find out which cases reach them. */
const FEW = 5;
/** The time for an answer after a timeout, as in a run of the conformance suite. */
const SECOND_TIMEOUT = 10_000;
/** The time for an answer of a program with probes, which compares two values in each of them. */
const OBSERVED_TIMEOUT = 120_000;

async function run(options: Options): Promise<void> {
  const { random, seed = randomInt(2 ** 32), only, mutant: ids, jobs, timeout, json } = options;
  const equivalents = readEquivalents(lists);
  const all = allMutants();
  const mutants = chosen(all, { random, seed, ...(only && { only }), ...(ids && { ids }) });
  if (options.list) {
    for (const mutant of mutants) console.log(json ? JSON.stringify(mutant) : mutantText(mutant));
    return;
  }
  if (!json && ids === undefined) {
    const selection = only === undefined ? '' : ` --only '${only}'`;
    console.log(`npm run mutants -- --random ${random} --seed ${seed}${selection}\n`);
  }
  const suite = readSuite(join(packageRoot, 'vectors'));
  exitOnSignals();
  const { work } = createRunContext('mutants', false);
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const patience = { usual: timeout, second: Math.max(timeout, SECOND_TIMEOUT) };
  const measure = () =>
    measureReach(suite, moduleSources(), mutants, join(folder, 'reach'), work, OBSERVED_TIMEOUT);
  const show = (result: MutantResult) =>
    console.log(json ? JSON.stringify(resultJson(result)) : resultText(result));
  let results: MutantResult[];
  let judges: Judge[] = [];
  if (options.uninfected) {
    results = uninfected(mutants, await measure(), equivalents);
    for (const result of results) if (result.listed === undefined) show(result);
  } else {
    judges = await Promise.all(
      Array.from({ length: Math.min(jobs, mutants.length) }, (_, i) =>
        Judge.create(suite, join(folder, String(i)), work, patience),
      ),
    );
    const reach = mutants.length < FEW ? undefined : await measure();
    results = await runMutants(mutants, judges, equivalents, show, reach);
  }
  const totals = totalsOf(
    results,
    outOfDate(equivalents, all),
    judges.flatMap(judge => judge.notCounted),
  );
  console.log(json ? JSON.stringify(totalsJson(totals)) : totalsText(totals, relative('', lists)));
  process.exitCode = exitCodeOf(totals);
}

const program = evidenceCommand(
  'mutants',
  'Change the reference in many small ways, and look which changes the test vectors notice.',
  help,
)
  .option('--random <n>', 'number of mutants to draw', integer(1, 1_000_000), 100)
  .option('--seed <n>', 'which mutants are drawn (default: random)', integer(0, 2 ** 32 - 1))
  .option('--only <glob>', 'only mutants of modules whose path matches; * also matches slashes')
  .option('--mutant <id>', 'run this mutant instead of drawing any; repeatable', collect)
  .option('--jobs <n>', 'maximum number of mutants at a time', integer(1, 1024), availableParallelism())
  .option('--timeout <ms>', 'time limit for each answer', integer(1, 3_600_000), 4000)
  .option('--list', 'print the mutants instead of running them')
  .option('--uninfected', 'print the mutants that no case infects instead of running them')
  .option('--json', 'print one JSON object per line')
  .action(run);

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** The exit code of an error; undefined for a bug. */
function exitCodeOfError(error: unknown): number | undefined {
  if (error instanceof UnknownMutant || error instanceof MalformedList) return 2;
  const environmental = [CouldNotStart, CouldNotContinue, UnreadableSuite];
  if (environmental.some(type => error instanceof type)) return 3;
  return undefined;
}

await runCommand(program, exitCodeOfError);
