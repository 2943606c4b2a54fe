/**
 * Layers and trees for tests: entries without a tar archive, and trees as short lists.
 * @module
 */

import { standaloneLayerTree } from './build-tree.ts';
import { ascii, type ByteString, byteString, printable } from './bytes.ts';
import { readLayer } from './merge/layer.ts';
import { applyLayer } from './merge/merged-tree.ts';
import { TreeSize } from './merge/tree-size.ts';
import type { TarEntry, TarEntryAttributes } from './tar/entry.ts';
import { findInode, impliedDirectory } from './tree/directory.ts';
import { type Directory, epoch, type Inode, noXattrs, type Xattrs } from './tree/inode.ts';
import type { TreeOptions } from './tree/options.ts';

type AttributeOverrides = Partial<Pick<TarEntryAttributes, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>>;

function attributes(path: string, mode: number, overrides: AttributeOverrides): TarEntryAttributes {
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
    ...overrides,
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
export function dir(path: string, overrides: AttributeOverrides = {}): TarEntry {
  return { kind: 'directory', ...attributes(path, 0o755, overrides) };
}

/** A regular file; its content comes in chunks of 7 bytes. */
export function file(
  path: string,
  content: string | Uint8Array = '',
  overrides: AttributeOverrides = {},
): TarEntry {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  return {
    kind: 'file',
    ...attributes(path, 0o644, overrides),
    size: bytes.length,
    content: { [Symbol.asyncIterator]: chunks },
  };
}

/** A marker; its entry is an empty file. */
export const marker = (path: string): TarEntry => file(path);

/** A symbolic link. */
export function symlink(path: string, target: string): TarEntry {
  return { kind: 'symlink', ...attributes(path, 0o777, {}), target: ascii(target) };
}

/** A hard link. */
export function link(path: string, target: string, overrides: AttributeOverrides = {}): TarEntry {
  return { kind: 'hardlink', ...attributes(path, 0o644, overrides), target: split(target) };
}

/** A character device. */
export function device(path: string, rdev: number): TarEntry {
  return { kind: 'character', ...attributes(path, 0o600, {}), rdev };
}

/** Entries from a line of names, as in the examples: `d/` is a directory, everything else an empty file. */
export const entriesNamed = (line: string): TarEntry[] =>
  line
    .trim()
    .split(/\s+/)
    .map(name => (name.endsWith('/') ? dir(name) : file(name)));

/** Options with default values. */
export function options(overrides: Partial<TreeOptions> = {}): TreeOptions {
  return {
    role: 'merged',
    transform: 'none',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
    ...overrides,
  };
}

async function* entries(list: readonly TarEntry[]) {
  yield* list;
}

/** The merged tree of `layers`, starting with the base layer. */
export async function merge(...layers: readonly TarEntry[][]): Promise<Directory> {
  const root = impliedDirectory();
  const size = new TreeSize();
  for (const layer of layers) applyLayer(root, await readLayer(entries(layer), options(), size), size);
  return root;
}

/** The standalone layer tree of one layer. */
export async function layerTree(...layer: TarEntry[]): Promise<Directory> {
  const size = new TreeSize();
  const read = await readLayer(entries(layer), options({ role: 'layer' }), size);
  return standaloneLayerTree(read, 'allowlist-only', size);
}

/** The inode at `path`. */
export function inodeAt(tree: Directory, path: string): Inode | undefined {
  const inode = findInode(tree, split(path));
  return typeof inode === 'string' ? undefined : inode;
}

/** Paths of the tree in order, each with its inode: `d/`, `f=content`, `l->target`, `w whiteout`, `h#1`. */
export function list(tree: Directory): string[] {
  const lines: string[] = [];
  const numbers = new Map<Inode, number>();
  const visit = (directory: Directory, path: string) => {
    for (const [name, inode] of [...directory.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const childPath = `${path}${printable(name)}`;
      if (inode.kind === 'directory') {
        lines.push(`${childPath}/${inode.xattrs.has(ascii('trusted.overlay.opaque')) ? ' opaque' : ''}`);
        visit(inode, `${childPath}/`);
        continue;
      }
      const number = numbers.get(inode);
      numbers.set(inode, number ?? numbers.size);
      lines.push(number === undefined ? `${childPath}${describe(inode)}` : `${childPath}#${number}`);
    }
  };
  visit(tree, '');
  return lines;
}

function describe(inode: Inode): string {
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
