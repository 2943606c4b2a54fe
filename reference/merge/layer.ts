/**
 * One layer, read to its end: the markers that act on what is below, and the entries that enter the tree.
 * What is held grows with the number of entries; content is digested on the way.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Place } from '../errors.ts';
import type { Entry } from '../tar/entry.ts';
import { regularFile } from '../tree/content.ts';
import { type Attributes, type Inode, isWhiteout } from '../tree/inode.ts';
import type { TreeOptions } from '../tree/options.ts';
import { type Marker, markerOf } from './name.ts';

/** What one entry does to the tree. */
export interface Change {
  readonly path: readonly ByteString[];
  /** Where it stands, for messages. */
  readonly place: Place;
  readonly put:
    | { readonly kind: 'inode'; readonly inode: Inode }
    | { readonly kind: 'link'; readonly target: readonly ByteString[] };
}

/** A layer's effect, in the order of its entries. */
export interface Layer {
  readonly markers: readonly Marker[];
  readonly changes: readonly Change[];
}

/** Reads all of `entries`. Refuses what no tree can make good. */
export async function readLayer(entries: AsyncIterable<Entry>, options: TreeOptions): Promise<Layer> {
  const markers: Marker[] = [];
  const changes: Change[] = [];
  for await (const entry of entries) {
    const marker = markerOf(entry);
    if (marker === 'reserved') continue;
    if (marker !== 'ordinary') {
      markers.push(marker);
      continue;
    }
    const { path, name, offset } = entry;
    const place: Place = { entry: name, offset };
    if (path.length === 0) continue; // MERGE-004
    changes.push({ path, place, put: await put(entry, options, place) });
  }
  return { markers, changes };
}

async function put(entry: Entry, options: TreeOptions, place: Place): Promise<Change['put']> {
  if (entry.kind === 'hardlink') return { kind: 'link', target: entry.target };
  const inode = await inodeOf(entry, options);
  // MERGE-030
  if (options.role === 'layer' && isWhiteout(inode)) {
    throw new ComposefsError('MERGE_DEVICE', 'in an image of its own it would be a whiteout', place);
  }
  return { kind: 'inode', inode };
}

async function inodeOf(entry: Exclude<Entry, { kind: 'hardlink' }>, options: TreeOptions): Promise<Inode> {
  const { mode, uid, gid, mtime, xattrs } = entry;
  const attributes: Attributes = { mode, uid, gid, mtime, xattrs };
  switch (entry.kind) {
    case 'directory':
      return { kind: 'directory', ...attributes, children: new Map() };
    case 'file':
      return regularFile(attributes, entry.size, entry.content, options);
    case 'symlink':
      return { kind: 'symlink', ...attributes, target: entry.target };
    case 'character':
    case 'block':
      return { kind: entry.kind, ...attributes, rdev: entry.rdev };
    case 'fifo':
      return { kind: 'fifo', ...attributes };
  }
}
