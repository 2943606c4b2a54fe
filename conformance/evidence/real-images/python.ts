/**
 * The Python scripts, which share no code with the reference.
 * @module
 */

import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';

/** The Python interpreter. */
export const python = 'python3';

/** The path of a script. */
export function script(name: 'read_layers.py' | 'label_layers.py' | 'list_directory.py'): string {
  return join(packageRoot, 'conformance/evidence/real-images/python', name);
}
