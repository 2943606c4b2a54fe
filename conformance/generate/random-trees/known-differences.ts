/**
 * The points of a tree on which implementations are known to differ from the standard, or the standard leaves a
 * choice: each is decided, has a case, and can be taken out of a tree.
 *
 * `common` trees have none of them (vectors/accumulated/README.md, "Common trees", lists the same, in this order).
 * The fuzzer takes those out on which the implementation is known to differ, and looks again.
 * @module
 */

import { ascii, type ByteString, compareBytes, hex } from '../../../reference/bytes.ts';
import { type Directory, type Inode, isWhiteout, type Leaf } from '../../../reference/tree/inode.ts';
import { inodes, names } from './walk.ts';

/** One point. */
export interface Contested<Subject = Directory> {
  readonly name: string;
  /** What it is about, one sentence. */
  readonly about: string;
  /** Names of the implementations that differ, as their hello says it; `*` where anybody may. */
  readonly differ: readonly string[];
  readonly link: string;
  /** Cases that decide it. */
  readonly cases: readonly string[];
  /** Takes it out of the tree, or of what else is drawn, in place. Gives whether there was anything to take out. */
  readonly avoid: (subject: Subject) => boolean;
}

/** Attributes that the writer itself sets where whiteouts are, by their names in a tree (EROFS-009, EROFS-010). */
export const markerNames: ReadonlySet<ByteString> = new Set(
  ['trusted', 'user'].flatMap(prefix =>
    ['opaque', 'whiteout', 'whiteouts'].map(name => ascii(`${prefix}.overlay.${name}`)),
  ),
);

/** What composefs-rs reads of the content of an inline file, and of a target. */
const RUST_CONTENT = 512;
const RUST_TARGET = 1024;
/** Shared attributes that stay below 128 with all those that the writer adds to one inode. */
const FEW_XATTRS = 120;

const source = {
  writerC: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer.c',
  erofsC: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer-erofs.c',
  writer:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/erofs/writer.rs',
  dumpfile:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/dumpfile_parse.rs',
} as const;

export const contested: readonly Contested[] = [
  {
    name: 'whiteout-linked',
    about: 'a whiteout with several names is refused; mkcomposefs writes it',
    differ: ['mkcomposefs'],
    link: source.erofsC,
    cases: ['erofs/whiteout-linked', 'erofs/whiteout-linked-elsewhere', 'erofs/whiteout-linked-as-stub'],
    avoid: tree => {
      const seen = new Set<Inode>();
      return each(names(tree), ({ parent, name, inode }) => {
        if (!isWhiteout(inode)) return false;
        if (seen.has(inode)) return parent.children.delete(name);
        seen.add(inode);
        return false;
      });
    },
  },
  {
    name: 'whiteout-marks-replaced',
    about: 'the mark of a whiteout replaces an attribute of the tree',
    differ: ['mkcomposefs', 'composefs-rs'],
    link: source.writerC,
    cases: ['erofs/whiteout-marks-replaced'],
    avoid: tree =>
      each(inodes(tree), inode =>
        marked(inode) ? keepXattrs(inode, name => !markerNames.has(name)) : false,
      ),
  },
  {
    name: 'whiteout-like-a-stub',
    about: 'a whiteout is escaped also where it looks like a stub of the root',
    differ: ['composefs-rs'],
    link: source.writer,
    cases: ['erofs/stub-lookalike'],
    avoid: tree =>
      each(tree.children, ([name, inode]) => {
        if (!isWhiteout(inode) || inode.mode !== 0o644 || !/^[0-9a-f]{2}$/.test(name)) return false;
        inode.mode = 0o600;
        return true;
      }),
  },
  {
    name: 'acl-name-with-more',
    about: 'the flag for ACLs goes by exact names, not by their beginning',
    differ: ['composefs-rs'],
    link: source.writer,
    cases: ['erofs/xattr-acl-longer-name'],
    avoid: tree =>
      each(inodes(tree), inode =>
        keepXattrs(inode, name => !/^system\.posix_acl_(?:access|default)./s.test(name)),
      ),
  },
  {
    name: 'more-than-128-shared',
    about: 'an inode refers to 128 shared attributes, and holds the others itself',
    differ: ['composefs-rs'],
    link: source.writer,
    cases: ['erofs/xattr-shared-129'],
    avoid: tree =>
      each(inodes(tree), inode => {
        const kept = new Set([...inode.xattrs.keys()].sort(compareBytes).slice(0, FEW_XATTRS));
        return keepXattrs(inode, name => kept.has(name));
      }),
  },
  {
    name: 'long-content',
    about: 'inline content of 513 to 5000 bytes may be refused',
    differ: ['composefs-rs', '*'],
    link: source.dumpfile,
    cases: ['dumpfile/content-of-513-bytes'],
    avoid: tree =>
      each(inodes(tree), inode => {
        if (inode.kind !== 'inline' || inode.content.length <= RUST_CONTENT) return false;
        inode.content = inode.content.slice(0, RUST_CONTENT);
        return true;
      }),
  },
  {
    name: 'long-target',
    about: 'symlinks have targets of up to 4095 bytes; composefs-rs reads 1024',
    differ: ['composefs-rs'],
    link: source.dumpfile,
    cases: ['dumpfile/symlink-of-4095-bytes'],
    avoid: tree =>
      each(inodes(tree), inode => {
        if (inode.kind !== 'symlink' || inode.target.length <= RUST_TARGET) return false;
        inode.target = inode.target.slice(0, RUST_TARGET) as ByteString;
        return true;
      }),
  },
  {
    name: 'object-path',
    about: 'the path of an object is what the tree says; composefs-rs makes it from the digest',
    differ: ['composefs-rs'],
    link: source.dumpfile,
    cases: ['erofs/external-other-path'],
    avoid: tree =>
      each(inodes(tree), inode => {
        if (inode.kind !== 'external' || inode.payload === undefined) return false;
        const { digest, payload } = inode;
        const path = digest === undefined ? undefined : objectPath(digest);
        if (path === payload || (path === undefined && /^[0-9a-f]{2}\/[0-9a-f]{62}$/.test(payload)))
          return false;
        if (path === undefined) delete inode.payload;
        else inode.payload = path;
        return true;
      }),
  },
];

/** The path that an object with this digest has in a store. */
export function objectPath(digest: Uint8Array): ByteString {
  const digits = hex(digest);
  return ascii(`${digits.slice(0, 2)}/${digits.slice(2)}`);
}

/** Calls `change` for every item, and gives whether one of them changed something. */
function each<T>(items: Iterable<T>, change: (item: T) => boolean): boolean {
  let changed = false;
  for (const item of items) changed = change(item) || changed;
  return changed;
}

/** Whether the writer sets marks on an inode: on a whiteout, and on a directory with one. */
function marked(inode: Inode): boolean {
  return isWhiteout(inode) || (inode.kind === 'directory' && [...inode.children.values()].some(isWhiteout));
}

function keepXattrs(inode: Directory | Leaf, keeps: (name: ByteString) => boolean): boolean {
  const kept = [...inode.xattrs].filter(([name]) => keeps(name));
  if (kept.length === inode.xattrs.size) return false;
  inode.xattrs = new Map(kept);
  return true;
}
