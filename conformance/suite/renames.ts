/**
 * Former ids of cases, from `renames.tsv` of the vectors.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globMatcher } from './glob.ts';
import type { KnownFailure } from './known-failures.ts';

/** The present id of a case by each of its former ids. */
export type Renames = ReadonlyMap<string, string>;

/** Reads the renames of the vectors in `folder`, which need not have any. */
export function readRenames(folder: string): Renames {
  let text: string;
  try {
    text = readFileSync(join(folder, 'renames.tsv'), 'utf8');
  } catch {
    return new Map();
  }
  const rows = text.trimEnd().split('\n').slice(1);
  const direct = new Map(
    rows.map(row => {
      const [old = '', now = ''] = row.split('\t');
      return [old, now];
    }),
  );
  return new Map([...direct.keys()].map(old => [old, presentId(old, direct)]));
}

/** A case can have been renamed more than once. */
function presentId(old: string, direct: Renames): string {
  const seen = new Set<string>();
  let id = old;
  for (let next = direct.get(id); next !== undefined && !seen.has(id); next = direct.get(id)) {
    seen.add(id);
    id = next;
  }
  return id;
}

/** Known failures with present ids in place of former ones, and a text for each line that should be changed. */
export function withPresentIds(
  known: readonly KnownFailure[],
  renames: Renames,
): { readonly known: KnownFailure[]; readonly notes: string[] } {
  const notes: string[] = [];
  const present = known.map(entry => {
    const pattern = renames.get(entry.pattern);
    if (pattern === undefined) return entry;
    notes.push(
      `known-failures line ${entry.line}: ${entry.pattern} is now called ${pattern}; change the line`,
    );
    return { ...entry, pattern, matches: globMatcher(pattern) };
  });
  return { known: present, notes };
}
