/**
 * The features of trees in which implementations are known to differ from the standard, or for which the standard
 * leaves a choice. Each has a case that decides it, and can be removed from a tree.
 *
 * `common` trees have none of them; vectors/accumulated/README.md lists the same features in this order, under "Common
 * trees". The fuzzer removes those in which an implementation is known to differ, and compares again.
 * @module
 */

import { ascii, type ByteString, bytesOf, compareBytes, hex } from '../../../reference/bytes.ts';
import { type Directory, type Inode, isWhiteout, type Leaf } from '../../../reference/tree/inode.ts';
import { inodes, names } from './traverse.ts';

/** A known difference; `Drawn` is what is drawn at random: a tree, or a set of layers. */
export interface KnownDifference<Drawn = Directory> {
  readonly name: string;
  /** What the standard requires, and what implementations do instead: one sentence. */
  readonly about: string;
  /** Names of the implementations that differ, as in their hello; `*` if the standard leaves a choice. */
  readonly implementations: readonly string[];
  readonly link: string;
  /** Ids of the cases that decide it. */
  readonly cases: readonly string[];
  /** Removes the feature in place. Returns whether there was anything to remove. */
  readonly remove: (drawn: Drawn) => boolean;
}

/**
 * Attributes that the writer sets on whiteouts and their directories, by their names in a tree (EROFS-009, EROFS-010).
 */
export const markerNames: ReadonlySet<ByteString> = new Set(
  ['trusted', 'user'].flatMap(prefix =>
    ['opaque', 'whiteout', 'whiteouts'].map(name => ascii(`${prefix}.overlay.${name}`)),
  ),
);

/** The most bytes of inline content and of a target that composefs-rs accepts in a dumpfile. */
const RUST_CONTENT = 512;
const RUST_TARGET = 1024;
/** A number of attributes that stays below 128 with those that the writer adds to an inode. */
const FEW_XATTRS = 120;

const source = {
  writerC: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer.c',
  erofsC: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer-erofs.c',
  writer:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/erofs/writer.rs',
  dumpfile:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/dumpfile_parse.rs',
} as const;

export const knownTreeDifferences: readonly KnownDifference[] = [
  {
    name: 'whiteout-linked',
    about: 'a whiteout with several names is rejected; mkcomposefs accepts it',
    implementations: ['mkcomposefs'],
    link: source.erofsC,
    cases: ['erofs/whiteout-linked', 'erofs/whiteout-linked-elsewhere', 'erofs/whiteout-linked-as-stub'],
    remove: tree => {
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
    about:
      'an attribute that marks a whiteout replaces one of the tree; mkcomposefs miscounts, composefs-rs keeps both',
    implementations: ['mkcomposefs', 'composefs-rs'],
    link: source.writerC,
    cases: ['erofs/whiteout-marks-replaced'],
    remove: tree =>
      each(inodes(tree), inode =>
        marked(inode) ? keepXattrs(inode, name => !markerNames.has(name)) : false,
      ),
  },
  {
    name: 'whiteout-like-a-stub',
    about: 'a whiteout that looks like a stub is escaped; composefs-rs takes it for the stub',
    implementations: ['composefs-rs'],
    link: source.writer,
    cases: ['erofs/stub-lookalike'],
    remove: tree =>
      each(tree.children, ([name, inode]) => {
        if (!isWhiteout(inode) || inode.mode !== 0o644 || !/^[0-9a-f]{2}$/.test(name)) return false;
        inode.mode = 0o600;
        return true;
      }),
  },
  {
    name: 'acl-name-with-more',
    about: 'the ACL flag depends on exact names; composefs-rs compares only their beginning',
    implementations: ['composefs-rs'],
    link: source.writer,
    cases: ['erofs/xattr-acl-longer-name'],
    remove: tree =>
      each(inodes(tree), inode =>
        keepXattrs(inode, name => !/^system\.posix_acl_(?:access|default)./s.test(name)),
      ),
  },
  {
    name: 'more-than-128-shared',
    about: 'an inode stores at most 128 references; composefs-rs stores more',
    implementations: ['composefs-rs'],
    link: source.writer,
    cases: ['erofs/xattr-shared-129'],
    remove: tree =>
      each(inodes(tree), inode => {
        const kept = new Set([...inode.xattrs.keys()].sort(compareBytes).slice(0, FEW_XATTRS));
        return keepXattrs(inode, name => kept.has(name));
      }),
  },
  {
    name: 'long-content',
    about: 'inline content of 513 to 5000 bytes may be rejected',
    implementations: ['composefs-rs', '*'],
    link: source.dumpfile,
    cases: ['dumpfile/content-of-513-bytes'],
    remove: tree =>
      each(inodes(tree), inode => {
        if (inode.kind !== 'inline' || inode.content.length <= RUST_CONTENT) return false;
        inode.content = inode.content.slice(0, RUST_CONTENT);
        return true;
      }),
  },
  {
    name: 'long-target',
    about: 'targets of up to 4095 bytes are accepted; composefs-rs accepts 1024',
    implementations: ['composefs-rs'],
    link: source.dumpfile,
    cases: ['dumpfile/symlink-of-4095-bytes'],
    remove: tree =>
      each(inodes(tree), inode => {
        if (inode.kind !== 'symlink' || inode.target.length <= RUST_TARGET) return false;
        inode.target = inode.target.slice(0, RUST_TARGET) as ByteString;
        return true;
      }),
  },
  {
    name: 'object-path',
    about: 'the path of an object comes from the tree; composefs-rs derives it from the digest',
    implementations: ['composefs-rs'],
    link: source.dumpfile,
    cases: ['erofs/external-other-path'],
    remove: tree =>
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

/** The path of an object with this digest in a store. */
export function objectPath(digest: ByteString): ByteString {
  const digits = hex(bytesOf(digest));
  return ascii(`${digits.slice(0, 2)}/${digits.slice(2)}`);
}

/** Calls `change` for every item, and returns whether anything changed. */
function each<T>(items: Iterable<T>, change: (item: T) => boolean): boolean {
  let changed = false;
  for (const item of items) changed = change(item) || changed;
  return changed;
}

/** Whether the writer marks an inode: a whiteout, or a directory that contains one. */
function marked(inode: Inode): boolean {
  return isWhiteout(inode) || (inode.kind === 'directory' && [...inode.children.values()].some(isWhiteout));
}

function keepXattrs(inode: Directory | Leaf, keeps: (name: ByteString) => boolean): boolean {
  const kept = [...inode.xattrs].filter(([name]) => keeps(name));
  if (kept.length === inode.xattrs.size) return false;
  inode.xattrs = new Map(kept);
  return true;
}
