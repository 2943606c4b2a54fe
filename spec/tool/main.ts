/**
 * `npm run spec:requirements`, `spec:lint` and `spec:coverage`.
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Case } from '../../conformance/suite/case.ts';
import { coverageOf, printCoverage, uncovered, unexpectedCodes } from './coverage.ts';
import { lint } from './lint.ts';
import { loadSpec } from './load.ts';
import { updateRefusals, withoutCase } from './refusals.ts';
import { entriesOf, printEntries, vanishedIds } from './requirements.ts';

const root = process.cwd();

/** Writes what is generated: the table of refusals, then requirements.json, which holds line numbers. */
function requirements(): number {
  const first = loadSpec(root);
  const vanished = vanishedIds(first.chapters, first.before);
  if (vanished.length > 0) {
    console.error(`in no chapter any more: ${vanished.join(' ')}; a requirement is withdrawn, not removed`);
    return 1;
  }
  const entries = entriesOf(first.chapters, first.before, first.version);
  const introduction = updateRefusals(first.introduction, first.codes, entries);
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
  const { chapters, before, version, codes } = loadSpec(root);
  const index: { cases: Case[] } = JSON.parse(readFileSync(join(root, 'vectors/index.json'), 'utf8'));
  const rows = coverageOf(entriesOf(chapters, before, version), index.cases);
  process.stdout.write(printCoverage(rows));
  const unexpected = unexpectedCodes(Object.keys(codes), index.cases, withoutCase);
  if (unexpected.length > 0) {
    console.log(`codes that no case expects, or that are excused without a need: ${unexpected.join(' ')}`);
  }
  return uncovered(rows).length + unexpected.length > 0 ? 1 : 0;
}

const program = new Command('spec').description('Read the specification in spec/.');
for (const [name, description, run] of [
  ['requirements', 'write requirements.json and the table of refusals', requirements],
  ['lint', 'check the text', report],
  ['coverage', 'print which requirement is decided by how many cases', coverage],
] as const) {
  program
    .command(name)
    .description(description)
    .action(() => {
      process.exitCode = run();
    });
}
program.parse();
