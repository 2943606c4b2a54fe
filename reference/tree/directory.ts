/**
 * Directories of the tree: new ones, and finding a path in them.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { type Directory, epoch, type Inode, noXattrs } from './inode.ts';

/** An empty directory as the standard implies it: mode 0755, owner 0:0, mtime 0, no xattrs. */
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

/**
 * What stands at `path` below `root`. Paths are lexical: where a component is missing or lies below something
 * that is not a directory, a symlink included, there is nothing (`undefined`).
 */
export function lookup(root: Directory, path: readonly ByteString[]): Inode | undefined {
  let inode: Inode | undefined = root;
  for (const name of path) {
    if (inode?.kind !== 'directory') return undefined;
    inode = inode.children.get(name);
  }
  return inode;
}

/** Every inode of the tree, in no particular order; one with several names comes once a name. */
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
