/**
 * Reads the kill matrix, and the requirements that need an entry.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../suite/package-root.ts';
import { isAbsolute, readRequirements } from '../../../suite/requirements.ts';
import { type KillMatrix, parseMatrix } from './matrix.ts';

const folder = join(packageRoot, 'conformance/evidence/mutants/kill-matrix/mutants');

/** All entries, a file for each area. */
export function readMatrix(): KillMatrix {
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.txt'))
    .sort();
  const parts = files.map(name => parseMatrix(readFileSync(join(folder, name), 'utf8'), name));
  return {
    mutants: parts.flatMap(({ mutants }) => mutants),
    without: parts.flatMap(({ without }) => without),
  };
}

/** The absolute requirements that cases verify. */
export function requirementsOfVectors(): string[] {
  const all = readRequirements(join(packageRoot, 'spec/requirements.json'));
  return [...(all?.values() ?? [])]
    .filter(({ level, verification }) => isAbsolute(level) && verification === 'vector')
    .map(({ id }) => id);
}
