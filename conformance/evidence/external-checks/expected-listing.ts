/**
 * What a mounted image shows, computed from the tree by the rules of `spec/erofs.md` and by nothing that `reference/`
 * does: what overlayfs needs, stubs, link counts, sizes of directories.
 * @module
 */

import type { Node, Tree } from './dumpfile-tree.ts';

/** One name that a mounted image has. Bytes are text of one character a byte, large numbers are text. */
export interface Entry {
  readonly path: string;
  /** Octal, with the bits of the type. */
  readonly mode: string;
  readonly size: string;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  /** Seconds, a dot, and nanoseconds as a number. */
  readonly mtime: string;
  /** The first path of the inode, depth first. */
  readonly links: string;
  readonly xattrs: ReadonlyMap<string, string>;
  /** Of symbolic links. */
  readonly target?: string;
  /** Of regular files: the bytes, nothing but a hole, or whatever Linux finds where no chunks stand. */
  readonly content?: string | Hole | Lost;
  /** Of directories, in order. */
  readonly names?: readonly string[];
}

/** The content of an external file, which the image does not have. */
export interface Hole {
  readonly hole: true;
}

/** The content of an external file of which the image has no chunks, or not where Linux looks for them. */
export interface Lost {
  readonly lost: true;
}

/** How a format differs from another in what is mounted. */
interface Rules {
  /** 256 stubs, and an opaque root: EROFS-011, EROFS-012. */
  readonly stubs: boolean;
  /** Whiteouts become files with marks: EROFS-008 to EROFS-010. */
  readonly escapesWhiteouts: boolean;
  /** The marks of the directory of a whiteout say `opaque` too. */
  readonly marksOpaque: boolean;
  /** Times have nanoseconds: EROFS-090. */
  readonly nanoseconds: boolean;
  /** Whether Linux finds the chunks of an external file: EROFS-044, EROFS-089. */
  readonly findsChunks: (node: Node) => boolean;
}

const LARGEST_CHUNK = 2n ** 43n;
const MOST_CHUNKS = 1017n;

const stubbed = {
  stubs: true,
  escapesWhiteouts: true,
  nanoseconds: true,
  findsChunks: ({ size }: Node) => size <= MOST_CHUNKS * LARGEST_CHUNK,
} as const;

