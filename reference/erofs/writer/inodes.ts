/**
 * The inodes of an image: the tree with what overlayfs needs added to it, each inode once, in the order of the
 * image.
 * @module
 */

import { ascii, type ByteString, compareBytes } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import { type Algorithm, algorithmParameters } from '../../fsverity/algorithm.ts';
import {
  type Device,
  type Directory,
  type ExternalFile,
  type InlineFile,
  type Inode,
  isWhiteout,
  type Leaf,
  noXattrs,
  type Xattrs,
} from '../../tree/inode.ts';
import { isObjectPath, objectPath } from '../../tree/object-path.ts';
import type { FormatRules } from '../format-rules.ts';
import { limits, XATTR_SUM_BASE, XATTR_SUM_EACH } from '../limits.ts';
import {
  escapeName,
  OPAQUE,
  ROOT_OPAQUE,
  SELINUX,
  STUB_MODE,
  stubNames,
  whiteoutMarkers,
} from '../overlay.ts';
import { EMPTY_SET, XattrTable } from './xattr-table.ts';

/** One inode of the image. */
export interface Node {
  /** What is written: an escaped whiteout is an empty file here. Its xattrs and children are not looked at. */
  readonly inode: Inode;
  nlink: number;
  /** Place in the order of the image, the root 0. */
  number: number;
  /** A set of the image's {@link XattrTable}. */
  xattrs: number;
  /** What a directory holds. */
  readonly entries: Entries | undefined;
}

/** The entries of a directory in the order of the image, `.` and `..` among them. */
export interface Entries {
  readonly names: readonly ByteString[];
  /** What each name leads to. */
  readonly nodes: Node[];
  /** The nodes that have their first name here, in order. */
  readonly owned: Node[];
}

/** A tree on its way to an image. */
export interface Nodes {
  /** Every inode, in order. */
  readonly nodes: readonly Node[];
  readonly xattrs: XattrTable;
}

const DOT = ascii('.');
const DOT_DOT = ascii('..');
const EMPTY = ascii('');
const noContent = new Uint8Array(0);

/** A directory on the way through the tree. */
interface Frame {
  readonly directory: Directory;
  readonly node: Node;
  readonly entries: Entries;
  /** What the tree has under each name of the entries. */
  readonly inodes: readonly (Inode | undefined)[];
  readonly parent: Node;
  /** Whether one of its names is a whiteout. */
  marked: boolean;
}

/** The inodes of `tree`. */
export function nodesOf(tree: Directory, algorithm: Algorithm, rules: FormatRules): Nodes {
  const walk = new Walk(tree, algorithm, rules);
  const root = walk.run();
  return { nodes: rules.isV2 ? depthFirst(root) : breadthFirst(root), xattrs: walk.xattrs };
}

/** EROFS-016: breadth first, an inode where its first name is. */
function breadthFirst(root: Node): Node[] {
  const nodes = [root];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as Node;
    node.number = i;
    if (node.entries !== undefined) for (const child of node.entries.owned) nodes.push(child);
  }
  return nodes;
}

/** EROFS-085: depth first, an inode where its first name is. */
function depthFirst(root: Node): Node[] {
  const nodes: Node[] = [];
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    node.number = nodes.length;
    nodes.push(node);
    const owned = node.entries?.owned ?? [];
    for (let i = owned.length - 1; i >= 0; i--) stack.push(owned[i] as Node);
  }
  return nodes;
}

function inOrder(names: readonly ByteString[]): boolean {
  for (let i = 1; i < names.length; i++)
    if ((names[i] as ByteString) < (names[i - 1] as ByteString)) return false;
  return true;
}

/** The way through the tree, depth first, which is what makes a name of an inode its first one (EROFS-015). */
class Walk {
  readonly xattrs: XattrTable;
  readonly #rules: FormatRules;
  readonly #root: Directory;
  readonly #digestSize: number;
  readonly #leaves = new Map<Leaf, Node>();
  /** Sets that were made already: inodes may share their attributes. */
  readonly #sets = new Map<Xattrs, number>([[noXattrs, EMPTY_SET]]);

  constructor(root: Directory, algorithm: Algorithm, rules: FormatRules) {
    this.xattrs = new XattrTable(rules);
    this.#rules = rules;
    this.#root = root;
    this.#digestSize = algorithmParameters[algorithm].digestSize;
  }

