/**
 * One layer, read to its end: its markers and its ordinary entries. Memory grows with the number of entries; content
 * of external files is hashed while it is read, and not kept.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { Location } from '../errors.ts';
import { FsVerity } from '../fsverity/digest.ts';
import type { FileEntry, TarEntry } from '../tar/entry.ts';
import { joinPath } from '../tree/directory.ts';
import { epoch, type Inode, noXattrs, type Timestamp, type Xattrs } from '../tree/inode.ts';
import type { TreeOptions } from '../tree/options.ts';
import { regularFile } from '../tree/regular-file.ts';
import { classifyEntry, type Marker } from './markers.ts';
import type { TreeSize } from './tree-size.ts';

/** An ordinary entry. A layer can have a million of them, and all are kept until the layer is read. */
export interface OrdinaryEntry {
  /** At least one name, with a slash between two. */
  readonly path: ByteString;
  /** Offset of its header in the archive. */
  readonly offset: number;
  /** The new inode, or the link to an inode that is already in the tree. */
  readonly inode: Inode | LinkToInode;
}

/** Makes the path of a hard link entry another name of the inode at `target`. */
export interface LinkToInode {
  readonly kind: 'hardlink';
  /** A path, written as that of an entry; empty for the root. */
  readonly target: ByteString;
}

/** The entries of a layer that have an effect, each kind in archive order. */
export interface Layer {
  readonly markers: readonly Marker[];
  readonly ordinary: readonly OrdinaryEntry[];
}

/**
 * Reads all of `entries` and counts them in `size`. Rejects entries that cannot be applied to any tree. `contentOf`
 * returns the content of a file, and can see it as it is read.
 */
export async function readLayer(
  entries: AsyncIterable<TarEntry>,
  options: TreeOptions,
  size: TreeSize,
  contentOf: ContentOf = ({ content }) => content,
): Promise<Layer> {
  const context: LayerContext = {
    verity: new FsVerity(options.algorithm, options.sha2),
    mtime: epoch,
    xattrs: noXattrs,
    contentOf,
  };
  const markers: Marker[] = [];
  const ordinary: OrdinaryEntry[] = [];
  for await (const entry of entries) {
    const { name, offset } = entry;
    const location: Location = { entry: name, offset };
    const path = joinPath(entry.path);
    size.addEntry(path, targetOf(entry), entry.xattrs, location);
    const marker = classifyEntry(entry);
    if (marker === 'reserved') continue;
    if (marker !== 'ordinary') {
      markers.push(marker);
      continue;
    }
    if (path === '') continue; // MERGE-004
    ordinary.push({ path, offset, inode: await inodeOrLink(entry, context) });
  }
  return { markers, ordinary };
}

function targetOf(entry: TarEntry): ByteString | undefined {
  if (entry.kind === 'symlink') return entry.target;
  return entry.kind === 'hardlink' ? joinPath(entry.target) : undefined;
}

/** Returns the content of a file. */
export type ContentOf = (entry: FileEntry) => AsyncIterable<Uint8Array>;

/** What the entries of a layer share. */
interface LayerContext {
  readonly verity: FsVerity;
  /** The mtime and the attributes of the previous entry, which entries in a row often have in common and then share. */
  mtime: Timestamp;
  xattrs: Xattrs;
  readonly contentOf: ContentOf;
}

async function inodeOrLink(entry: TarEntry, context: LayerContext): Promise<Inode | LinkToInode> {
  if (entry.kind === 'hardlink') return { kind: 'hardlink', target: joinPath(entry.target) };
  return inodeOf(entry, context);
}

async function inodeOf(
  entry: Exclude<TarEntry, { kind: 'hardlink' }>,
  context: LayerContext,
): Promise<Inode> {
  const { mode, uid, gid } = entry;
  const previous = context.mtime;
  if (entry.mtime.sec !== previous.sec || entry.mtime.nsec !== previous.nsec) context.mtime = entry.mtime;
  if (!equalXattrs(entry.xattrs, context.xattrs)) context.xattrs = entry.xattrs;
  const { mtime, xattrs } = context;
  // Attributes are copied one by one: an object that is spread into another one takes several times its size.
  switch (entry.kind) {
    case 'directory':
      return { kind: 'directory', mode, uid, gid, mtime, xattrs, children: new Map() };
    case 'file': {
      const content = context.contentOf(entry);
      const attributes = { mode, uid, gid, mtime, xattrs };
      if (entry.digest === undefined) return regularFile(attributes, entry.size, content, context.verity);
      // Somebody else wants to see the content.
      if (content !== entry.content) for await (const _ of content);
      return { kind: 'external', ...attributes, size: BigInt(entry.size), digest: entry.digest };
    }
    case 'symlink':
      return { kind: 'symlink', mode, uid, gid, mtime, xattrs, target: entry.target };
    case 'character':
    case 'block':
      return { kind: entry.kind, mode, uid, gid, mtime, xattrs, rdev: entry.rdev };
    case 'fifo':
      return { kind: 'fifo', mode, uid, gid, mtime, xattrs };
  }
}

/** Whether `a` and `b` are the same attributes in the same order. */
function equalXattrs(a: Xattrs, b: Xattrs): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [name, value] of a) {
    const [otherName, otherValue] = others.next().value as [ByteString, ByteString];
    if (name !== otherName || value !== otherValue) return false;
  }
  return true;
}
