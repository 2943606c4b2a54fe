/**
 * An EROFS image as the tree that it was made from (spec/erofs.md, "Reading").
 *
 * Whatever the bytes are, reading them takes time and memory in proportion to their number.
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { type Directory, isWhiteout, type Leaf } from '../tree/inode.ts';
import { limits } from './limits.ts';
import { stubNames } from './overlay.ts';
import { type RawEntry, readEntries } from './reader/directory.ts';
import { Image } from './reader/image.ts';
import { type RawInode, readInode } from './reader/inode.ts';
import {
  directoryOf,
  directoryXattrs,
  isEscapedWhiteout,
  isStub,
  leafOf,
  mayHoldWhiteouts,
  whiteoutOf,
} from './reader/remove-overlay-xattrs.ts';
import { XattrReader } from './reader/xattrs.ts';
import { direntTypes } from './structures.ts';

const DOT = ascii('.');
const DOT_DOT = ascii('..');

/**
 * The tree in an image of any format. Nothing of `image` is kept.
 *
 * Refused with a code of stage erofs: an image that is malformed, and one that no tree has.
 */
export function readErofs(image: Uint8Array): Directory {
  return new Reader(new Image(image)).read();
}

/** A directory whose entries are still to be read. */
interface Pending {
  readonly raw: RawInode;
  readonly parentNid: number;
  readonly directory: Directory;
  /** Bytes of its path, 0 for the root. */
  readonly pathLength: number;
}

/** An inode that a name led to. What it was in the image is not kept: there may be millions. */
interface Found {
  readonly at: number;
  readonly type: number;
  readonly nlink: number;
  /** What it is in the tree; undefined for a stub. */
  readonly inode: Directory | Leaf | undefined;
  /** Names that led to it. */
  names: number;
}

class Reader {
  readonly #image: Image;
  readonly #xattrs: XattrReader;
  readonly #found = new Map<number, Found>();
  readonly #pending: Pending[] = [];
  readonly #root: RawInode;

  constructor(image: Image) {
    this.#image = image;
    this.#xattrs = new XattrReader(image);
    this.#root = readInode(image, image.rootNid, this.#xattrs);
  }

  read(): Directory {
    const raw = this.#root;
    if (raw.kind !== 'directory') {
      throw new ComposefsError('EROFS_INODE', 'the root is not a directory', { offset: raw.at });
    }
    const root = directoryOf(raw);
    this.#found.set(raw.nid, foundAs(raw, root));
    this.#pending.push({ raw, parentNid: raw.nid, directory: root, pathLength: 0 });
    // A stack, not recursion: a tree may be as deep as it has directories.
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) this.#fill(next);
    this.#checkLinks();
    this.#xattrs.checkShared();
    return root;
  }

  /** Reads the entries of a directory into it. */
  #fill(pending: Pending): void {
    const { raw, parentNid, directory } = pending;
    const isRoot = raw === this.#root;
    const { rules } = this.#image;
    const marked = mayHoldWhiteouts(raw, rules);
    let dots = 0;
    let stubs = 0;
    let directories = 0;
    let whiteouts = 0;
    for (const entry of readEntries(this.#image, raw)) {
      const { name } = entry;
      if (name === DOT || name === DOT_DOT) {
        checkDot(entry, name === DOT ? raw.nid : parentNid);
        dots++;
        continue;
      }
      const { inode } = this.#enter(entry, pending, marked);
      if (inode === undefined) {
        stubs++;
        continue;
      }
      directory.children.set(name, inode);
      if (inode.kind === 'directory') directories++;
      else if (isWhiteout(inode)) whiteouts++;
    }
    // EROFS-067
    if (dots !== 2) throw new ComposefsError('EROFS_DIRECTORY', 'no . or no ..', { offset: raw.at });
    // EROFS-069
    if (raw.nlink !== 2 + directories) throw wrongLinks(raw, 2 + directories);
    // EROFS-071
    if (isRoot && !rules.isV2) this.#checkStubs(raw, directory, stubs);
    directory.xattrs = directoryXattrs(raw, rules, { isRoot, hasWhiteouts: whiteouts > 0 });
  }

  /** What an entry leads to, read where it was not yet. */
  #enter(entry: RawEntry, { raw, pathLength }: Pending, marked: boolean): Found {
    const length = pathLength + 1 + entry.name.length;
    // EROFS-053
    if (length > limits.path) {
      throw new ComposefsError('EROFS_LIMIT', `a path has ${length} bytes`, { offset: entry.at });
    }
    let found = this.#found.get(entry.nid);
    if (found === undefined) {
      const child = readInode(this.#image, entry.nid, this.#xattrs);
      found = foundAs(child, this.#inodeOf(entry.name, child, raw === this.#root, marked));
      this.#found.set(entry.nid, found);
      if (found.inode?.kind === 'directory') {
        this.#pending.push({ raw: child, parentNid: raw.nid, directory: found.inode, pathLength: length });
      }
    } else if (found.inode?.kind === 'directory') {
      // EROFS-069: no directory is reached twice, so no way leads round.
      throw new ComposefsError('EROFS_LINKS', 'a second name of a directory', { offset: entry.at });
    }
    found.names++;
    // EROFS-068
    if (entry.type !== found.type) {
      throw new ComposefsError('EROFS_DIRECTORY', 'another type than the inode', { offset: entry.at });
    }
    return found;
  }

  #inodeOf(name: ByteString, raw: RawInode, inRoot: boolean, marked: boolean): Directory | Leaf | undefined {
    if (raw.kind === 'directory') return directoryOf(raw);
    if (inRoot && !this.#image.rules.isV2 && isStub(name, raw, this.#root)) return undefined;
    return marked && isEscapedWhiteout(raw) ? whiteoutOf(raw) : leafOf(this.#image, raw);
  }

  #checkStubs({ at }: RawInode, { children }: Directory, stubs: number): void {
    const taken = stubNames.filter(name => children.has(name)).length;
    if (stubs + taken !== stubNames.length) {
      throw new ComposefsError('EROFS_OVERLAY', 'the root lacks stubs', { offset: at });
    }
  }

  /** EROFS-069 */
  #checkLinks(): void {
    for (const found of this.#found.values()) {
      if (found.inode?.kind !== 'directory' && found.nlink !== found.names) {
        throw wrongLinks(found, found.names);
      }
    }
  }
}

function foundAs({ at, kind, nlink }: RawInode, inode: Found['inode']): Found {
  return { at, type: direntTypes[kind], nlink, inode, names: 0 };
}

function checkDot({ nid, type, at }: RawEntry, expected: number): void {
  if (nid !== expected || type !== direntTypes.directory) {
    throw new ComposefsError('EROFS_DIRECTORY', '. or .. leads elsewhere', { offset: at });
  }
}

function wrongLinks(
  { at, nlink }: { readonly at: number; readonly nlink: number },
  counted: number,
): ComposefsError {
  return new ComposefsError('EROFS_LINKS', `a link count of ${nlink}, counted ${counted}`, { offset: at });
}
