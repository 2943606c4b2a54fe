/**
 * Turns the inodes of an image into inodes of a tree: removes what the writer added for overlayfs
 * (spec/erofs.md, "Removal of overlay attributes").
 * @module
 */

import { type ByteString, byteString, excerpt } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import {
  type Attributes,
  type Device,
  type Directory,
  type ExternalFile,
  type Leaf,
  noXattrs,
  type Xattrs,
} from '../../tree/inode.ts';
import type { FormatRules } from '../format-rules.ts';
import { limits, XATTR_SUM_BASE, XATTR_SUM_EACH } from '../limits.ts';
import {
  hasMarkers,
  isOverlayName,
  METACOPY,
  metacopyDigest,
  OPAQUE,
  REDIRECT,
  ROOT_OPAQUE,
  SELINUX,
  STUB_MODE,
  unescapeName,
  whiteoutMarkers,
} from '../overlay.ts';
import type { Image } from './image.ts';
import type { Span, StoredInode } from './inode.ts';

const SLASH = '/';
const STUB_NAME = /^[0-9a-f]{2}$/;

/** `stored` as a directory, without children and attributes. */
export function directoryOf(stored: StoredInode): Directory {
  return { kind: 'directory', ...attributesOf(stored, noXattrs), children: new Map() };
}

/** Whether `directory` has the attributes that mark a directory with escaped whiteouts. */
export function mayHoldWhiteouts(directory: StoredInode, { whiteoutParentMarkers }: FormatRules): boolean {
  return whiteoutParentMarkers !== undefined && hasMarkers(directory.xattrs, whiteoutParentMarkers);
}

/**
 * The attributes of a directory in the tree; `hasWhiteouts` if one of its children is a whiteout. Rejects with
 * EROFS_OVERLAY, EROFS_LIMIT.
 */
export function directoryXattrs(
  stored: StoredInode,
  { isV2, whiteoutParentMarkers }: FormatRules,
  { isRoot, hasWhiteouts }: { readonly isRoot: boolean; readonly hasWhiteouts: boolean },
): Xattrs {
  const removed = new Set<ByteString>(hasWhiteouts ? whiteoutParentMarkers?.keys() : []);
  if (isRoot && !isV2) {
    // EROFS-070
    if (stored.xattrs.get(OPAQUE) !== ROOT_OPAQUE) {
      throw overlayError(stored, `the root does not have the attribute ${OPAQUE} with the value y`);
    }
    removed.add(OPAQUE);
  }
  return treeXattrs(stored, removed);
}

/** EROFS-073: whether `stored`, in a directory that may hold whiteouts, represents one. */
export function isEscapedWhiteout(stored: StoredInode): boolean {
  return (
    stored.kind === 'inline' &&
    stored.size === 0n &&
    stored.nlink === 1 &&
    hasMarkers(stored.xattrs, whiteoutMarkers)
  );
}

/** The whiteout that an escaped whiteout represents. */
export function whiteoutOf(stored: StoredInode): Device {
  const removed = new Set(whiteoutMarkers.keys());
  return { kind: 'character', rdev: 0, ...attributesOf(stored, treeXattrs(stored, removed)) };
}

/** Whether the entry `name` of the root is a stub. Rejects with EROFS_OVERLAY a stub whose attributes are wrong. */
export function isStub(name: ByteString, stored: StoredInode, root: StoredInode): boolean {
  if (stored.kind !== 'character' || stored.union !== 0 || !STUB_NAME.test(name)) return false;
  const label = root.xattrs.get(SELINUX);
  // EROFS-071
  const isLikeRoot =
    stored.mode === STUB_MODE &&
    stored.uid === root.uid &&
    stored.gid === root.gid &&
    stored.mtime.sec === root.mtime.sec &&
    stored.mtime.nsec === root.mtime.nsec &&
    stored.nlink === 1 &&
    stored.xattrs.size === (label === undefined ? 0 : 1) &&
    stored.xattrs.get(SELINUX) === label;
  if (!isLikeRoot) throw overlayError(stored, 'the attributes of the stub do not match those of the root');
  return true;
}

/**
 * `stored` as a leaf of the tree. It is neither a directory nor an escaped whiteout nor a stub. Rejects with
 * EROFS_OVERLAY, EROFS_INODE, EROFS_LIMIT.
 */
