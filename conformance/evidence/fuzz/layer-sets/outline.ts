/**
 * The outline of generated layers: the paths of their entries, and the paths that exist after they are applied.
 * @module
 */

import { ascii, type ByteString } from '../../../../reference/bytes.ts';
import type { Extension, TarEntry } from './layer-set.ts';

/** The names of a path, without empty names and `.`. */
export type Path = readonly ByteString[];

const PREFIX = '.wh.';
export const OPAQUE = ascii('.wh..wh..opq');

/** The name of an entry: from its records, a long name or the header, in this order of precedence. */
export function nameOf(entry: TarEntry): ByteString {
  const { form, name, prefix } = entry;
  const header =
    form === 'ustar' && prefix !== '' ? `${field(prefix, 155)}/${field(name, 100)}` : field(name, 100);
  return overriding(entry.extensions, 'path', 'name') ?? (header as ByteString);
}

/** The link target of an entry, with the same precedence. */
export function linkOf({ extensions, link }: TarEntry): ByteString {
  return overriding(extensions, 'linkpath', 'link') ?? field(link, 100);
}

function overriding(
  extensions: readonly Extension[],
  keyword: string,
  long: 'name' | 'link',
): ByteString | undefined {
  const records = extensions.flatMap(each => (each.kind === 'pax' ? each.records : []));
  const record = records.findLast(([key]) => key === keyword);
  if (record !== undefined) return record[1];
  const found = extensions.find(each => each.kind === long);
  return found !== undefined && 'text' in found ? found.text : undefined;
}

function field(text: ByteString, width: number): ByteString {
  return text.slice(0, width).split('\0', 1)[0] as ByteString;
}

/** The path of a name. */
export function pathOf(name: ByteString): Path {
  return name.split('/').filter(part => part !== '' && part !== '.') as ByteString[];
}

/** The kind of an entry, which its path decides. */
export type EntryKind = 'ordinary' | 'whiteout' | 'opaque' | 'reserved' | 'rejected';

/** The kind of an entry with this path. */
export function entryKindOf(path: Path): EntryKind {
  if (path.includes(ascii('..'))) return 'rejected';
  const at = path.findIndex(part => part.startsWith(PREFIX));
  const part = path[at];
  if (part === undefined) return 'ordinary';
  if (part !== OPAQUE && part.startsWith(`${PREFIX}${PREFIX}`)) return 'reserved';
  if (at < path.length - 1) return 'rejected';
  return part === OPAQUE ? 'opaque' : 'whiteout';
}

/** The name that a whiteout deletes. */
export function deletedName(path: Path): ByteString {
  return (path.at(-1) ?? '').slice(PREFIX.length) as ByteString;
}

export type NodeKind = 'directory' | 'leaf';

type OutlineNode = Map<ByteString, OutlineNode> | 'leaf';

/** The directories and leaves that exist. Nothing is rejected: entries that cannot be applied are ignored. */
export class Outline {
  readonly #root: Map<ByteString, OutlineNode> = new Map();

  copy(): Outline {
    const copied = new Outline();
    for (const [name, node] of this.#root) copied.#root.set(name, copyNode(node));
    return copied;
  }

  kind(path: Path): NodeKind | undefined {
    const node = this.#node(path);
    return node === undefined || node === 'leaf' ? node : 'directory';
  }

  /** All paths of this kind below the root. */
  paths(kind: NodeKind): Path[] {
    return [...pathsBelow(this.#root, [])]
      .filter(({ node }) => (node === 'leaf') === (kind === 'leaf'))
      .map(({ path }) => path);
  }

  /** The names in a directory. */
  names(directory: Path): ByteString[] {
    const node = this.#node(directory);
    return node === undefined || node === 'leaf' ? [] : [...node.keys()];
  }

  /**
   * The length of the first parent path that does not exist or is not a directory; undefined if all are directories.
   */
  brokenAt(path: Path): number | undefined {
    let node: OutlineNode | undefined = this.#root;
    for (let length = 1; length < path.length; length++) {
      node = child(node, path[length - 1]);
      if (node === undefined || node === 'leaf') return length;
    }
    return undefined;
  }

  /** Applies a layer: first its markers, then its ordinary entries. */
  apply(entries: readonly TarEntry[]): void {
    const lower = this.copy();
    for (const entry of entries) {
      const path = pathOf(nameOf(entry));
      if (lower.kind(path.slice(0, -1)) === 'directory') this.mark(path);
    }
    for (const entry of entries) this.add(entry);
  }

  /** Deletes what a marker with this path deletes; ignores other paths. */
  mark(path: Path): void {
    const node = this.#node(path.slice(0, -1));
    if (node === undefined || node === 'leaf') return;
    const kind = entryKindOf(path);
    if (kind === 'whiteout') node.delete(deletedName(path));
    if (kind === 'opaque') node.clear();
  }

  /** Applies an ordinary entry; ignores others. */
  add(entry: TarEntry): void {
    const path = pathOf(nameOf(entry));
    const last = path.at(-1);
    if (last === undefined || entryKindOf(path) !== 'ordinary') return;
    const broken = this.brokenAt(path);
    if (broken !== undefined && this.kind(path.slice(0, broken)) === 'leaf') return;
    let directory = this.#root;
    for (const name of path.slice(0, -1)) {
      const found = directory.get(name);
      const next = found === undefined || found === 'leaf' ? new Map<ByteString, OutlineNode>() : found;
      directory.set(name, next);
      directory = next;
    }
    if (entry.type !== '5') directory.set(last, 'leaf');
    else if (!(directory.get(last) instanceof Map)) directory.set(last, new Map());
  }

  #node(path: Path): OutlineNode | undefined {
    return path.reduce<OutlineNode | undefined>(child, this.#root);
  }
}

function child(node: OutlineNode | undefined, name: ByteString | undefined): OutlineNode | undefined {
  return node === undefined || node === 'leaf' || name === undefined ? undefined : node.get(name);
}

function copyNode(node: OutlineNode): OutlineNode {
  return node === 'leaf' ? node : new Map([...node].map(([name, below]) => [name, copyNode(below)]));
}

function* pathsBelow(
  node: Map<ByteString, OutlineNode>,
  above: Path,
): Generator<{ readonly path: Path; readonly node: OutlineNode }> {
  for (const [name, below] of node) {
    const path = [...above, name];
    yield { path, node: below };
    if (below !== 'leaf') yield* pathsBelow(below, path);
  }
}
