/**
 * Applies the ordinary entries of a layer to a tree (spec/merge.md, "Ordinary entries" and "Hard links").
 * @module
 */

import { type ByteString, copyBytes, excerpt } from '../bytes.ts';
import { type Code, ComposefsError, type Location } from '../errors.ts';
import { findInode, impliedDirectory, splitPath } from '../tree/directory.ts';
import { type Directory, isWhiteout, kindNames, type Leaf } from '../tree/inode.ts';
import type { OrdinaryEntry } from './layer.ts';
import type { TreeSize } from './tree-size.ts';

/** The kind of tree that entries are applied to. */
export type TreeKind = 'merged' | 'standalone';

/**
 * Applies `entries`, in archive order, to the tree below `root`, and throws for the first one that cannot be applied to
 * a tree of this kind. Implied directories are counted in `size`.
 */
export function applyEntries(
  root: Directory,
  entries: readonly OrdinaryEntry[],
  kind: TreeKind,
  size: TreeSize,
): void {
  const missingTarget = kind === 'merged' ? 'MERGE_LINK_TARGET' : 'MERGE_LINK_LOWER';
  for (const { path, offset, inode: added } of entries) {
    const location: Location = { entry: path, offset };
    // MERGE-030
    if (kind === 'standalone' && added.kind !== 'hardlink' && isWhiteout(added)) {
      throw new ComposefsError(
        'MERGE_DEVICE',
        'a character device with device number 0 would be a whiteout in the image of its layer',
        location,
      );
    }
    const names = splitPath(path);
    // MERGE-011: the target is looked up before this entry changes the tree.
    const inode =
      added.kind === 'hardlink'
        ? linkTarget(root, names, splitPath(added.target), missingTarget, location)
        : added;
    const name = names.pop() as ByteString;
    const parent = makeDirectories(root, names, location, size);
    const existing = parent.children.get(name);
    if (inode.kind === 'directory' && existing?.kind === 'directory') {
      // MERGE-008
      const { mode, uid, gid, mtime, xattrs } = inode;
      Object.assign(existing, { mode, uid, gid, mtime, xattrs });
    } else {
      // MERGE-009
      parent.children.set(copyBytes(name), inode);
    }
  }
}

/** The directory at `path`, after the directories that are missing on the path are created (MERGE-007). */
export function makeDirectories(
  root: Directory,
  path: readonly ByteString[],
  location: Location,
  size: TreeSize,
): Directory {
  let directory = root;
  for (const name of path) {
    let child = directory.children.get(name);
    if (child === undefined) {
      size.addInode(location);
      child = impliedDirectory();
      directory.children.set(copyBytes(name), child);
    }
    // MERGE-006
    if (child.kind !== 'directory') {
      // Images contain entries below a symbolic link, which some implementations follow.
      const hint = child.kind === 'symlink' ? ': name the directory to which it leads instead' : '';
      throw new ComposefsError(
        'MERGE_PARENT',
        `"${excerpt(name)}" in the parent path is a ${kindNames[child.kind]}, not a directory${hint}`,
        location,
      );
    }
    directory = child;
  }
  return directory;
}

/** The leaf at the target of a hard link entry at `path`. */
function linkTarget(
  root: Directory,
  path: readonly ByteString[],
  target: readonly ByteString[],
  missingTarget: Code,
  location: Location,
): Leaf {
  // MERGE-015: the entry would remove its own target (MERGE-009).
  if (path.every((name, i) => name === target[i])) {
    throw new ComposefsError(
      'MERGE_LINK_SELF',
      `the target "${printablePath(target)}" of the hard link is its own path or lies below it`,
      location,
    );
  }
  const inode = findInode(root, target);
  if (inode === 'missing' || inode === 'blocked') {
    throw new ComposefsError(
      missingTarget,
      `nothing exists at the target "${printablePath(target)}" of the hard link`,
      location,
    );
  }
  if (inode.kind === 'directory') {
    throw new ComposefsError(
      'MERGE_LINK_DIRECTORY',
      `the target "${printablePath(target)}" of the hard link is a directory`,
      location,
    );
  }
  return inode;
}

function printablePath(path: readonly ByteString[]): string {
  return excerpt(path.join('/') as ByteString);
}
