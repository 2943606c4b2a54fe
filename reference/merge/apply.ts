/**
 * A layer's entries into the tree, in their order.
 * @module
 */

import { type ByteString, ownBytes, printable } from '../bytes.ts';
import { type Code, ComposefsError, type Location } from '../errors.ts';
import { findInode, impliedDirectory } from '../tree/directory.ts';
import type { Directory, Leaf } from '../tree/inode.ts';
import type { Change } from './layer.ts';

/**
 * Applies `changes` to the tree below `root`. `missing` is the code for a hard link whose target is not in the
 * tree: it says more where the tree is one layer's own.
 */
export function applyChanges(
  root: Directory,
  changes: readonly Change[],
  missing: 'MERGE_LINK_TARGET' | 'MERGE_LINK_LOWER',
): void {
  for (const { path, location, put } of changes) {
    const names = path.split('/') as ByteString[];
    // MERGE-011: the target is looked up in the tree as it is before this entry.
    const inode = put.kind === 'link' ? linked(root, names, put.target, missing, location) : put;
    const name = names.pop() as ByteString;
    const parent = openDirectory(root, names, location);
    const existing = parent.children.get(name);
    if (inode.kind === 'directory' && existing?.kind === 'directory') {
      // MERGE-008
      const { mode, uid, gid, mtime, xattrs } = inode;
      Object.assign(existing, { mode, uid, gid, mtime, xattrs });
    } else {
      // MERGE-009
      parent.children.set(ownBytes(name), inode);
    }
  }
}

/** The directory at `path`, with the directories that are missing on the way implied (MERGE-007). */
export function openDirectory(root: Directory, path: readonly ByteString[], location: Location): Directory {
  let directory = root;
  for (const name of path) {
    let child = directory.children.get(name);
    if (child === undefined) {
      child = impliedDirectory();
      directory.children.set(ownBytes(name), child);
    }
    // MERGE-006
    if (child.kind !== 'directory') {
      throw new ComposefsError(
        'MERGE_PARENT',
        `"${printable(name)}" is a ${child.kind}, not a directory`,
        location,
      );
    }
    directory = child;
  }
  return directory;
}

function linked(
  root: Directory,
  path: readonly ByteString[],
  target: readonly ByteString[],
  missing: Code,
  location: Location,
): Leaf {
  // MERGE-015: the entry replaces what stands at its path, and the target would go with it.
  if (target.length >= path.length && path.every((name, i) => name === target[i])) {
    throw new ComposefsError('MERGE_LINK_SELF', 'a hard link to itself, or into what it replaces', location);
  }
  const inode = findInode(root, target);
  if (inode === 'missing' || inode === 'blocked') {
    throw new ComposefsError(missing, `nothing stands at the target "${printablePath(target)}"`, location);
  }
  if (inode.kind === 'directory') {
    throw new ComposefsError(
      'MERGE_LINK_DIRECTORY',
      `the target "${printablePath(target)}" is a directory`,
      location,
    );
  }
  return inode;
}

function printablePath(path: readonly ByteString[]): string {
  return path.map(printable).join('/');
}
