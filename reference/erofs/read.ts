/**
 * Reads an EROFS image back into the tree that it was made from (spec/erofs.md, "Reader requirements").
 *
 * Whatever the bytes are, reading takes time and memory proportional to the size of the image (EROFS-080).
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { type Directory, isWhiteout, type Leaf } from '../tree/inode.ts';
import { limits } from './limits.ts';
import { stubNames } from './overlay.ts';
import { readEntries, type StoredEntry } from './reader/directory.ts';
import { Image } from './reader/image.ts';
import { readInode, type StoredInode } from './reader/inode.ts';
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
 * The tree in an image of any format. The tree shares no memory with `image`.
 *
 * Rejects an image that is malformed, or that no tree has, with an error code of stage erofs.
 */
export function readErofs(image: Uint8Array): Directory {
  return new Reader(new Image(image)).read();
}

/** A directory whose entries are not read yet. */
interface PendingDirectory {
  readonly stored: StoredInode;
  readonly parentNid: number;
  readonly directory: Directory;
  /** Length of its path, 0 for the root. */
  readonly pathLength: number;
}

/** An inode that was reached by a name. There may be millions, so its {@link StoredInode} is not kept. */
interface ReachedInode {
  readonly at: number;
  /** `file_type` of the entries that lead to it. */
  readonly type: number;
  readonly nlink: number;
  /** The inode of the tree; undefined for a stub. */
  readonly inode: Directory | Leaf | undefined;
  /** Number of names by which it was reached. */
  names: number;
}

class Reader {
  readonly #image: Image;
  readonly #xattrs: XattrReader;
  readonly #reached = new Map<number, ReachedInode>();
  readonly #pending: PendingDirectory[] = [];
  readonly #root: StoredInode;

  constructor(image: Image) {
    this.#image = image;
    this.#xattrs = new XattrReader(image);
    this.#root = readInode(image, image.rootNid, this.#xattrs);
  }

  read(): Directory {
    const stored = this.#root;
    if (stored.kind !== 'directory') {
      throw new ComposefsError('EROFS_INODE', 'the root is not a directory', { offset: stored.at });
    }
    const root = directoryOf(stored);
    this.#reached.set(stored.nid, reachedInode(stored, root));
    this.#pending.push({ stored, parentNid: stored.nid, directory: root, pathLength: 0 });
    // A stack instead of recursion: directories may be nested thousands deep.
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) this.#fill(next);
    this.#checkLinks();
    this.#xattrs.checkShared();
    return root;
  }

  /** Reads the entries of a directory into it. */
  #fill(pending: PendingDirectory): void {
    const { stored, parentNid, directory } = pending;
    const isRoot = stored === this.#root;
    const { rules } = this.#image;
    const mayHaveWhiteouts = mayHoldWhiteouts(stored, rules);
    let dots = 0;
    let stubs = 0;
    let directories = 0;
    let whiteouts = 0;
    for (const entry of readEntries(this.#image, stored)) {
      const { name } = entry;
      if (name === DOT || name === DOT_DOT) {
        checkDot(entry, name === DOT ? stored.nid : parentNid);
        dots++;
        continue;
      }
      const { inode } = this.#follow(entry, pending, mayHaveWhiteouts);
      if (inode === undefined) {
        stubs++;
        continue;
      }
      directory.children.set(name, inode);
      if (inode.kind === 'directory') directories++;
      else if (isWhiteout(inode)) whiteouts++;
    }
    // EROFS-067
    if (dots !== 2) {
      throw new ComposefsError('EROFS_DIRECTORY', 'the directory lacks . or ..', { offset: stored.at });
    }
    // EROFS-069
    const links = 2 + directories;
    if (stored.nlink !== links) throw linksError(stored, links);
    // EROFS-071
    if (isRoot && !rules.isV2) this.#checkStubs(stored, directory, stubs);
    directory.xattrs = directoryXattrs(stored, rules, { isRoot, hasWhiteouts: whiteouts > 0 });
  }

  /** The inode that an entry leads to, which is read when it is first reached. */
  #follow(
    entry: StoredEntry,
    { stored: parent, pathLength }: PendingDirectory,
    mayBeWhiteout: boolean,
  ): ReachedInode {
    const length = pathLength + 1 + entry.name.length;
    // EROFS-053
    if (length > limits.path) {
      const detail = `the path has ${length} bytes; the limit is ${limits.path}`;
      throw new ComposefsError('EROFS_LIMIT', detail, { offset: entry.at });
    }
    let reached = this.#reached.get(entry.nid);
    if (reached === undefined) {
      const stored = readInode(this.#image, entry.nid, this.#xattrs);
      const inode = this.#inodeOf(entry.name, stored, parent === this.#root, mayBeWhiteout);
      reached = reachedInode(stored, inode);
      this.#reached.set(entry.nid, reached);
      if (inode?.kind === 'directory') {
        this.#pending.push({ stored, parentNid: parent.nid, directory: inode, pathLength: length });
      }
    } else if (reached.inode?.kind === 'directory') {
      // EROFS-069: no directory is reached twice, so there are no cycles.
      throw new ComposefsError('EROFS_LINKS', 'the directory has a second name', { offset: entry.at });
    }
    reached.names++;
    // EROFS-068
    if (entry.type !== reached.type) {
      const detail = `the type of the entry is ${entry.type}, but that of its inode is ${reached.type}`;
      throw new ComposefsError('EROFS_DIRECTORY', detail, { offset: entry.at });
    }
    return reached;
  }

  /** `stored` as an inode of the tree; undefined if it is a stub. */
  #inodeOf(
    name: ByteString,
    stored: StoredInode,
    isInRoot: boolean,
    mayBeWhiteout: boolean,
  ): Directory | Leaf | undefined {
    if (stored.kind === 'directory') return directoryOf(stored);
    if (isInRoot && !this.#image.rules.isV2 && isStub(name, stored, this.#root)) return undefined;
    return mayBeWhiteout && isEscapedWhiteout(stored) ? whiteoutOf(stored) : leafOf(this.#image, stored);
  }

  #checkStubs({ at }: StoredInode, { children }: Directory, stubs: number): void {
    const taken = stubNames.filter(name => children.has(name)).length;
    const missing = stubNames.length - taken - stubs;
    if (missing !== 0) {
      throw new ComposefsError('EROFS_OVERLAY', `the root lacks ${missing} stubs`, { offset: at });
    }
  }

  /** EROFS-069 */
  #checkLinks(): void {
    for (const reached of this.#reached.values()) {
      if (reached.inode?.kind !== 'directory' && reached.nlink !== reached.names) {
        throw linksError(reached, reached.names);
      }
    }
  }
}

function reachedInode({ at, kind, nlink }: StoredInode, inode: ReachedInode['inode']): ReachedInode {
  return { at, type: direntTypes[kind], nlink, inode, names: 0 };
}

/** EROFS-067 */
function checkDot({ name, nid, type, at }: StoredEntry, expected: number): void {
  if (nid !== expected || type !== direntTypes.directory) {
    const target = name === DOT ? 'the directory itself' : 'its parent';
    const detail = `${name} does not lead to ${target}, or has a wrong type`;
    throw new ComposefsError('EROFS_DIRECTORY', detail, { offset: at });
  }
}

function linksError(
  { at, nlink }: { readonly at: number; readonly nlink: number },
  counted: number,
): ComposefsError {
  return new ComposefsError('EROFS_LINKS', `a link count of ${nlink}, counted ${counted}`, { offset: at });
}
