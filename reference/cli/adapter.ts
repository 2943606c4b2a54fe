/**
 * `composefs-oci adapter`
 * @module
 */

import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { serve } from './adapter/serve.ts';
import { exitCodes } from './options.ts';

const help = `
The adapter of the reference implementation for the conformance suite. It reads requests from stdin and writes one
answer to each of them to stdout, as lines of JSON (protocol version 1), until {"type":"bye"} or the end of stdin.

Example:
  Test this command against every case of the suite:
  $ composefs-oci-conformance --impl 'composefs-oci adapter'
${exitCodes(
  'stdin ended, or {"type":"bye"} was received; a rejected request is an answer like any other',
  'a line on stdin is not a message of the protocol',
)}`;

/**
 * How many bytes of bytecode a function runs before V8 considers it for its optimizing compiler, six times the usual
 * number. Thousands of small requests run all of the program, each part for a short time: the compiler would take a
 * fifth of the processor time and save less.
 */
const OPTIMIZE_AFTER = 400_000;
/** From this version on, V8 has a second compiler, and optimizes later; some of its versions do not know the flag. */
const V8_WITH_MAGLEV = 12;

/** Adds the command. */
export function addAdapter(program: Command): void {
  program
    .command('adapter')
    .description('Answer the requests of the conformance suite on stdin and stdout.')
    .addHelpText('after', help)
    .action(() => {
      if (Number.parseInt(process.versions.v8, 10) < V8_WITH_MAGLEV)
        setFlagsFromString(`--interrupt-budget=${OPTIMIZE_AFTER}`);
      return serve(process.stdin, process.stdout);
    });
}
