/**
 * Layers by hand, for tests: entries without a tar around them, and trees as short lists.
 * @module
 */

import { standaloneLayerTree } from './build-tree.ts';
import { ascii, type ByteString, byteString, printable } from './bytes.ts';
import { readLayer } from './merge/layer.ts';
import { mergeLayer } from './merge/merge.ts';
import type { Entry, EntryAttributes } from './tar/entry.ts';
import { findInode, impliedDirectory } from './tree/directory.ts';
import { type Directory, epoch, type Inode, noXattrs, type Xattrs } from './tree/inode.ts';
import type { TreeOptions } from './tree/options.ts';

type Some = Partial<Pick<EntryAttributes, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>>;

function attributes(path: string, mode: number, some: Some): EntryAttributes {
  const name = ascii(path);
  return {
    path: split(path),
    name,
    offset: 0,
    mode,
    uid: 0,
    gid: 0,
    mtime: epoch,
    xattrs: noXattrs,
    ...some,
  };
}

function split(path: string): ByteString[] {
  return path
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .map(ascii);
}

/** Extended attributes from an object. */
export function xattrs(values: Record<string, string>): Xattrs {
  return new Map(Object.entries(values).map(([name, value]) => [ascii(name), ascii(value)]));
}

/** A directory entry. */
export function dir(path: string, some: Some = {}): Entry {
  return { kind: 'directory', ...attributes(path, 0o755, some) };
}

/** A regular file; its content comes in chunks of 7 bytes. */
export function file(path: string, content: string | Uint8Array = '', some: Some = {}): Entry {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  return {
    kind: 'file',
    ...attributes(path, 0o644, some),
    size: bytes.length,
    content: { [Symbol.asyncIterator]: chunks },
  };
}

/** A whiteout or any other empty file. */
export const mark = (path: string): Entry => file(path);

/** A symbolic link. */
export function symlink(path: string, target: string): Entry {
  return { kind: 'symlink', ...attributes(path, 0o777, {}), target: ascii(target) };
}

/** A hard link. */
export function link(path: string, target: string, some: Some = {}): Entry {
  return { kind: 'hardlink', ...attributes(path, 0o644, some), target: split(target) };
}

/** A character device. */
export function device(path: string, rdev: number): Entry {
  return { kind: 'character', ...attributes(path, 0o600, {}), rdev };
}

/** Entries by their names alone, as the examples have them: `d/` is a directory, everything else an empty file. */
export const named = (line: string): Entry[] =>
  line
    .trim()
    .split(/\s+/)
    .map(name => (name.endsWith('/') ? dir(name) : file(name)));

/** Options with the usual values. */
export function options(some: Partial<TreeOptions> = {}): TreeOptions {
  return {
    role: 'merged',
    transform: 'none',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
    ...some,
  };
}

async function* entries(list: readonly Entry[]) {
  yield* list;
}

/** The layers merged, base first. */
export async function merge(...layers: readonly Entry[][]): Promise<Directory> {
  const root = impliedDirectory();
  for (const layer of layers) mergeLayer(root, await readLayer(entries(layer), options()));
  return root;
}

/** One layer as a tree of its own. */
export async function own(...layer: Entry[]): Promise<Directory> {
  return standaloneLayerTree(await readLayer(entries(layer), options({ role: 'layer' })), 'allowlist-only');
}

/** The inode at `path`. */
export function at(tree: Directory, path: string): Inode | undefined {
  const inode = findInode(tree, split(path));
  return typeof inode === 'string' ? undefined : inode;
}

/** Paths of the tree in order with what stands there: `d/`, `f=content`, `l->target`, `w whiteout`, `h#1`. */
export function list(tree: Directory): string[] {
  const lines: string[] = [];
  const numbers = new Map<Inode, number>();
  const visit = (directory: Directory, path: string) => {
    for (const [name, inode] of [...directory.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const at = `${path}${printable(name)}`;
      if (inode.kind === 'directory') {
        lines.push(`${at}/${inode.xattrs.has(ascii('trusted.overlay.opaque')) ? ' opaque' : ''}`);
        visit(inode, `${at}/`);
        continue;
      }
      const number = numbers.get(inode);
      numbers.set(inode, number ?? numbers.size);
      lines.push(number === undefined ? `${at}${what(inode)}` : `${at}#${number}`);
    }
  };
  visit(tree, '');
  return lines;
}

function what(inode: Inode): string {
  switch (inode.kind) {
    case 'inline':
      return `=${printable(byteString(inode.content))}`;
    case 'symlink':
      return `->${printable(inode.target)}`;
    case 'character':
      return inode.rdev === 0 ? ' whiteout' : ` character ${inode.rdev}`;
    default:
      return ` ${inode.kind}`;
  }
}
