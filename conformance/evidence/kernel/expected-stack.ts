/**
 * What a stack of standalone layer trees shows (spec/merge.md, "Stacks of standalone layer trees"): the merged tree,
 * apart from implied directories and the names of some whiteouts.
 * @module
 */

import type { DumpfileInode, DumpfileTree } from '../external-checks/dumpfile-tree.ts';
import { isDirectory, isWhiteout, parentOf } from '../external-checks/expected-listing.ts';

/** The standalone tree of a layer. */
export interface StackLayer {
  readonly tree: DumpfileTree;
  /** The paths of its directory entries; every other directory is implied. */
  readonly directories: ReadonlySet<string>;
}

const OPAQUE = 'trusted.overlay.opaque';
const MARKS = ['user.overlay.opaque', 'user.overlay.whiteouts'] as const;
/** MERGE-007 */
const implied = { mode: 0o40755, uid: 0, gid: 0, rdev: 0, sec: '0', nsec: 0, size: 0n } as const;

/** The layers that overlayfs has to stack: those from the topmost one with an opaque root on, starting with the base. */
export function stackedLayers<T extends Pick<StackLayer, 'tree'>>(layers: readonly T[]): readonly T[] {
  const opaque = layers.findLastIndex(({ tree }) => isOpaque(tree.get('/')));
  return layers.slice(Math.max(0, opaque));
}

/** What a stack shows. */
export interface ShownStack {
  readonly tree: DumpfileTree;
  /** Whiteouts that their directories list, although looking them up finds nothing. */
  readonly listed: ReadonlySet<string>;
}

/** What a stack of `layers`, starting with the base, shows if `merged` is the merged tree of the image. */
export function expectedStack(merged: DumpfileTree, layers: readonly StackLayer[]): ShownStack {
  const tree: DumpfileTree = new Map(merged);
  const listed = new Set<string>();
  layers.forEach((layer, i) => {
    const above = layers.slice(i + 1);
    for (const [path, inode] of layer.tree) {
      if (isDirectory(inode) && !isHidden(path, above)) tree.set(path, merged.get(path) ?? inode);
      // overlayfs filters the names of a directory only if it merges several.
      if (isWhiteout(inode) && isOnlyDirectory(parentOf(path), i, layers)) listed.add(path);
    }
  });
  for (const [path, inode] of tree) {
    const layer = layers.findLast(each => each.tree.has(path));
    if (layer !== undefined && isDirectory(inode)) tree.set(path, shownDirectory(path, inode, layer));
  }
  return { tree, listed };
}

/** Whether the directory at `path` is visible, and that of layer `number` is the only part of it. */
function isOnlyDirectory(path: string, number: number, layers: readonly StackLayer[]): boolean {
  const isPart = ({ tree }: StackLayer, i: number) => {
    const inode = tree.get(path);
    return inode !== undefined && isDirectory(inode) && !isHidden(path, layers.slice(i + 1));
  };
  return layers.every((layer, i) => isPart(layer, i) === (i === number));
}

function shownDirectory(
  path: string,
  inode: DumpfileInode,
  { tree, directories }: StackLayer,
): DumpfileInode {
  const isImplied = !directories.has(path);
  const xattrs = new Map(isImplied ? [] : inode.xattrs);
  // EROFS-010: the attributes of the namespace `user` stay visible.
  const hasWhiteout = [...tree].some(
    ([child, of]) => child !== '/' && parentOf(child) === path && isWhiteout(of),
  );
  if (hasWhiteout) for (const [i, name] of MARKS.entries()) xattrs.set(name, i === 0 ? 'x' : '');
  return { ...inode, ...(isImplied && implied), xattrs };
}

/** Whether one of the layers `above` hides the directory at `path`. */
function isHidden(path: string, above: readonly StackLayer[]): boolean {
  return above.some(({ tree }) => {
    for (let at = path; ; at = parentOf(at)) {
      const inode = tree.get(at);
      if (inode !== undefined && !isDirectory(inode)) return true;
      if (isOpaque(inode)) return true;
      if (at === '/') return false;
    }
  });
}

function isOpaque(inode: DumpfileInode | undefined): boolean {
  return inode?.xattrs.get(OPAQUE) === 'y';
}
