/**
 * Collects the inodes of an image: those of the tree, each once, with what overlayfs needs, and the stubs. They are
 * in the order of the image (spec/erofs.md, "Overlay attributes, whiteouts and stubs" and "Directory entries, inode
 * order and link counts").
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
export interface ImageInode {
  /**
   * The inode that is written: one of the tree, a stub, or the empty file that represents a whiteout. Its attributes
   * and children are not used.
   */
  readonly source: Inode;
  nlink: number;
  /** Position in the order of the image; 0 for the root. */
  number: number;
  /** A set of the {@link XattrTable} of the image. */
  xattrs: number;
  /** The entries of a directory. */
  readonly entries: DirectoryEntries | undefined;
}

/** The entries of a directory in the order of the image, including `.` and `..`. */
export interface DirectoryEntries {
  readonly names: readonly ByteString[];
  /** The inode that each name leads to. */
  readonly inodes: ImageInode[];
  /** The inodes that have their first name here, in order. */
  readonly firstNamed: ImageInode[];
}

/** The inodes of an image, in order, and their attributes. */
export interface ImageInodes {
  readonly inodes: readonly ImageInode[];
  readonly xattrs: XattrTable;
}

const DOT = ascii('.');
const DOT_DOT = ascii('..');
const EMPTY = ascii('');
const noContent = new Uint8Array(0);

/** A directory whose entries are being collected. */
interface OpenDirectory {
  readonly directory: Directory;
  readonly inode: ImageInode;
  readonly entries: DirectoryEntries;
  /** The inode of the tree under each name of the entries; undefined for `.`, `..` and stubs. */
  readonly children: readonly (Inode | undefined)[];
  readonly parent: ImageInode;
  /** Whether one of its children is an escaped whiteout. */
  hasWhiteout: boolean;
}

/**
 * The inodes of the image of `tree`. Rejects with EROFS_WHITEOUT_LINKED, EROFS_DIGEST_SIZE, EROFS_LIMIT.
 */
export function collectInodes(tree: Directory, algorithm: Algorithm, rules: FormatRules): ImageInodes {
  const collector = new InodeCollector(tree, algorithm, rules);
  const root = collector.collect();
  return { inodes: rules.isV2 ? depthFirst(root) : breadthFirst(root), xattrs: collector.xattrs };
}

/** EROFS-016: breadth first, each inode at its first name. */
function breadthFirst(root: ImageInode): ImageInode[] {
  const inodes = [root];
  for (let i = 0; i < inodes.length; i++) {
    const inode = inodes[i] as ImageInode;
    inode.number = i;
    if (inode.entries !== undefined) for (const child of inode.entries.firstNamed) inodes.push(child);
  }
  return inodes;
}

/** EROFS-085: depth first, each inode at its first name. */
function depthFirst(root: ImageInode): ImageInode[] {
  const inodes: ImageInode[] = [];
  const stack = [root];
  for (let inode = stack.pop(); inode !== undefined; inode = stack.pop()) {
    inode.number = inodes.length;
    inodes.push(inode);
    const children = inode.entries?.firstNamed ?? [];
    for (let i = children.length - 1; i >= 0; i--) stack.push(children[i] as ImageInode);
  }
  return inodes;
}

function isSorted(names: readonly ByteString[]): boolean {
  for (let i = 1; i < names.length; i++)
    if ((names[i] as ByteString) < (names[i - 1] as ByteString)) return false;
  return true;
}

/** Walks the tree depth first, because that order decides which name of an inode is its first one (EROFS-015). */
class InodeCollector {
  readonly xattrs: XattrTable;
  readonly #rules: FormatRules;
  readonly #root: Directory;
  readonly #digestSize: number;
  readonly #leaves = new Map<Leaf, ImageInode>();
  /** Sets by the attributes that they were made from: inodes may share those. */
  readonly #sets = new Map<Xattrs, number>([[noXattrs, EMPTY_SET]]);

  constructor(root: Directory, algorithm: Algorithm, rules: FormatRules) {
    this.xattrs = new XattrTable(rules);
    this.#rules = rules;
    this.#root = root;
    this.#digestSize = algorithmParameters[algorithm].digestSize;
  }

  /** Returns the root. */
  collect(): ImageInode {
    const root = this.#open(this.#root, undefined);
    const stack = [root];
    for (let open = stack.at(-1); open !== undefined; open = stack.at(-1)) {
      const child = this.#addNextEntry(open);
      if (child === 'done') {
        this.#close(open);
        stack.pop();
      } else if (child !== undefined) {
        stack.push(child);
      }
    }
    return root.inode;
  }

