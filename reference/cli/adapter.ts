/**
 * `composefs-oci adapter`
 * @module
 */

import type { Command } from 'commander';
import { serve } from './adapter/serve.ts';

const help = `
The adapter named 'reference' of the conformance suite: JSON Lines on stdin and stdout, protocol version 1.
One request at a time; it ends with {"type":"bye"}, or when stdin ends.

Example:
  $ composefs-oci-conformance --impl 'composefs-oci adapter'
`;

/** Adds the command. */
export function addAdapter(program: Command): void {
  program
    .command('adapter')
    .description('Answer the requests of the conformance suite.')
    .addHelpText('after', help)
    .action(() => serve(process.stdin, process.stdout));
}
