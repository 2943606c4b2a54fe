/**
 * One layer, read to its end: its markers and its ordinary entries. Memory grows with the number of entries; content
 * of external files is hashed while it is read, and not kept.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { FsVerity } from '../fsverity/digest.ts';
import type { TarEntry } from '../tar/entry.ts';
import { type Attributes, epoch, type Inode, isWhiteout, type Timestamp } from '../tree/inode.ts';
import type { Role, TreeOptions } from '../tree/options.ts';
import { regularFile } from '../tree/regular-file.ts';
import { classifyEntry, type Marker } from './markers.ts';

/** An ordinary entry. A layer can have millions of them, and all are kept until the layer is read. */
export interface OrdinaryEntry {
  /** At least one name, with a slash between two. */
  readonly path: ByteString;
  readonly location: Location;
  /** The new inode, or the link to an inode that is already in the tree. */
  readonly inode: Inode | LinkToInode;
}

/** Makes the path of a hard link entry another name of the inode at `target`. */
export interface LinkToInode {
  readonly kind: 'hardlink';
  readonly target: readonly ByteString[];
}

/** The entries of a layer that have an effect, each kind in archive order. */
export interface Layer {
  readonly markers: readonly Marker[];
  readonly ordinary: readonly OrdinaryEntry[];
}

/** Reads all of `entries`. Rejects entries that cannot be applied to any tree. */
export async function readLayer(entries: AsyncIterable<TarEntry>, options: TreeOptions): Promise<Layer> {
  const context: LayerContext = {
    role: options.role,
    verity: new FsVerity(options.algorithm, options.sha2),
    mtime: epoch,
  };
  const markers: Marker[] = [];
  const ordinary: OrdinaryEntry[] = [];
  for await (const entry of entries) {
    const marker = classifyEntry(entry);
    if (marker === 'reserved') continue;
    if (marker !== 'ordinary') {
      markers.push(marker);
      continue;
    }
    const { path, name, offset } = entry;
    const location: Location = { entry: name, offset };
    if (path.length === 0) continue; // MERGE-004
    const inode = await inodeOrLink(entry, context, location);
    ordinary.push({ path: joinedPath(path, name), location, inode });
  }
  return { markers, ordinary };
}

/** `path` as one string: `name` itself if it is equal, so that both are stored once. */
function joinedPath(path: readonly ByteString[], name: ByteString): ByteString {
  const joined = path.join('/') as ByteString;
  return joined === name ? name : joined;
}

/** What the entries of a layer share. */
interface LayerContext {
  readonly role: Role;
  readonly verity: FsVerity;
  /** The mtime of the previous entry, which entries in a row often have in common and then share. */
  mtime: Timestamp;
}

async function inodeOrLink(
  entry: TarEntry,
  context: LayerContext,
  location: Location,
): Promise<Inode | LinkToInode> {
  if (entry.kind === 'hardlink') return { kind: 'hardlink', target: entry.target };
  const inode = await inodeOf(entry, context);
  // MERGE-030
  if (context.role === 'layer' && isWhiteout(inode)) {
    throw new ComposefsError(
      'MERGE_DEVICE',
      'a character device with device number 0 would be a whiteout in the image of its layer',
      location,
    );
  }
  return inode;
}

async function inodeOf(
  entry: Exclude<TarEntry, { kind: 'hardlink' }>,
  context: LayerContext,
): Promise<Inode> {
  const { mode, uid, gid, xattrs } = entry;
  const { sec, nsec } = context.mtime;
  if (entry.mtime.sec !== sec || entry.mtime.nsec !== nsec) context.mtime = entry.mtime;
  const attributes: Attributes = { mode, uid, gid, mtime: context.mtime, xattrs };
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
