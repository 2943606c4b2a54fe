/**
 * Shrinks a tree: removes or simplifies names, attributes and values, one or many at a time, as long as the difference
 * still occurs.
 * @module
 */

import { ascii, type ByteString } from '../../../reference/bytes.ts';
import { type Directory, epoch, type Inode, noXattrs } from '../../../reference/tree/inode.ts';
import { copyTree, inodes, names } from '../../generate/random-trees/traverse.ts';
import { Shrinking, type Test } from '../../runner/shrink/shrinking.ts';

/** Makes `tree`, which passes `test`, smaller, until no further change passes. */
export function shrinkTree(tree: Directory, test: Test<Directory>): Promise<Directory> {
  const shrinker = new TreeShrinker(tree, copyTree, test);
  return shrinker.exhaust([
    () => shrinker.fewerNames(),
    () => shrinker.fewerLevels(),
    () => shrinker.fewerXattrs(),
    () => shrinker.simplerInodes(),
    () => shrinker.simplerNames(),
  ]);
}

class TreeShrinker extends Shrinking<Directory> {
  /** Removes ranges of names, each with everything below it; long ranges first. */
  async fewerNames(): Promise<void> {
    const count = () => [...names(this.subject)].length;
    await this.runs(count, (tree, from, to) => {
      for (const { parent, name } of [...names(tree)].slice(from, to)) parent.children.delete(name);
    });
  }

  /** Replaces a directory by its children. */
  async fewerLevels(): Promise<void> {
    for (let i = 0; i < [...names(this.subject)].length; ) {
      const raised = await this.try(tree => {
        const at = [...names(tree)][i];
        if (at?.inode.kind !== 'directory') return false;
        at.parent.children.delete(at.name);
        for (const [name, child] of at.inode.children) {
          if (!at.parent.children.has(name)) at.parent.children.set(name, child);
        }
        return true;
      });
      if (!raised) i++;
    }
  }

  /** Removes ranges of extended attributes of each inode. */
  async fewerXattrs(): Promise<void> {
    for (let i = 0; i < inodes(this.subject).size; i++) {
      const inode = (tree: Directory) => nth(inodes(tree), i);
      await this.runs(
        () => inode(this.subject).xattrs.size,
        (tree, from, to) => {
          const changed = inode(tree);
          changed.xattrs = new Map([...changed.xattrs].filter((_, at) => at < from || at >= to));
        },
      );
    }
  }

  /** Gives every inode the simplest values that pass. */
  async simplerInodes(): Promise<void> {
    for (let i = 0; i < inodes(this.subject).size; i++) {
      const inode = () => nth(inodes(this.subject), i);
      await this.try(tree => replaceByEmptyFile(tree, nth(inodes(tree), i)));
      for (const change of simplerAttributes) await this.try(tree => change(nth(inodes(tree), i)));
      for (const name of inode().xattrs.keys()) {
        await this.shorter(
          () => inode().xattrs.get(name)?.length ?? 0,
          (tree, length) => {
            const changed = nth(inodes(tree), i);
            changed.xattrs = new Map(changed.xattrs).set(name, ascii('v'.repeat(length)));
          },
        );
      }
      await this.shorter(
        () => lengthOf(inode()),
        (tree, length) => setLength(nth(inodes(tree), i), length),
      );
    }
  }

  /** Renames everything to one letter, or to as few bytes as pass. */
  async simplerNames(): Promise<void> {
    for (let i = 0; i < [...names(this.subject)].length; i++) {
      const oldName = [...names(this.subject)][i]?.name ?? ascii('');
      if (/^[a-z]$/.test(oldName)) continue;
      const letter = [...'abcdefghijklmnopqrstuvwxyz'].find(name => !this.#isSibling(i, ascii(name)));
      if (letter !== undefined && (await this.try(tree => rename(tree, i, ascii(letter))))) continue;
      await this.shorter(
        () => [...names(this.subject)][i]?.name.length ?? 0,
        (tree, length) => {
          rename(tree, i, ascii('n'.repeat(Math.max(1, length))));
        },
      );
    }
  }

  #isSibling(i: number, name: ByteString): boolean {
    return [...names(this.subject)][i]?.parent.children.has(name) ?? false;
  }
}

function nth(all: Iterable<Inode>, i: number): Inode {
  const inode = [...all][i];
  if (inode === undefined) throw new RangeError(`inode ${i} does not exist`);
  return inode;
}

/** Sets a property to a simpler value. */
function simpler<K extends 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>(key: K, value: Inode[K]) {
  return (inode: Inode): boolean => {
    if (inode[key] === value) return false;
    inode[key] = value;
    return true;
  };
}

const simplerAttributes: readonly ((inode: Inode) => boolean)[] = [
  simpler('xattrs', noXattrs),
  simpler('mode', 0o644),
  simpler('uid', 0),
  simpler('gid', 0),
  simpler('mtime', epoch),
  inode => {
    if (inode.kind !== 'external' || inode.digest === undefined) return false;
    delete inode.digest;
    return true;
  },
  inode => {
    if (inode.kind !== 'external' || inode.payload === undefined || inode.digest !== undefined) return false;
    delete inode.payload;
    return true;
  },
  inode => {
    if (inode.kind !== 'external' || inode.size === 1n) return false;
    inode.size = 1n;
    return true;
  },
  inode => {
    if ((inode.kind !== 'character' && inode.kind !== 'block') || inode.rdev <= 1) return false;
    inode.rdev = 1;
    return true;
  },
];

/** Replaces an inode that is neither a directory nor an inline file by an empty file with the same attributes. */
function replaceByEmptyFile(tree: Directory, old: Inode): boolean {
  if (old.kind === 'directory' || old.kind === 'inline') return false;
  const { mode, uid, gid, mtime, xattrs } = old;
  const file: Inode = { kind: 'inline', mode, uid, gid, mtime, xattrs, content: new Uint8Array(0) };
  for (const { parent, name, inode } of names(tree)) if (inode === old) parent.children.set(name, file);
  return true;
}

/** The length of the content of a file, or of the target of a symbolic link. */
function lengthOf(inode: Inode): number {
  if (inode.kind === 'inline') return inode.content.length;
  // A target has at least one byte.
  return inode.kind === 'symlink' ? inode.target.length - 1 : 0;
}

function setLength(inode: Inode, length: number): void {
  if (inode.kind === 'inline') inode.content = new Uint8Array(length).fill(0x63);
  if (inode.kind === 'symlink') inode.target = ascii('t'.repeat(length + 1));
}

/** Renames the name number `i`, unless the new name exists already. */
function rename(tree: Directory, i: number, to: ByteString): boolean {
  const at = [...names(tree)][i];
  if (at === undefined || at.parent.children.has(to)) return false;
  at.parent.children.delete(at.name);
  at.parent.children.set(to, at.inode);
  return true;
}
