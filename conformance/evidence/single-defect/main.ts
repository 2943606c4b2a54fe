#!/usr/bin/env node
/**
 * `npm run single-defect`: shows of each case that has to be rejected that its input has one defect.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { exitOnSignals } from '../../runner/run/run-context.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { type Decision, decisions } from './check.ts';
import { explain, parseMasked } from './masked.ts';

const help = `
Each case is run on a copy of the reference without the check that rejects it. It must then be accepted, or lead to a
value that the reference cannot use. A case that another check rejects needs a line in masked.txt with the reason.

Exit code:
  0  every case is decided by one check, or has a reason
  1  a case has no reason, or a line of masked.txt explains no case`;

async function main(): Promise<void> {
  const found = await decisions(readSuite(join(packageRoot, 'vectors')));
  const list = join(packageRoot, 'conformance/evidence/single-defect/masked.txt');
  const { second, problems } = explain(found, parseMasked(readFileSync(list, 'utf8')));
  const count = (kind: Decision['kind']) => [...found.values()].filter(each => each.kind === kind).length;
  console.log(`${found.size} cases expect a rejection. Without the check that rejects it,`);
  console.log(`  ${count('decided')} are accepted,`);
  console.log(`  ${count('stuck')} cannot be read further,`);
  console.log(
    `  ${count('masked')} are rejected by another check, of which ${second.length} have a second defect:`,
  );
  for (const line of second) console.log(`    ${line}`);
  for (const line of problems) console.log(`PROBLEM ${line}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

exitOnSignals();
await new Command('single-defect')
  .description('Show of each case that has to be rejected that its input has one defect.')
  .addHelpText('after', help)
  .allowExcessArguments(false)
  .action(main)
  .parseAsync();