  run(): Node {
    const root = this.#open(this.#root, undefined);
    const stack = [root];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const child = this.#step(frame);
      if (child === 'done') {
        this.#close(frame);
        stack.pop();
      } else if (child !== undefined) {
        stack.push(child);
      }
    }
    return root.node;
  }

  #open(directory: Directory, parent: Node | undefined): Frame {
    const { children } = directory;
    const names = [DOT, DOT_DOT, ...children.keys()];
    // EROFS-012
    if (parent === undefined && !this.#rules.isV2)
      names.push(...stubNames.filter(name => !children.has(name)));
    // Most trees come in order, and then nothing needs to be sorted or looked up.
    const inodes = inOrder(names)
      ? [undefined, undefined, ...children.values()]
      : names.sort().map(name => children.get(name));
    const entries: Entries = { names, nodes: [], owned: [] };
    const node: Node = { inode: directory, nlink: 2, number: 0, xattrs: EMPTY_SET, entries };
    return { directory, node, entries, inodes, parent: parent ?? node, marked: false };
  }

  /** Takes the next name of a directory. Returns the directory that it leads into, where it leads into one. */
  #step(frame: Frame): Frame | 'done' | undefined {
    const { node, entries, inodes } = frame;
    const name = entries.names[entries.nodes.length];
    if (name === undefined) return 'done';
    const child = inodes[entries.nodes.length];
    if (child === undefined) {
      entries.nodes.push(this.#added(name, frame));
      return undefined;
    }
    if (name.length === 0 || name.length > limits.name) {
      throw new ComposefsError('EROFS_LIMIT', `a name has ${name.length} bytes`, { entry: name });
    }
    if (child.kind === 'directory') {
      const inner = this.#open(child, node);
      entries.nodes.push(inner.node);
      entries.owned.push(inner.node);
      node.nlink++;
      return inner;
    }
    if (this.#isEscaped(child)) frame.marked = true;
    entries.nodes.push(this.#leaf(child, name, entries));
    return undefined;
  }

  /** What a name that the tree does not have leads to: `.`, `..` or a stub. */
  #added(name: ByteString, { node, parent, entries }: Frame): Node {
    if (name === DOT) return node;
    if (name === DOT_DOT) return parent;
    const { uid, gid, mtime, xattrs } = this.#root;
    const inode: Device = { kind: 'character', rdev: 0, mode: STUB_MODE, uid, gid, mtime, xattrs: noXattrs };
    const label = xattrs.get(SELINUX);
    const set = label === undefined ? [] : [this.xattrs.attribute(SELINUX, label)];
    const stub: Node = {
      inode,
      nlink: 1,
      number: 0,
      xattrs: this.#use(this.xattrs.addSet(set)),
      entries: undefined,
    };
    entries.owned.push(stub);
    return stub;
  }

  #leaf(leaf: Leaf, name: ByteString, entries: Entries): Node {
    const known = this.#leaves.get(leaf);
    if (known !== undefined) {
      if (isWhiteout(leaf)) {
        throw new ComposefsError('EROFS_WHITEOUT_LINKED', 'a hard link to a whiteout', { entry: name });
      }
      known.nlink++;
      return known;
    }
    const node: Node = {
      inode: this.#isEscaped(leaf) ? emptyFileFor(leaf) : leaf,
      nlink: 1,
      number: 0,
      xattrs: this.#use(this.#leafSet(leaf, name)),
      entries: undefined,
    };
    this.#leaves.set(leaf, node);
    entries.owned.push(node);
    return node;
  }

  /** The directory's names are all known, and with them its attributes. */
  #close({ directory, node, parent, marked }: Frame): void {
    const isOpaque = parent === node && !this.#rules.isV2;
    if (!marked && !isOpaque) {
      node.xattrs = this.#use(this.#plainSet(directory.xattrs));
      return;
    }
    const attributes = escaped(directory.xattrs);
    const markers = this.#rules.whiteoutParentMarkers;
    if (marked) for (const [name, value] of markers ?? []) attributes.set(name, value);
    if (isOpaque) attributes.set(OPAQUE, ROOT_OPAQUE);
    node.xattrs = this.#use(this.#set(attributes));
  }

  #leafSet(leaf: Leaf, name: ByteString): number {
    checkLeaf(leaf, name, this.#rules);
    if (leaf.kind === 'external') return this.#externalSet(leaf, name);
    if (!this.#isEscaped(leaf)) return this.#plainSet(leaf.xattrs);
    const attributes = escaped(leaf.xattrs);
    for (const [marker, value] of whiteoutMarkers) attributes.set(marker, value);
    return this.#set(attributes);
  }

  /** EROFS-006, EROFS-007 */
  #externalSet({ xattrs, digest, payload }: ExternalFile, name: ByteString): number {
    if (digest !== undefined && digest.length !== this.#digestSize) {
      const detail = `a digest of ${digest.length} bytes where the algorithm has ${this.#digestSize}`;
      throw new ComposefsError('EROFS_DIGEST_SIZE', detail, { entry: name });
    }
    // EROFS-084: before those of the tree, where the order is kept.
    const numbers = this.#objectNumbers(digest, payload);
    if (xattrs.size > 0) numbers.push(...this.#numbers(this.#escaped(xattrs)));
    return this.xattrs.addSet(numbers);
  }

  /** The metacopy and the redirect of an object. */
  #objectNumbers(digest: Uint8Array | undefined, payload: ByteString | undefined): number[] {
    const { xattrs } = this;
    if (payload === undefined || payload.length === 0) {
      return [xattrs.metacopy(digest === undefined ? EMPTY : objectPath(digest))];
    }
    const redirect = xattrs.redirect(payload);
    if (digest === undefined) return [xattrs.metacopy(EMPTY), redirect];
    // Mostly the payload is the path that the digest makes, and one look-up finds both.
    const isCanonical = isObjectPath(payload, digest);
    return [isCanonical ? xattrs.metacopyBeside(redirect) : xattrs.metacopy(objectPath(digest)), redirect];
  }

  #plainSet(xattrs: Xattrs): number {
    let set = this.#sets.get(xattrs);
    if (set === undefined) {
      set = this.#set(this.#escaped(xattrs));
      this.#sets.set(xattrs, set);
    }
    return set;
  }

  /** EROFS-084: in the order that the names have in the tree, where the order is kept. */
  #escaped(xattrs: Xattrs): Map<ByteString, ByteString> {
    if (!this.#rules.isV2 || xattrs.size < 2) return escaped(xattrs);
    return escaped(new Map([...xattrs].sort(([a], [b]) => compareBytes(a, b))));
  }

  #isEscaped(inode: Inode): inode is Device {
    return isWhiteout(inode) && !this.#rules.isV2;
  }

  #set(attributes: ReadonlyMap<ByteString, ByteString>): number {
    return this.xattrs.addSet(this.#numbers(attributes));
  }

  #numbers(attributes: ReadonlyMap<ByteString, ByteString>): number[] {
    const numbers: number[] = [];
    for (const [name, value] of attributes) numbers.push(this.xattrs.attribute(name, value));
    return numbers;
  }

  #use(set: number): number {
    this.xattrs.use(set);
    return set;
  }
}

