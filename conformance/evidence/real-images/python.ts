/**
 * The Python scripts, which share nothing with the reference.
 * @module
 */

import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';

/** The program that runs them. */
export const python = 'python3';

/** The path of one of them. */
export function script(name: 'read_layers.py' | 'list_directory.py'): string {
  return join(packageRoot, 'conformance/evidence/real-images/python', name);
}
