/**
 * One layer, read to its end: the markers that act on what is below, and the entries that enter the tree.
 * What is held grows with the number of entries; content is digested on the way.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { FsVerity } from '../fsverity/digest.ts';
import type { Entry } from '../tar/entry.ts';
import { type Attributes, epoch, type Inode, isWhiteout, type Timestamp } from '../tree/inode.ts';
import type { Role, TreeOptions } from '../tree/options.ts';
import { regularFile } from '../tree/regular-file.ts';
import { type Marker, markerOf } from './whiteouts.ts';

/** What one entry does to the tree. Layers may have millions of them, each held until all are known. */
export interface Change {
  /** One component or more, with a slash between two. */
  readonly path: ByteString;
  /** Where it stands, for messages. */
  readonly location: Location;
  readonly put: Inode | Link;
}

/** Another name of an inode that is in the tree. */
export interface Link {
  readonly kind: 'link';
  readonly target: readonly ByteString[];
}

/** A layer's effect, in the order of its entries. */
export interface Layer {
  readonly markers: readonly Marker[];
  readonly changes: readonly Change[];
}

/** Reads all of `entries`. Refuses what no tree can make good. */
export async function readLayer(entries: AsyncIterable<Entry>, options: TreeOptions): Promise<Layer> {
  const context: Context = {
    role: options.role,
    verity: new FsVerity(options.algorithm, options.sha2),
    latest: epoch,
  };
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
    const location: Location = { entry: name, offset };
    if (path.length === 0) continue; // MERGE-004
    changes.push({ path: joined(path, name), location, put: await put(entry, context, location) });
  }
  return { markers, changes };
}

/** `path` in one string, which is `name` where that is written so. */
function joined(path: readonly ByteString[], name: ByteString): ByteString {
  const together = path.join('/') as ByteString;
  return together === name ? name : together;
}

/** What the entries of a layer have in common. */
interface Context {
  readonly role: Role;
  readonly verity: FsVerity;
  /** Time of the latest entry. Many entries in a row have the same, and share it. */
  latest: Timestamp;
}

async function put(entry: Entry, context: Context, location: Location): Promise<Change['put']> {
  if (entry.kind === 'hardlink') return { kind: 'link', target: entry.target };
  const inode = await inodeOf(entry, context);
  // MERGE-030
  if (context.role === 'layer' && isWhiteout(inode)) {
    throw new ComposefsError('MERGE_DEVICE', 'in an image of its own it would be a whiteout', location);
  }
  return inode;
}

async function inodeOf(entry: Exclude<Entry, { kind: 'hardlink' }>, context: Context): Promise<Inode> {
  const { mode, uid, gid, xattrs } = entry;
  const { sec, nsec } = context.latest;
  if (entry.mtime.sec !== sec || entry.mtime.nsec !== nsec) context.latest = entry.mtime;
  const attributes: Attributes = { mode, uid, gid, mtime: context.latest, xattrs };
  switch (entry.kind) {
    case 'directory':
      return { kind: 'directory', ...attributes, children: new Map() };
    case 'file':
      return regularFile(attributes, entry.size, entry.content, context.verity);
    case 'symlink':
      return { kind: 'symlink', ...attributes, target: entry.target };
    case 'character':
    case 'block':
      return { kind: entry.kind, ...attributes, rdev: entry.rdev };
    case 'fifo':
      return { kind: 'fifo', ...attributes };
  }
}
