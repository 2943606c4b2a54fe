/**
 * Directories of a store.
 * @module
 */

import { readdirSync } from 'node:fs';
import { isSystemError } from '../oci/file.ts';
import { inStore, type Store } from './store.ts';

/** What is in a directory. */
export interface DirectoryEntry {
  /** Bytes. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'special';
}

/** The entries of a directory, in bytewise order; none if there is no such directory. Links are not followed. */
export function entriesOf(store: Store, path: string): DirectoryEntry[] {
  try {
    return readdirSync(inStore(store, path), { withFileTypes: true, encoding: 'buffer' })
      .map(entry => ({ name: entry.name.toString('latin1'), kind: kindOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isSystemError(error) && ['ENOENT', 'ENOTDIR'].includes(error.code)) return [];
    throw error;
  }
}

function kindOf(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): DirectoryEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'special';
}

/** A file below `refs`. */
export interface RefEntry {
  /** From the store. */
  readonly path: string;
  readonly kind: DirectoryEntry['kind'];
  /** How many directories it is below `streams` or `images`. */
  readonly depth: number;
}

/** Everything but directories below `refs` in `top`. */
export function* refsOf(store: Store, top: 'images' | 'streams'): Generator<RefEntry> {
  const pending = [{ path: `${top}/refs`, depth: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path, depth } = next;
    for (const { name, kind } of entriesOf(store, path)) {
      const entry = { path: `${path}/${name}`, kind, depth };
      if (kind === 'directory') pending.push({ path: entry.path, depth: depth + 1 });
      else yield entry;
    }
  }
}
