#!/usr/bin/env node
/**
 * `npm run kill-matrix`: proves that a case which cites a requirement notices when the reference breaks it.
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { integer } from '../../../runner/command-line.ts';
import { createRunContext, exitOnSignals } from '../../../runner/run/run-context.ts';
import { distribute } from '../../../runner/run/schedule.ts';
import { temporaryFolder } from '../../../runner/run/temporary-folder.ts';
import { globMatcher } from '../../../suite/glob.ts';
import { packageRoot } from '../../../suite/package-root.ts';
import { readSuite, UnreadableSuite } from '../../../suite/read-suite.ts';
import { CouldNotContinue } from '../../../suite/system-error.ts';
import { evidenceCommand, runCommand, USAGE } from '../../command.ts';
import { MalformedMatrix } from './matrix.ts';
import { readMatrix, requirementsOfVectors } from './read-matrix.ts';
import { missing, problemOf, resultJson, resultText, unknown } from './report.ts';
import { MatrixRunner } from './run-matrix.ts';

const help = `
For every absolute requirement that cases verify, conformance/evidence/mutants/kill-matrix/mutants/ has a change of the
reference that breaks it; areas without a file there are named, and do not fail. The cases that cite the requirement are
run against each of these mutants, and at least one must fail.

Examples:
  npm run kill-matrix                          all mutants
  npm run kill-matrix -- --only 'MERGE-*'      the mutants of one area
  npm run kill-matrix -- --only EROFS-021      the mutants of one requirement

Exit code:
  0  each requirement has a mutant or a reason why not, and a case that cites the requirement kills each mutant
  1  a mutant survives or does not apply, or a requirement has no entry
  2  the command line or the matrix is invalid
  3  the vectors cannot be read, or the system does not let the command continue`;

interface Options {
  readonly only: string;
  readonly jobs: number;
  readonly timeout: number;
  readonly json?: true;
}

async function run({ only, jobs, timeout, json }: Options): Promise<void> {
  const matrix = readMatrix();
  const isChosen = globMatcher(only);
  const required = requirementsOfVectors();
  const { withoutEntry, areas } = missing(required, matrix, isChosen);
  const wrong = unknown(required, matrix).filter(isChosen);
  const mutants = matrix.mutants.filter(({ requirement }) => isChosen(requirement));
  const without = matrix.without.filter(({ requirement }) => isChosen(requirement));

  const suite = readSuite(join(packageRoot, 'vectors'));
  exitOnSignals();
  const { work } = createRunContext('kill-matrix', false);
  const folder = mkdtempSync(join(temporaryFolder(false), 'kill-matrix-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const runners = Array.from(
    { length: jobs },
    (_, i) => new MatrixRunner(suite, join(folder, String(i)), work, timeout),
  );
  let problems = 0;
  await distribute(mutants, runners, async (runner, mutant) => {
    const result = await runner.run(mutant);
    if (problemOf(result) !== undefined) problems++;
    console.log(json ? JSON.stringify(resultJson(result)) : resultText(result));
  });
  await Promise.all(runners.map(runner => runner.end()));
  const exitCode = problems + withoutEntry.length + wrong.length === 0 ? 0 : 1;
  const totals = { mutants: mutants.length, problems, without, areas, withoutEntry, wrong, exitCode };
  if (json) console.log(JSON.stringify({ event: 'totals', ...totals }));
  else {
    for (const { requirement, reason } of without) console.log(`${requirement}  no mutant: ${reason}`);
    for (const area of areas) console.log(`${area}  no mutants yet`);
    for (const id of withoutEntry) console.log(`${id}  NO ENTRY: add a mutant that breaks it`);
    for (const id of wrong) console.log(`${id}  REMOVE THE ENTRY: no such requirement, or it has a mutant`);
    console.log(`\n${mutants.length} mutants: ${mutants.length - problems} killed, ${problems} not`);
  }
  process.exitCode = exitCode;
}

const program = evidenceCommand(
  'kill-matrix',
  'Break each requirement in the reference, and look whether a case that cites it fails.',
  help,
)
  .option('--only <glob>', 'only requirements whose id matches', '*')
  .option('--jobs <n>', 'maximum number of mutants at a time', integer(1, 1024), availableParallelism())
  .option('--timeout <ms>', 'time limit for each answer', integer(1, 3_600_000), 10_000)
  .option('--json', 'print one JSON object per line')
  .action(run);

await runCommand(program, error => {
  if (error instanceof MalformedMatrix) return USAGE;
  return error instanceof UnreadableSuite || error instanceof CouldNotContinue ? 3 : undefined;
});
