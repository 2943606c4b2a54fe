/**
 * The expected listing of a mounted image, computed from the tree by the rules of `spec/erofs.md` and without any code
 * of `reference/`: overlay attributes, stubs, link counts, sizes of directories.
 * @module
 */

import type { DumpfileInode, DumpfileTree } from './dumpfile-tree.ts';

/** One name in a mounted image. Bytes are strings of one character per byte; large numbers are strings. */
export interface ListedEntry {
  readonly path: string;
  /** Octal, with the file type bits. */
  readonly mode: string;
  readonly size: string;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  /** Seconds, a dot, and nanoseconds as a number. */
  readonly mtime: string;
  /** The first path of the inode in depth-first order. */
  readonly links: string;
  readonly xattrs: ReadonlyMap<string, string>;
  /** The target of a symbolic link. */
  readonly target?: string;
  /** The content of a regular file: the bytes, a hole, or undefined bytes because Linux does not find its chunks. */
  readonly content?: string | Hole | Lost;
  /** The names in a directory, in order. */
  readonly names?: readonly string[];
}

/** The content of an external file, which is not in the image. */
export interface Hole {
  readonly hole: true;
}

/** The content of an external file without chunks, or with chunks that are not where Linux looks for them. */
export interface Lost {
  readonly lost: true;
}

/** The rules of a format that affect the mounted image. */
interface MountRules {
  /** 256 stubs, and an opaque root: EROFS-011, EROFS-012. */
  readonly stubs: boolean;
  /** Whiteouts become files with attributes: EROFS-008 to EROFS-010. */
  readonly escapesWhiteouts: boolean;
  /** The attributes of a directory with a whiteout include `opaque`. */
  readonly marksOpaque: boolean;
  /** Times have nanoseconds: EROFS-090. */
  readonly nanoseconds: boolean;
  /** Whether Linux finds the chunks of an external file: EROFS-044, EROFS-089. */
  readonly findsChunks: (inode: DumpfileInode) => boolean;
}

const LARGEST_CHUNK = 2n ** 43n;
const MOST_CHUNKS = 1017n;

const stubbed = {
  stubs: true,
  escapesWhiteouts: true,
  nanoseconds: true,
  findsChunks: ({ size }: DumpfileInode) => size <= MOST_CHUNKS * LARGEST_CHUNK,
} as const;

const formats: Readonly<Record<string, MountRules>> = {
  v0: { ...stubbed, marksOpaque: false },
  v1: { ...stubbed, marksOpaque: true },
  v2: {
    stubs: false,
    escapesWhiteouts: false,
    marksOpaque: false,
    nanoseconds: false,
    findsChunks: ({ size, digest }) => digest !== undefined && size <= LARGEST_CHUNK,
  },
};

const TYPE = 0o170000;
const DIRECTORY = 0o040000;
const CHARACTER = 0o020000;
const REGULAR = 0o100000;
const SYMLINK = 0o120000;
const BLOCK = 4096;
/** A longer tail of a directory becomes a data block: EROFS-029. */
const LONGEST_TAIL = 2048;
/** The byte before the digest in `trusted.overlay.metacopy`, by the number of hex digits of the digest: EROFS-006. */
const algorithms: Readonly<Record<number, string>> = { 64: '\x01', 128: '\x02' };

/** Whether the inode is an external file. */
function isExternal({ mode, size, content }: DumpfileInode): boolean {
  return (mode & TYPE) === REGULAR && size > 0n && content === undefined;
}

/** Whether the inode is a character device 0:0. */
export function isWhiteout({ mode, rdev }: DumpfileInode): boolean {
  return (mode & TYPE) === CHARACTER && rdev === 0;
}

/** Whether the inode is a directory. */
export function isDirectory({ mode }: DumpfileInode): boolean {
  return (mode & TYPE) === DIRECTORY;
}