const formats: Readonly<Record<string, Rules>> = {
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
/** A longer tail of a directory is a block: EROFS-029. */
const LONGEST_TAIL = 2048;
/** The byte before the digest in `trusted.overlay.metacopy`, by the hex digits of the digest: EROFS-006. */
const algorithms: Readonly<Record<number, string>> = { 64: '\x01', 128: '\x02' };

/** Whether `node` is an external file. */
function isExternal({ mode, size, content }: Node): boolean {
  return (mode & TYPE) === REGULAR && size > 0n && content === undefined;
}

/** Whether `node` is a character device 0:0. */
export function isWhiteout({ mode, rdev }: Node): boolean {
  return (mode & TYPE) === CHARACTER && rdev === 0;
}

/** Whether `node` is a directory. */
export function isDirectory({ mode }: Node): boolean {
  return (mode & TYPE) === DIRECTORY;
}

/** The folder that `path` is in. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** What the mounted image of `tree` has, depth first, names in order. Throws where `format` is unknown. */
export function mountedListing(tree: Tree, format: string): Entry[] {
  const rules = formats[format];
  if (rules === undefined) throw new Error(`the judges do not know the format ${format}`);
  const image = forOverlay(tree, rules);
  const children = new Map<string, string[]>();
  for (const path of image.keys()) {
    if (path === '/') continue;
    const parent = parentOf(path);
    children.set(parent, [...(children.get(parent) ?? []), path.slice(path.lastIndexOf('/') + 1)]);
  }
  const names = (path: string) => (children.get(path) ?? []).sort();
  const at = (path: string, name: string) => (path === '/' ? `/${name}` : `${path}/${name}`);
  const counts = new Map<Node, number>();
  for (const node of image.values()) counts.set(node, (counts.get(node) ?? 0) + 1);
  const first = new Map<Node, string>();
  const entries: Entry[] = [];
  const visit = (path: string): void => {
    const node = found(image, path);
    if (!first.has(node)) first.set(node, path);
    const links = first.get(node) ?? path;
    if (!isDirectory(node)) {
      entries.push({ ...attributes(path, node), ...data(node, rules), nlink: counts.get(node) ?? 0, links });
      return;
    }
    const own = names(path);
    // EROFS-017
    const nlink = 2 + own.filter(name => isDirectory(found(image, at(path, name)))).length;
    const size = String(directorySize(own));
    entries.push({ ...attributes(path, node), size, nlink, links, names: own });
    for (const name of own) visit(at(path, name));
  };
  visit('/');
  return entries;
}

/** A name that is listed, and can't be looked at. */
export interface Unseen {
  readonly path: string;
  readonly errno: string;
}

const ESCAPED = 'trusted.overlay.overlay.';

/** What overlayfs shows of an image with `entries`, over an empty store. */
export function overlayListing(entries: readonly Entry[]): (Entry | Unseen)[] {
  // A character device 0:0 hides itself. The root is merged from several layers, so that the names of stubs are gone;
  // every other directory has its names from the image.
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
      // overlayfs has no way to the object of such a file, not even to its attributes.
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

/** The tree with what overlayfs needs. */
function forOverlay(tree: Tree, rules: Rules): Tree {
  const copies = new Map<Node, Node>();
  const image: Tree = new Map();
  for (const [path, node] of tree) {
    const nsec = rules.nanoseconds ? node.nsec : 0;
    const copy = copies.get(node) ?? { ...node, nsec, xattrs: overlayAttributes(node) };
    copies.set(node, copy);
    image.set(path, copy);
  }
  if (rules.escapesWhiteouts) escapeWhiteouts(image, rules);
  if (rules.stubs) addStubs(image);
  return image;
}

/** EROFS-005 to EROFS-007. */
function overlayAttributes(node: Node): Map<string, string> {
  const { xattrs, digest, payload } = node;
  const all = new Map(
    [...xattrs].map(([name, value]) => [name.replace(/^trusted\.overlay\./, ESCAPED), value] as const),
  );
  if (!isExternal(node)) return all;
  const bytes = Buffer.from(digest ?? '', 'hex').toString('latin1');
  const head = `\x00${String.fromCharCode(4 + bytes.length)}\x00${algorithms[bytes.length * 2] ?? ''}`;
  all.set('trusted.overlay.metacopy', digest === undefined ? '' : head + bytes);
  if (payload !== undefined) all.set('trusted.overlay.redirect', `/${payload}`);
  return all;
}

/** EROFS-008 to EROFS-010. */
function escapeWhiteouts(image: Tree, { marksOpaque }: Rules): void {
  for (const [path, node] of image) {
    if (!isWhiteout(node)) continue;
    node.mode = REGULAR | (node.mode & ~TYPE);
    for (const prefix of [ESCAPED, 'user.overlay.']) {
      const directory = found(image, parentOf(path)).xattrs;
      node.xattrs.set(`${prefix}whiteout`, '');
      directory.set(`${prefix}whiteouts`, '');
      if (marksOpaque) directory.set(`${prefix}opaque`, 'x');
    }
  }
}

/** EROFS-011 to EROFS-013. */
function addStubs(image: Tree): void {
  const root = found(image, '/');
  root.xattrs.set('trusted.overlay.opaque', 'y');
  const label = root.xattrs.get('security.selinux');
  for (let i = 0; i < 256; i++) {
    const path = `/${i.toString(16).padStart(2, '0')}`;
    if (image.has(path)) continue;
    const xattrs = new Map(label === undefined ? [] : [['security.selinux', label]]);
    image.set(path, { ...root, mode: CHARACTER | 0o644, rdev: 0, size: 0n, xattrs });
  }
}

function attributes(path: string, { mode, uid, gid, rdev, sec, nsec, xattrs }: Node) {
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

/** What everything but a directory shows of its data. */
function data(node: Node, { findsChunks }: Rules): Pick<Entry, 'size' | 'target' | 'content'> {
  const { mode, size, payload = '', content = '' } = node;
  if ((mode & TYPE) === SYMLINK) return { size: String(payload.length), target: payload };
  if ((mode & TYPE) !== REGULAR) return { size: '0' };
  if (!isExternal(node)) return { size: String(content.length), content };
  return { size: String(size), content: findsChunks(node) ? { hole: true } : { lost: true } };
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

function found(image: Tree, path: string): Node {
  const node = image.get(path);
  if (node === undefined) throw new Error(`${path} has no inode`);
  return node;
}
