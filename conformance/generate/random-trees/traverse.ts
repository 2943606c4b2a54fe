/**
 * Traversal of a tree by names and by inodes, and copies of trees.
 * @module
 */

import { type ByteString, compareBytes } from '../../../reference/bytes.ts';
import type { Directory, Inode } from '../../../reference/tree/inode.ts';

/** One name in a tree. */
export interface TreeName {
  readonly parent: Directory;
  readonly name: ByteString;
  readonly inode: Inode;
}

/**
 * Every name below `directory`, depth first, with children in bytewise order. A name that is removed during the
 * traversal, before it is reached, is skipped with everything below it.
 */
export function* names(directory: Directory): Generator<TreeName> {
  for (const name of [...directory.children.keys()].sort(compareBytes)) {
    const inode = directory.children.get(name);
    if (inode === undefined) continue;
    yield { parent: directory, name, inode };
    if (inode.kind === 'directory' && directory.children.has(name)) yield* names(inode);
  }
}

/** Every inode once, the root included, in the order of first names. */
export function inodes(tree: Directory): Set<Inode> {
  const found = new Set<Inode>([tree]);
  for (const { inode } of names(tree)) found.add(inode);
  return found;
}

/**
 * A copy of a tree that keeps hard links. Times, attributes, contents and digests are shared, since they are never
 * changed in place.
 */
export function copyTree(tree: Directory): Directory {
  const copies = new Map<Inode, Inode>();
  const copied = (inode: Inode): Inode => {
    let made = copies.get(inode);
    if (made === undefined) {
      made = { ...inode };
      copies.set(inode, made);
    }
    return made;
  };
  const root: Directory = { ...tree, children: new Map() };
  const pending: (readonly [from: Directory, to: Directory])[] = [[tree, root]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [from, to] = next;
    for (const [name, inode] of from.children) {
      if (inode.kind !== 'directory') {
        to.children.set(name, copied(inode));
        continue;
      }
      const directory: Directory = { ...inode, children: new Map() };
      to.children.set(name, directory);
      pending.push([inode, directory]);
    }
  }
  return root;
}
