/**
 * What the headers of drawn layers mean, as far as names go: where an entry stands, and which paths there are then.
 * @module
 */

import { ascii, type ByteString } from '../../../../reference/bytes.ts';
import type { Entry, Extension } from './layer-set.ts';

/** Names between slashes. */
export type Path = readonly ByteString[];

const PREFIX = '.wh.';
export const OPAQUE = ascii('.wh..wh..opq');

/** The name of an entry: of several places the one that counts. */
export function nameOf(entry: Entry): ByteString {
  const { form, name, prefix } = entry;
  const header =
    form === 'ustar' && prefix !== '' ? `${field(prefix, 155)}/${field(name, 100)}` : field(name, 100);
  return overriding(entry.extensions, 'path', 'name') ?? (header as ByteString);
}

/** The link target of an entry, the same way. */
export function linkOf({ extensions, link }: Entry): ByteString {
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

/** The parts of a name that count. */
export function pathOf(name: ByteString): Path {
  return name.split('/').filter(part => part !== '' && part !== '.') as ByteString[];
}

/** What an entry is by its name; `refused` is what no entry may be. */
export type Sort = 'ordinary' | 'whiteout' | 'opaque' | 'reserved' | 'refused';

/** The sort of an entry with this path. */
export function sortOf(path: Path): Sort {
  if (path.includes(ascii('..'))) return 'refused';
  const at = path.findIndex(part => part.startsWith(PREFIX));
  const part = path[at];
  if (part === undefined) return 'ordinary';
  if (part !== OPAQUE && part.startsWith(`${PREFIX}${PREFIX}`)) return 'reserved';
  if (at < path.length - 1) return 'refused';
  return part === OPAQUE ? 'opaque' : 'whiteout';
}

/** The name that a whiteout deletes. */
export function deletedName(path: Path): ByteString {
  return (path.at(-1) ?? '').slice(PREFIX.length) as ByteString;
}

export type Kind = 'directory' | 'leaf';

type Node = Map<ByteString, Node> | 'leaf';

/** Which paths there are. Nothing is refused: what can not be applied is left out. */
export class Outline {
  readonly #root: Map<ByteString, Node> = new Map();

  copy(): Outline {
    const made = new Outline();
    for (const [name, node] of this.#root) made.#root.set(name, copyNode(node));
    return made;
  }

  kind(path: Path): Kind | undefined {
    const node = this.#node(path);
    return node === undefined || node === 'leaf' ? node : 'directory';
  }

  /** All paths of this kind below the root. */
  paths(kind: Kind): Path[] {
    return [...walk(this.#root, [])]
      .filter(({ node }) => (node === 'leaf') === (kind === 'leaf'))
      .map(({ path }) => path);
  }

  /** The names in a directory. */
  names(directory: Path): ByteString[] {
    const node = this.#node(directory);
    return node === undefined || node === 'leaf' ? [] : [...node.keys()];
  }

  /** The first part of the way to a path that is missing or no directory: how many names lead to it. */
  broken(path: Path): number | undefined {
    let node: Node | undefined = this.#root;
    for (let length = 1; length < path.length; length++) {
      node = child(node, path[length - 1]);
      if (node === undefined || node === 'leaf') return length;
    }
    return undefined;
  }

  /** Applies a layer: first what its markers say, then the rest. */
  apply(entries: readonly Entry[]): void {
    const lower = this.copy();
    for (const entry of entries) {
      const path = pathOf(nameOf(entry));
      if (lower.kind(path.slice(0, -1)) === 'directory') this.mark(path);
    }
    for (const entry of entries) this.add(entry);
  }

  /** Removes what a marker with this path names; other paths are none. */
  mark(path: Path): void {
    const node = this.#node(path.slice(0, -1));
    if (node === undefined || node === 'leaf') return;
    const sort = sortOf(path);
    if (sort === 'whiteout') node.delete(deletedName(path));
    if (sort === 'opaque') node.clear();
  }

  /** Adds an ordinary entry; others are none. */
  add(entry: Entry): void {
    const path = pathOf(nameOf(entry));
    const last = path.at(-1);
    if (last === undefined || sortOf(path) !== 'ordinary') return;
    const broken = this.broken(path);
    if (broken !== undefined && this.kind(path.slice(0, broken)) === 'leaf') return;
    let directory = this.#root;
    for (const name of path.slice(0, -1)) {
      const found = directory.get(name);
      const next = found === undefined || found === 'leaf' ? new Map<ByteString, Node>() : found;
      directory.set(name, next);
      directory = next;
    }
    if (entry.type !== '5') directory.set(last, 'leaf');
    else if (!(directory.get(last) instanceof Map)) directory.set(last, new Map());
  }

  #node(path: Path): Node | undefined {
    return path.reduce<Node | undefined>(child, this.#root);
  }
}

function child(node: Node | undefined, name: ByteString | undefined): Node | undefined {
  return node === undefined || node === 'leaf' || name === undefined ? undefined : node.get(name);
}

function copyNode(node: Node): Node {
  return node === 'leaf' ? node : new Map([...node].map(([name, below]) => [name, copyNode(below)]));
}

function* walk(
  node: Map<ByteString, Node>,
  above: Path,
): Generator<{ readonly path: Path; readonly node: Node }> {
  for (const [name, below] of node) {
    const path = [...above, name];
    yield { path, node: below };
    if (below !== 'leaf') yield* walk(below, path);
  }
}
