/**
 * `npm run spec:requirements`, `spec:lint` and `spec:coverage`.
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Case } from '../../conformance/suite/case.ts';
import { coverageOf, printCoverage, uncovered, unexpectedCodes } from './coverage.ts';
import { parseErrorCodes, updateErrorCodes, withoutCase } from './error-codes.ts';
import { lint } from './lint.ts';
import { loadSpec } from './load.ts';
import { entriesOf, printEntries, vanishedIds } from './requirements.ts';

const root = process.cwd();

/** Writes what is generated: the links of error codes, then requirements.json, which holds line numbers. */
function requirements(): number {
  const first = loadSpec(root);
  const vanished = vanishedIds(first.chapters, first.before);
  if (vanished.length > 0) {
    console.error(`no longer in a chapter: ${vanished.join(' ')}; a requirement is withdrawn, not removed`);
    return 1;
  }
  const entries = entriesOf(first.chapters, first.before, first.version);
  const introduction = updateErrorCodes(first.introduction, entries);
  writeFileSync(join(root, 'spec/introduction.md'), introduction);
  const { chapters, before, version } = loadSpec(root);
  writeFileSync(join(root, 'spec/requirements.json'), printEntries(entriesOf(chapters, before, version)));
  console.log(`${entries.length} requirements`);
  return 0;
}

function report(): number {
  const problems = lint(loadSpec(root));
  for (const problem of problems) console.error(problem);
  return problems.length > 0 ? 1 : 0;
}

function coverage(): number {
  const { chapters, before, version, introduction } = loadSpec(root);
  const codes = (parseErrorCodes(introduction) ?? []).map(({ code }) => code);
  const index: { cases: Case[] } = JSON.parse(readFileSync(join(root, 'vectors/index.json'), 'utf8'));
  const rows = coverageOf(entriesOf(chapters, before, version), index.cases);
  process.stdout.write(printCoverage(rows));
  const unexpected = unexpectedCodes(codes, index.cases, withoutCase);
  if (unexpected.length > 0) {
    console.log(
      `error codes that no case expects, or that are listed as untested although a case expects them: ${unexpected.join(' ')}`,
    );
  }
  return uncovered(rows).length + unexpected.length > 0 ? 1 : 0;
}

const program = new Command('spec').description(
  'Check the specification in spec/, and write what is generated from it.',
);
for (const [name, description, run] of [
  ['requirements', 'write requirements.json, and the links in the table of error codes', requirements],
  ['lint', 'check the text', report],
  ['coverage', 'print how many cases decide each requirement', coverage],
] as const) {
  program
    .command(name)
    .description(description)
    .action(() => {
      process.exitCode = run();
    });
}
program.parse();
