/**
 * The names of the mutants of each requirement, from the first lines of the entries of the kill matrix.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the mutants of each requirement do, by its id, in the repository `root`. */
export function readMutantNames(root: string): ReadonlyMap<string, readonly string[]> {
  const folder = join(root, 'conformance/evidence/mutants/kill-matrix/mutants');
  const names = new Map<string, string[]>();
  for (const file of readdirSync(folder).sort()) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const [, id, name] = /^([A-Z]+-\d{3}) (\S.*)$/.exec(line) ?? [];
      if (id !== undefined && name !== undefined) names.set(id, [...(names.get(id) ?? []), name]);
    }
  }
  return names;
}