  #open(directory: Directory, parent: ImageInode | undefined): OpenDirectory {
    const { children } = directory;
    const names = [DOT, DOT_DOT, ...children.keys()];
    // EROFS-012
    if (parent === undefined && !this.#rules.isV2)
      names.push(...stubNames.filter(name => !children.has(name)));
    // The names of most trees are sorted already; then nothing needs to be sorted or looked up.
    const sources = isSorted(names)
      ? [undefined, undefined, ...children.values()]
      : names.sort().map(name => children.get(name));
    const entries: DirectoryEntries = { names, inodes: [], firstNamed: [] };
    const inode: ImageInode = { source: directory, nlink: 2, number: 0, xattrs: EMPTY_SET, entries };
    return { directory, inode, entries, children: sources, parent: parent ?? inode, hasWhiteout: false };
  }

  /** Adds the entry for the next name of a directory. Returns the directory that the entry leads to, if any. */
  #addNextEntry(open: OpenDirectory): OpenDirectory | 'done' | undefined {
    const { inode, entries, children } = open;
    const name = entries.names[entries.inodes.length];
    if (name === undefined) return 'done';
    const child = children[entries.inodes.length];
    if (child === undefined) {
      entries.inodes.push(this.#addedInode(name, open));
      return undefined;
    }
    if (name.length === 0 || name.length > limits.name) {
      throw limitError(name, `the name has ${name.length} bytes; 1 to ${limits.name} are allowed`);
    }
    if (child.kind === 'directory') {
      const inner = this.#open(child, inode);
      entries.inodes.push(inner.inode);
      entries.firstNamed.push(inner.inode);
      inode.nlink++;
      return inner;
    }
    if (this.#isEscaped(child)) open.hasWhiteout = true;
    entries.inodes.push(this.#leafInode(child, name, entries));
    return undefined;
  }

  /** The inode under a name that the tree does not have: `.`, `..` or the name of a stub. */
  #addedInode(name: ByteString, { inode, parent, entries }: OpenDirectory): ImageInode {
    if (name === DOT) return inode;
    if (name === DOT_DOT) return parent;
    // EROFS-012, EROFS-013
    const { uid, gid, mtime, xattrs } = this.#root;
    const source: Device = { kind: 'character', rdev: 0, mode: STUB_MODE, uid, gid, mtime, xattrs: noXattrs };
    const label = xattrs.get(SELINUX);
    const set = label === undefined ? [] : [this.xattrs.attribute(SELINUX, label)];
    const stub: ImageInode = {
      source,
      nlink: 1,
      number: 0,
      xattrs: this.#use(this.xattrs.addSet(set)),
      entries: undefined,
    };
    entries.firstNamed.push(stub);
    return stub;
  }

  #leafInode(leaf: Leaf, name: ByteString, entries: DirectoryEntries): ImageInode {
    const known = this.#leaves.get(leaf);
    if (known !== undefined) {
      // EROFS-002
      if (isWhiteout(leaf)) {
        throw new ComposefsError('EROFS_WHITEOUT_LINKED', 'the whiteout has more than one name', {
          entry: name,
        });
      }
      known.nlink++;
      return known;
    }
    const inode: ImageInode = {
      source: this.#isEscaped(leaf) ? emptyFileFor(leaf) : leaf,
      nlink: 1,
      number: 0,
      xattrs: this.#use(this.#leafSet(leaf, name)),
      entries: undefined,
    };
    this.#leaves.set(leaf, inode);
    entries.firstNamed.push(inode);
    return inode;
  }