/** EROFS-005 */
function escaped(xattrs: Xattrs): Map<ByteString, ByteString> {
  const attributes = new Map<ByteString, ByteString>();
  let total = XATTR_SUM_BASE;
  for (const [name, value] of xattrs) {
    total += XATTR_SUM_EACH + name.length + value.length;
    attributes.set(escapeName(name), value);
  }
  // EROFS-004
  if (total > limits.xattrSum)
    throw new ComposefsError('EROFS_LIMIT', 'the xattrs of an inode are too large');
  return attributes;
}

/** EROFS-008 */
function emptyFileFor({ mode, uid, gid, mtime }: Device): InlineFile {
  return { kind: 'inline', mode, uid, gid, mtime, xattrs: noXattrs, content: noContent };
}

/** EROFS-004, EROFS-083: what the image has no room for. Most of it is refused earlier by whoever made the tree. */
function checkLeaf(leaf: Leaf, name: ByteString, { content, target }: FormatRules): void {
  const fits =
    leaf.kind === 'external'
      ? leaf.size > 0n && leaf.size <= limits.externalSize && (leaf.payload?.length ?? 0) <= limits.payload
      : leaf.kind === 'symlink'
        ? leaf.target.length > 0 && leaf.target.length <= target
        : leaf.kind !== 'inline' || leaf.content.length <= content;
  if (!fits)
    throw new ComposefsError('EROFS_LIMIT', `the ${leaf.kind} is too large or empty`, { entry: name });
}