/** The parent path of `path`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** The entries of the mounted image of `tree`, depth first, names in order. Throws if `format` is unknown. */
export function mountedListing(tree: DumpfileTree, format: string, isRead = false): ListedEntry[] {
  const rules = formats[format];
  if (rules === undefined) throw new Error(`the external checks do not support the format ${format}`);
  // EROFS-103: a reader returns nanoseconds that no writer of the format stores.
  const image = withOverlayInodes(tree, isRead ? { ...rules, nanoseconds: true } : rules);
  const children = new Map<string, string[]>();
  for (const path of image.keys()) {
    if (path === '/') continue;
    const parent = parentOf(path);
    children.set(parent, [...(children.get(parent) ?? []), path.slice(path.lastIndexOf('/') + 1)]);
  }
  const names = (path: string) => (children.get(path) ?? []).sort();
  const at = (path: string, name: string) => (path === '/' ? `/${name}` : `${path}/${name}`);
  const counts = new Map<DumpfileInode, number>();
  for (const inode of image.values()) counts.set(inode, (counts.get(inode) ?? 0) + 1);
  const firstPaths = new Map<DumpfileInode, string>();
  const entries: ListedEntry[] = [];
  const visit = (path: string): void => {
    const inode = inodeAt(image, path);
    if (!firstPaths.has(inode)) firstPaths.set(inode, path);
    const links = firstPaths.get(inode) ?? path;
    if (!isDirectory(inode)) {
      const nlink = counts.get(inode) ?? 0;
      entries.push({ ...attributes(path, inode), ...data(inode, rules), nlink, links });
      return;
    }
    const childNames = names(path);
    // EROFS-017
    const nlink = 2 + childNames.filter(name => isDirectory(inodeAt(image, at(path, name)))).length;
    const size = String(directorySize(childNames));
    entries.push({ ...attributes(path, inode), size, nlink, links, names: childNames });
    for (const name of childNames) visit(at(path, name));
  };
  visit('/');
  return entries;
}

/** A name that is listed in its directory, but cannot be read. */
export interface UnreadableEntry {
  readonly path: string;
  readonly errno: string;
}

const ESCAPED = 'trusted.overlay.overlay.';

/** The entries that overlayfs shows for an image with `entries`, over an empty store. */
export function overlayListing(entries: readonly ListedEntry[]): (ListedEntry | UnreadableEntry)[] {
  // A character device 0:0 hides itself. The root is merged from several layers, so the names of stubs are not listed;
  // every other directory lists the names of the image.
  const whiteouts = new Set(
    entries
      .filter(({ mode, rdev }) => (Number.parseInt(mode, 8) & TYPE) === CHARACTER && rdev === 0)
      .map(({ path }) => path),
  );
  return entries
    .filter(({ path }) => !whiteouts.has(path) || parentOf(path) !== '/')
    .map(({ content: _, names, ...entry }) => {
      const { path, xattrs } = entry;
      if (whiteouts.has(path)) return { path, errno: 'ENOENT' };
      // overlayfs cannot find the object of such a file, and then does not even show its attributes.
      if (xattrs.has('trusted.overlay.metacopy') && !xattrs.has('trusted.overlay.redirect')) {
        return { path, errno: 'EIO' };
      }
      const shown = [...xattrs].flatMap(([name, value]): [string, string][] => {
        if (name.startsWith(ESCAPED)) return [[`trusted.overlay.${name.slice(ESCAPED.length)}`, value]];
        return name.startsWith('trusted.overlay.') ? [] : [[name, value]];
      });
      const kept = names?.filter(name => path !== '/' || !whiteouts.has(`/${name}`));
      return { ...entry, xattrs: new Map(shown), ...(kept && { names: kept }) };
    });
}

/** The tree with the attributes, files and stubs that the image has for overlayfs. */
function withOverlayInodes(tree: DumpfileTree, rules: MountRules): DumpfileTree {
  const copies = new Map<DumpfileInode, DumpfileInode>();
  const image: DumpfileTree = new Map();
  for (const [path, inode] of tree) {
    const nsec = rules.nanoseconds ? inode.nsec : 0;
    const copy = copies.get(inode) ?? { ...inode, nsec, xattrs: overlayAttributes(inode) };
    copies.set(inode, copy);
    image.set(path, copy);
  }
  if (rules.escapesWhiteouts) escapeWhiteouts(image, rules);
  if (rules.stubs) addStubs(image);
  return image;
}

