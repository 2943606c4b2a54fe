/**
 * The names in a tree, in the order in which they are labelled.
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import type { Directory, Inode } from '../tree/inode.ts';
import type { Aliases, Lookup } from './aliases.ts';

/** A name in a tree, or the root. */
export interface TreeName extends Lookup {
  /** Empty for the root. */
  readonly name: ByteString;
  readonly inode: Inode;
  /** The directory that has the name; undefined for the root. */
  readonly parent: (TreeName & { readonly inode: Directory }) | undefined;
  /** The number of names in the path. */
  readonly depth: number;
}

/**
 * Every name in the tree, with its lookup paths: depth first, the children of each directory in bytewise order, and
 * each directory before what is below it (SELINUX-025).
 */
export function namesInTree(root: Directory, aliases: Aliases): TreeName[] {
  const names: TreeName[] = [];
  const pending: { name: ByteString; inode: Inode; parent: TreeName['parent']; depth: number }[] = [
    { name: ascii(''), inode: root, parent: undefined, depth: 0 },
  ];
  /** The lookup paths of the directories above the next name, by depth. */
  const lookups: Lookup[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, inode, parent, depth } = next;
    const above = lookups[depth - 1];
    const lookup = above === undefined ? aliases.root() : aliases.child(above, name);
    const { walked, replaced, applied } = lookup;
    const named = { name, inode, parent, depth, walked, replaced, applied };
    names.push(named);
    if (inode.kind !== 'directory') continue;
    lookups[depth] = lookup;
    const directory = named as TreeName & { readonly inode: Directory };
    // Strings are sorted bytewise; the first one has to be on top.
    for (const child of [...inode.children.keys()].sort().reverse()) {
      const childInode = inode.children.get(child) as Inode;
      pending.push({ name: child, inode: childInode, parent: directory, depth: depth + 1 });
    }
  }
  return names;
}

/** The path of a name in the tree, from `/`. */
export function pathOf({ name, parent }: TreeName): ByteString {
  const names = [name];
  for (let above = parent; above !== undefined; above = above.parent) names.unshift(above.name);
  return (names.length === 1 ? '/' : names.join('/')) as ByteString;
}
