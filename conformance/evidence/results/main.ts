#!/usr/bin/env node
/**
 * `npm run results`: judges the recorded runs in `conformance/results/`, and writes what follows from them.
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confirmationsPath } from '../../suite/confirmations.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { evidenceCommand, runCommand } from '../command.ts';
import { allConfirmations, judgeResults, resultsFolder } from './results.ts';
import { withTable } from './table.ts';

const help = `
Writes the table in ${resultsFolder}/README.md, and ${confirmationsPath}, from which 'npm run vectors' takes
the confirmations of cases.

Exit code:
  0  both were written
  2  the command line is wrong`;

async function run(): Promise<void> {
  const results = await judgeResults(packageRoot);
  const readme = join(packageRoot, resultsFolder, 'README.md');
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), results));
  const confirmations = `${JSON.stringify(allConfirmations(results), undefined, 1)}\n`;
  writeFileSync(join(packageRoot, confirmationsPath), confirmations);
  for (const { implementation, executed, passed } of results)
    console.log(`${implementation}: ${passed} of ${executed} cases pass`);
}

await runCommand(
  evidenceCommand('results', 'Judge the recorded runs of implementations, and write the table.', help).action(
    run,
  ),
);
