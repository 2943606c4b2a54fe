/**
 * Names and inodes of a tree, and copies of it to change.
 * @module
 */

import { type ByteString, compareBytes } from '../../../reference/bytes.ts';
import type { Directory, Inode } from '../../../reference/tree/inode.ts';

/** One name below the root. */
export interface Name {
  readonly parent: Directory;
  readonly name: ByteString;
  readonly inode: Inode;
}

/**
 * Every name below `directory`, depth first, children in bytewise order. What is removed while it runs, and not
 * reached yet, is left out, and so is what is below it.
 */
export function* names(directory: Directory): Generator<Name> {
  for (const name of [...directory.children.keys()].sort(compareBytes)) {
    const inode = directory.children.get(name);
    if (inode === undefined) continue;
    yield { parent: directory, name, inode };
    if (inode.kind === 'directory' && directory.children.has(name)) yield* names(inode);
  }
}

/** The root and every other inode once, at its first name. */
export function inodes(tree: Directory): Set<Inode> {
  const found = new Set<Inode>([tree]);
  for (const { inode } of names(tree)) found.add(inode);
  return found;
}

/** A copy of the tree, hard links kept. Times, attributes, contents and digests are shared: nobody changes them in place. */
export function copy(tree: Directory): Directory {
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
