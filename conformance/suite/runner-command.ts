/**
 * How a user starts the runner.
 * @module
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** What help and reports tell the user to type: in a checkout by npm, elsewhere by the name of the command. */
export const runnerCommand: string = existsSync(join(packageRoot, 'tsconfig.json'))
  ? 'npm run conformance --'
  : 'composefs-oci-conformance';
