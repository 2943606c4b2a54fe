/**
 * Directories of a store.
 * @module
 */

import { readdirSync } from 'node:fs';
import { isHexDigest, objectFile, TEMPORARY } from './paths.ts';
import { inStore, type Store, unlessAbsent } from './store.ts';

/** What is in a directory. */
export interface DirectoryEntry {
  /** Bytes. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'special';
}

/** The entries of a directory, in bytewise order; none if there is no such directory. Links are not followed. */
export function entriesOf(store: Store, path: string): DirectoryEntry[] {
  const entries = unlessAbsent(path, () =>
    readdirSync(inStore(store, path), { withFileTypes: true, encoding: 'buffer' }),
  );
  return (entries ?? [])
    .map(entry => ({ name: entry.name.toString('latin1'), kind: kindOf(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
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

/** Something below `objects`. */
export type ObjectEntry =
  | { readonly kind: 'object'; readonly path: string; readonly digest: string }
  /** A temporary file or link, or what does not belong there. */
  | { readonly kind: 'temporary' | 'stray'; readonly path: string };

/** Everything below `objects`, but not what is in directories that do not belong there. */
export function* objectEntries(store: Store): Generator<ObjectEntry> {
  for (const { name: first, kind } of entriesOf(store, 'objects')) {
    const path = `objects/${first}`;
    if (kind !== 'directory' || !/^[0-9a-f]{2}$/.test(first)) {
      const isTemporary = first.startsWith(TEMPORARY) && kind !== 'directory';
      yield { kind: isTemporary ? 'temporary' : 'stray', path };
      continue;
    }
    for (const { name, kind } of entriesOf(store, path)) {
      const digest = `${first}${name}`;
      if (kind === 'file' && isHexDigest(digest, store.digestSize)) {
        yield { kind: 'object', path: objectFile(digest), digest };
      } else yield { kind: 'stray', path: `${path}/${name}` };
    }
  }
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
