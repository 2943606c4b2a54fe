/**
 * What exists at each path while the entries of layers are read in archive order, as some implementations apply them.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { TarEntryAttributes } from '../tar/entry.ts';

/** The attributes of a leaf. */
export type LeafAttributes = Pick<TarEntryAttributes, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>;

interface DirectoryNode {
  /** The last layer that has an entry for it or below it. */
  layer: number;
  readonly children: Map<ByteString, PathNode>;
}

interface LeafNode {
  readonly layer: number;
  readonly attributes: LeafAttributes;
}

type PathNode = DirectoryNode | LeafNode;

/**
 * The paths of the layers so far, and of the entries of the current layer up to now. A marker removes what lower layers
 * have, at its position in the archive, so that the tree at the end of a layer has the paths of the merged tree.
 */
export class PathTree {
  readonly #root: DirectoryNode = { layer: 0, children: new Map() };

  /** What exists at `path`. */
  find(path: readonly ByteString[]): 'directory' | LeafAttributes | undefined {
    const node = this.#node(path);
    if (node === undefined) return undefined;
    return 'children' in node ? 'directory' : node.attributes;
  }

  /** Puts a directory, or a leaf with `attributes`, at `path`, and creates the directories that are missing above it. */
  add(path: readonly ByteString[], layer: number, attributes: LeafAttributes | undefined): void {
    const name = path.at(-1);
    if (name === undefined) return;
    let parent = this.#root;
    for (const each of path.slice(0, -1)) parent = directoryIn(parent, each, layer);
    if (attributes === undefined) directoryIn(parent, name, layer);
    else parent.children.set(name, { layer, attributes });
  }

  /** Removes what layers below `layer` have at `path`, or below it if `keepsDirectory`. */
  remove(path: readonly ByteString[], layer: number, keepsDirectory: boolean): void {
    const node = this.#node(path);
    if (node === undefined) return;
    const stays = removeOlder(node, layer);
    const name = path.at(-1);
    if (stays || keepsDirectory || name === undefined) return;
    const parent = this.#node(path.slice(0, -1));
    if (parent !== undefined && 'children' in parent) parent.children.delete(name);
  }

  #node(path: readonly ByteString[]): PathNode | undefined {
    let node: PathNode = this.#root;
    for (const name of path) {
      if (!('children' in node)) return undefined;
      const child = node.children.get(name);
      if (child === undefined) return undefined;
      node = child;
    }
    return node;
  }
}

/** The directory with a name in `parent`, which replaces a leaf. */
function directoryIn({ children }: DirectoryNode, name: ByteString, layer: number): DirectoryNode {
  const found = children.get(name);
  if (found !== undefined && 'children' in found) {
    found.layer = layer;
    return found;
  }
  const created: DirectoryNode = { layer, children: new Map() };
  children.set(name, created);
  return created;
}

/** Removes what layers below `layer` have below `node`. Returns whether `layer` has an entry for it or below it. */
function removeOlder(node: PathNode, layer: number): boolean {
  if ('children' in node) {
    for (const [name, child] of node.children) if (!removeOlder(child, layer)) node.children.delete(name);
  }
  return node.layer === layer;
}
