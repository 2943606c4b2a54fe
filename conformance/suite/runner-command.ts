/**
 * How a user starts the runner.
 * @module
 */

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from './package-root.ts';

/** What help and reports tell the user to type: in a checkout by npm, elsewhere the one file or the command. */
export const runnerCommand: string = commandOf(process.argv[1] ?? '');

function commandOf(program: string): string {
  if (existsSync(join(packageRoot, 'tsconfig.json'))) return 'npm run conformance --';
  return program.endsWith('.mjs') ? `node ${relative('', program)}` : 'composefs-oci-conformance';
}
