/**
 * `composefs-oci adapter`
 * @module
 */

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

/** Adds the command. */
export function addAdapter(program: Command): void {
  program
    .command('adapter')
    .description('Answer the requests of the conformance suite on stdin and stdout.')
    .addHelpText('after', help)
    .action(() => serve(process.stdin, process.stdout));
}
