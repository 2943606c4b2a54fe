/**
 * Directories of a tree: the implied directory, and looking up paths. Paths are lexical: no symbolic link is followed.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { type Directory, epoch, type Inode, noXattrs } from './inode.ts';

/** An empty directory with the attributes of an implied one: mode 0755, owner and group 0, mtime 0, no xattrs. */
export function impliedDirectory(): Directory {
  return {
    kind: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: epoch,
    xattrs: noXattrs,
    children: new Map(),
  };
}

/** The names of a path as one string, with a slash between two; empty for the root. */
export function joinPath(names: readonly ByteString[]): ByteString {
  return names.join('/') as ByteString;
}

/** The names of a path that {@link joinPath} returned. */
export function splitPath(path: ByteString): ByteString[] {
  return path === '' ? [] : (path.split('/') as ByteString[]);
}

/**
 * The inode at `path`, or why there is none: the path is `blocked` if it leads through a leaf, and `missing` if a
 * directory does not have the next name.
 */
export function findInode(root: Directory, path: readonly ByteString[]): Inode | 'missing' | 'blocked' {
  let inode: Inode = root;
  for (const name of path) {
    if (inode.kind !== 'directory') return 'blocked';
    const child = inode.children.get(name);
    if (child === undefined) return 'missing';
    inode = child;
  }
  return inode;
}

/** The directory at `path`, or why there is none: the path is also `blocked` if a leaf exists at it. */
export function findDirectory(
  root: Directory,
  path: readonly ByteString[],
): Directory | 'missing' | 'blocked' {
  const inode = findInode(root, path);
  return typeof inode === 'string' || inode.kind === 'directory' ? inode : 'blocked';
}

/** The inodes from `root` to the one at `path`, as many of them as exist. */
export function inodesOnPath(root: Directory, path: readonly ByteString[]): Inode[] {
  const inodes: Inode[] = [root];
  let inode: Inode = root;
  for (const name of path) {
    const child: Inode | undefined = inode.kind === 'directory' ? inode.children.get(name) : undefined;
    if (child === undefined) break;
    inodes.push(child);
    inode = child;
  }
  return inodes;
}

/** Every inode of the tree, in no particular order; an inode with several names is repeated for each of them. */
export function* inodes(root: Directory): Generator<Inode> {
  const pending: Directory[] = [root];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    yield directory;
    for (const child of directory.children.values()) {
      if (child.kind === 'directory') pending.push(child);
      else yield child;
    }
  }
}
