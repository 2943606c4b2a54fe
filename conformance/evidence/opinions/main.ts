#!/usr/bin/env node
/**
 * `npm run opinions`: asks other programs about every input that has to be rejected, and writes down what they say.
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { createRunContext, exitOnSignals } from '../../runner/run/run-context.ts';
import { type Opinion, opinionsPath } from '../../suite/opinions.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { collect } from './collect.ts';
import type { MissingWitness, Witness } from './witness.ts';
import { findWitnesses } from './witnesses.ts';

const NOT_STARTED = 3;

const help = `
Writes ${opinionsPath}; 'npm run vectors' then adds the opinions to the provenance of the cases.
A program is asked about a case only if it reads the part of the input that has the defect, and its answer counts only
if it accepts the control of the case. Mounting images needs root.

Exit code:
  0  every program was asked
  3  programs are missing; nothing is written`;

async function main(): Promise<void> {
  const suite = readSuite(join(packageRoot, 'vectors'));
  const { work } = createRunContext('opinions', false);
  const scratch = mkdtempSync(join(tmpdir(), 'opinions-'));
  process.once('exit', () => rmSync(scratch, { recursive: true }));
  const found = await findWitnesses(scratch, suite.version);
  const missing = found.filter((witness): witness is MissingWitness => 'missing' in witness);
  for (const { name, missing: why } of missing) console.error(`missing: ${name} (${why})`);
  if (missing.length > 0) {
    process.exitCode = NOT_STARTED;
    return;
  }
  const witnesses = found.filter((witness): witness is Witness => !('missing' in witness));
  const opinions = await collect(suite, witnesses, work, step => console.error(step));
  for (const name of new Set(witnesses.map(each => each.name))) {
    const given = Object.values(opinions).flatMap(({ opinions: of }) => of[name] ?? []);
    const count = (opinion: Opinion) => given.filter(each => each.startsWith(opinion)).length;
    console.log(
      `${name}: rejects ${count('rejects')}, accepts ${count('accepts')}, stops in ${count('stops')}`,
    );
  }
  writeFileSync(join(packageRoot, opinionsPath), `${JSON.stringify(opinions, null, 2)}\n`);
}

exitOnSignals();
await new Command('opinions')
  .description('Ask other programs about every input of the vectors that has to be rejected.')
  .addHelpText('after', help)
  .allowExcessArguments(false)
  .action(main)
  .parseAsync();