/** EROFS-005 to EROFS-007. */
function overlayAttributes(inode: DumpfileInode): Map<string, string> {
  const { xattrs, digest, payload } = inode;
  const all = new Map(
    [...xattrs].map(([name, value]) => [name.replace(/^trusted\.overlay\./, ESCAPED), value] as const),
  );
  if (!isExternal(inode)) return all;
  const bytes = Buffer.from(digest ?? '', 'hex').toString('latin1');
  const head = `\x00${String.fromCharCode(4 + bytes.length)}\x00${algorithms[bytes.length * 2] ?? ''}`;
  all.set('trusted.overlay.metacopy', digest === undefined ? '' : head + bytes);
  if (payload !== undefined) all.set('trusted.overlay.redirect', `/${payload}`);
  return all;
}

/** EROFS-008 to EROFS-010. */
function escapeWhiteouts(image: DumpfileTree, { marksOpaque }: MountRules): void {
  for (const [path, inode] of image) {
    if (!isWhiteout(inode)) continue;
    inode.mode = REGULAR | (inode.mode & ~TYPE);
    for (const prefix of [ESCAPED, 'user.overlay.']) {
      const directory = inodeAt(image, parentOf(path)).xattrs;
      inode.xattrs.set(`${prefix}whiteout`, '');
      directory.set(`${prefix}whiteouts`, '');
      if (marksOpaque) directory.set(`${prefix}opaque`, 'x');
    }
  }
}

/** EROFS-011 to EROFS-013. */
function addStubs(image: DumpfileTree): void {
  const root = inodeAt(image, '/');
  root.xattrs.set('trusted.overlay.opaque', 'y');
  const label = root.xattrs.get('security.selinux');
  for (let i = 0; i < 256; i++) {
    const path = `/${i.toString(16).padStart(2, '0')}`;
    if (image.has(path)) continue;
    const xattrs = new Map(label === undefined ? [] : [['security.selinux', label]]);
    image.set(path, { ...root, mode: CHARACTER | 0o644, rdev: 0, size: 0n, xattrs });
  }
}

function attributes(path: string, { mode, uid, gid, rdev, sec, nsec, xattrs }: DumpfileInode) {
  const isDevice = [CHARACTER, 0o060000].includes(mode & TYPE);
  return {
    path,
    mode: mode.toString(8),
    uid,
    gid,
    rdev: isDevice ? rdev : 0,
    mtime: `${BigInt(sec)}.${nsec}`,
    xattrs,
  };
}

/** The size, target and content of an inode that is not a directory. */
function data(
  inode: DumpfileInode,
  { findsChunks }: MountRules,
): Pick<ListedEntry, 'size' | 'target' | 'content'> {
  const { mode, size, payload = '', content = '' } = inode;
  if ((mode & TYPE) === SYMLINK) return { size: String(payload.length), target: payload };
  if ((mode & TYPE) !== REGULAR) return { size: '0' };
  if (!isExternal(inode)) return { size: String(content.length), content };
  return { size: String(size), content: findsChunks(inode) ? { hole: true } : { lost: true } };
}

/** EROFS-014, EROFS-029 and EROFS-040. */
function directorySize(names: readonly string[]): number {
  let blocks = 0;
  let block = 0;
  for (const name of [...names, '.', '..'].sort()) {
    const length = 12 + name.length;
    if (block + length > BLOCK) {
      blocks++;
      block = 0;
    }
    block += length;
  }
  return block > LONGEST_TAIL ? (blocks + 1) * BLOCK : blocks * BLOCK + block;
}

function inodeAt(image: DumpfileTree, path: string): DumpfileInode {
  const inode = image.get(path);
  if (inode === undefined) throw new Error(`${path} does not exist`);
  return inode;
}