export function leafOf(image: Image, stored: StoredInode): Leaf {
  const { kind } = stored;
  switch (kind) {
    case 'inline':
      return { kind, ...attributesOf(stored, treeXattrs(stored)), content: dataOf(image, stored) };
    case 'external':
      return externalFileOf(stored);
    case 'symlink': {
      const target = byteString(dataOf(image, stored));
      if (target.includes('\0')) {
        throw new ComposefsError('EROFS_INODE', 'the target of the symbolic link contains a NUL', {
          offset: stored.at,
        });
      }
      return { kind, ...attributesOf(stored, treeXattrs(stored)), target };
    }
    case 'character':
    case 'block':
      // EROFS-072, EROFS-094
      if (kind === 'character' && stored.union === 0 && !(image.rules.isV2 && stored.nlink === 1)) {
        throw overlayError(stored, 'a whiteout is not escaped, or has several names');
      }
      return { kind, ...attributesOf(stored, treeXattrs(stored)), rdev: stored.union };
    case 'fifo':
    case 'socket':
      return { kind, ...attributesOf(stored, treeXattrs(stored)) };
    case 'directory':
      throw new TypeError('a directory is not a leaf');
  }
}

/** EROFS-075 */
function externalFileOf(stored: StoredInode): ExternalFile {
  const metacopy = stored.xattrs.get(METACOPY);
  const digest = metacopy === undefined ? undefined : metacopyDigest(metacopy);
  if (digest === undefined) {
    throw overlayError(stored, `the attribute ${METACOPY} of an external file is missing or malformed`);
  }
  const payload = payloadOf(stored);
  // EROFS-077
  if (digest !== 'none' && payload === undefined) {
    throw overlayError(stored, `an external file has a digest, but no attribute ${REDIRECT}`);
  }
  return {
    kind: 'external',
    ...attributesOf(stored, treeXattrs(stored, new Set([METACOPY, REDIRECT]))),
    size: stored.size,
    ...(digest === 'none' ? {} : { digest }),
    ...(payload === undefined ? {} : { payload }),
  };
}

/** EROFS-077: overlayfs accepts no other redirect. */
function payloadOf(stored: StoredInode): ByteString | undefined {
  const redirect = stored.xattrs.get(REDIRECT);
  if (redirect === undefined) return undefined;
  const payload = redirect.slice(1) as ByteString;
  if (payload.length > limits.payload) {
    throw limitError(stored, `the payload has ${payload.length} bytes; the limit is ${limits.payload}`);
  }
  const isNormal = payload.split(SLASH).every(name => name !== '' && name !== '.' && name !== '..');
  if (redirect[0] !== SLASH || !isNormal || payload.includes('\0')) {
    throw overlayError(stored, `the attribute ${REDIRECT} is not an absolute path in normal form`);
  }
  return payload;
}

function attributesOf({ mode, uid, gid, mtime }: StoredInode, xattrs: Xattrs): Attributes {
  return { mode, uid, gid, mtime, xattrs };
}

/** The attributes of `stored` in the tree: without `removed`, and without the escape (EROFS-074). */
function treeXattrs(stored: StoredInode, removed: ReadonlySet<ByteString> = new Set()): Xattrs {
  if (stored.xattrs.size === 0) return noXattrs;
  const xattrs = new Map<ByteString, ByteString>();
  let sum = XATTR_SUM_BASE;
  for (const [name, value] of stored.xattrs) {
    if (removed.has(name)) continue;
    // EROFS-076
    if (isOverlayName(name)) {
      throw overlayError(stored, `the attribute ${excerpt(name)} is not allowed on this inode`);
    }
    const unescaped = unescapeName(name);
    if (unescaped.length > limits.xattrName) {
      const detail = `the name of an attribute has ${unescaped.length} bytes; the limit is ${limits.xattrName}`;
      throw limitError(stored, detail);
    }
    sum += XATTR_SUM_EACH + unescaped.length + value.length;
    xattrs.set(unescaped, value);
  }
  // EROFS-053
  if (sum > limits.xattrSum) {
    throw limitError(stored, `the attributes of the inode sum to ${sum}; the limit is ${limits.xattrSum}`);
  }
  return xattrs.size === 0 ? noXattrs : xattrs;
}

function dataOf({ bytes }: Image, { blocks, tail, size }: StoredInode): Uint8Array {
  const data = new Uint8Array(Number(size));
  const copy = ({ start, end }: Span, at: number): void => data.set(bytes.subarray(start, end), at);
  copy(blocks, 0);
  copy(tail, blocks.end - blocks.start);
  return data;
}

function overlayError({ at }: StoredInode, detail: string): ComposefsError {
  return new ComposefsError('EROFS_OVERLAY', detail, { offset: at });
}

function limitError({ at }: StoredInode, detail: string): ComposefsError {
  return new ComposefsError('EROFS_LIMIT', detail, { offset: at });
}
