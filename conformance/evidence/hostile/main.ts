#!/usr/bin/env node
/**
 * `npm run hostile`: gives hostile input to the reference.
 * @module
 */

import { randomInt } from 'node:crypto';
import { integer } from '../../runner/command-line.ts';
import { evidenceCommand, runCommand } from '../command.ts';
import { hostile } from './hostile.ts';

const help = `
Inputs are numbered: --seed 5 --count 10 gives the inputs 5 to 14, which are the same on every machine. The number also
selects what the input is given to: archives, blobs, dumpfiles, images, JSON, signatures, keys, the kernel command line,
layouts, layers with tables of contents, disk images, or the command line of composefs-oci.

Exit code:
  0  every input was accepted, or rejected with an error code
  1  some input had another outcome
  2  the command line is wrong`;

/** The number of faults of a run that are printed. */
const FAULTS_SHOWN = 20;

async function run({ seed = randomInt(2 ** 40), count }: { seed?: number; count: number }): Promise<void> {
  console.log(`npm run hostile -- --seed ${seed} --count ${count}\n`);
  const show = process.stderr.isTTY
    ? (done: number) => process.stderr.write(`\r${done} of ${count} `)
    : undefined;
  const { outcomes, faults } = await hostile({ seed, count, ...(show && { progress: show }) });
  if (show !== undefined) process.stderr.write('\r\x1b[K');
  for (const [target, counts] of outcomes) {
    const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
    const codes = [...counts.keys()].filter(name => name !== 'accepted' && name !== 'fault').length;
    console.log(`${target}: ${total} inputs, ${counts.get('accepted') ?? 0} accepted, ${codes} error codes`);
  }
  for (const { seed: number, target, problem } of faults.slice(0, FAULTS_SHOWN)) {
    const lines = problem
      .split('\n')
      .slice(0, 8)
      .map(line => line.slice(0, 1500));
    console.log(
      `\nFAULT in ${target}: ${lines.join('\n')}\n  again: npm run hostile -- --seed ${number} --count 1`,
    );
  }
  console.log(`\n${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

const program = evidenceCommand(
  'hostile',
  'Give hostile input to the reference: it must accept or reject it, and do nothing else.',
  help,
)
  .option('--count <n>', 'number of inputs', integer(1, 100_000_000), 10_000)
  .option('--seed <n>', 'number of the first one (default: random)', integer(0, 2 ** 40))
  .action(run);

await runCommand(program);