  /** Sets the attributes of a directory: they depend on its children, which are all known now. */
  #close({ directory, inode, parent, hasWhiteout }: OpenDirectory): void {
    // EROFS-011
    const isOpaque = parent === inode && !this.#rules.isV2;
    if (!hasWhiteout && !isOpaque) {
      inode.xattrs = this.#use(this.#plainSet(directory.xattrs));
      return;
    }
    const attributes = escapedXattrs(directory.xattrs);
    const markers = this.#rules.whiteoutParentMarkers;
    if (hasWhiteout) for (const [name, value] of markers ?? []) attributes.set(name, value);
    if (isOpaque) attributes.set(OPAQUE, ROOT_OPAQUE);
    inode.xattrs = this.#use(this.#set(attributes));
  }

  #leafSet(leaf: Leaf, name: ByteString): number {
    checkLeaf(leaf, name, this.#rules);
    if (leaf.kind === 'external') return this.#externalSet(leaf, name);
    if (!this.#isEscaped(leaf)) return this.#plainSet(leaf.xattrs);
    // EROFS-009
    const attributes = escapedXattrs(leaf.xattrs);
    for (const [marker, value] of whiteoutMarkers) attributes.set(marker, value);
    return this.#set(attributes);
  }

  /** EROFS-006, EROFS-007 */
  #externalSet({ xattrs, digest, payload }: ExternalFile, name: ByteString): number {
    // EROFS-003
    if (digest !== undefined && digest.length !== this.#digestSize) {
      const detail = `the digest has ${digest.length} bytes; the requested algorithm has ${this.#digestSize}`;
      throw new ComposefsError('EROFS_DIGEST_SIZE', detail, { entry: name });
    }
    // EROFS-084: format v2 keeps this order.
    const numbers = this.#objectNumbers(digest, payload);
    if (xattrs.size > 0) numbers.push(...this.#numbers(this.#escapedInOrder(xattrs)));
    return this.xattrs.addSet(numbers);
  }

  /** The metacopy and redirect attributes of an external file. */
  #objectNumbers(digest: ByteString | undefined, payload: ByteString | undefined): number[] {
    const { xattrs } = this;
    if (digest === undefined) {
      const metacopy = xattrs.metacopy(EMPTY);
      return payload === undefined ? [metacopy] : [metacopy, xattrs.redirect(payload)];
    }
    // The object is usually at the path that its digest gives; then one lookup finds both attributes.
    if (payload === undefined || isObjectPath(payload, digest)) {
      const redirect = xattrs.redirect(payload ?? objectPath(digest));
      return [xattrs.metacopyBeside(redirect), redirect];
    }
    return [xattrs.metacopy(objectPath(digest)), xattrs.redirect(payload)];
  }

  /** The set of attributes of an inode that gets none beyond those of the tree. */
  #plainSet(xattrs: Xattrs): number {
    let set = this.#sets.get(xattrs);
    if (set === undefined) {
      set = this.#set(this.#escapedInOrder(xattrs));
      this.#sets.set(xattrs, set);
    }
    return set;
  }

  /** EROFS-084: format v2 keeps the order, which is that of the names before they are escaped. */
  #escapedInOrder(xattrs: Xattrs): Map<ByteString, ByteString> {
    if (!this.#rules.isV2 || xattrs.size < 2) return escapedXattrs(xattrs);
    return escapedXattrs(new Map([...xattrs].sort(([a], [b]) => compareBytes(a, b))));
  }

  /** Whether `inode` is a whiteout that the format escapes. */
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
function escapedXattrs(xattrs: Xattrs): Map<ByteString, ByteString> {
  const attributes = new Map<ByteString, ByteString>();
  let sum = XATTR_SUM_BASE;
  for (const [name, value] of xattrs) {
    sum += XATTR_SUM_EACH + name.length + value.length;
    attributes.set(escapeName(name), value);
  }
  // EROFS-004
  if (sum > limits.xattrSum) {
    const detail = `the attributes of an inode sum to ${sum}; the limit is ${limits.xattrSum}`;
    throw new ComposefsError('EROFS_LIMIT', detail);
  }
  return attributes;
}

/** EROFS-008 */
function emptyFileFor({ mode, uid, gid, mtime }: Device): InlineFile {
  return { kind: 'inline', mode, uid, gid, mtime, xattrs: noXattrs, content: noContent };
}

/** EROFS-004, EROFS-083: limits of the image. Whatever makes a tree rejects most of what exceeds them earlier. */
function checkLeaf(leaf: Leaf, name: ByteString, { content, target }: FormatRules): void {
  switch (leaf.kind) {
    case 'external': {
      const { size, payload } = leaf;
      if (size < 1n || size > limits.externalSize) {
        throw limitError(
          name,
          `the external file has ${size} bytes; 1 to ${limits.externalSize} are allowed`,
        );
      }
      if (payload !== undefined && payload.length > limits.payload) {
        throw limitError(name, `the payload has ${payload.length} bytes; the limit is ${limits.payload}`);
      }
      break;
    }
    case 'symlink': {
      const { length } = leaf.target;
      if (length === 0 || length > target) {
        throw limitError(name, `the target has ${length} bytes; 1 to ${target} are allowed`);
      }
      break;
    }
    case 'inline': {
      const { length } = leaf.content;
      if (length > content) {
        throw limitError(name, `the inline file has ${length} bytes; the limit is ${content}`);
      }
    }
  }
}

function limitError(name: ByteString, detail: string): ComposefsError {
  return new ComposefsError('EROFS_LIMIT', detail, { entry: name });
}
