/**
 * Inodes of an image as inodes of a tree: what the writer added for overlayfs is taken away again.
 * @module
 */

import { type ByteString, byteString } from '../../bytes.ts';
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
import type { RawInode, Span } from './inode.ts';

const SLASH = '/';
const STUB_NAME = /^[0-9a-f]{2}$/;

/** `raw` as a directory, without children. */
export function directoryOf(raw: RawInode): Directory {
  return { kind: 'directory', ...attributesOf(raw, noXattrs), children: new Map() };
}

/** Whether a directory has what the directory of an escaped whiteout has. */
export function mayHoldWhiteouts(directory: RawInode, { whiteoutParentMarkers }: FormatRules): boolean {
  return whiteoutParentMarkers !== undefined && hasMarkers(directory.xattrs, whiteoutParentMarkers);
}

/** The xattrs of a directory; `hasWhiteouts` where one of its children is one. Refused: EROFS_OVERLAY, EROFS_LIMIT. */
export function directoryXattrs(
  raw: RawInode,
  { isV2, whiteoutParentMarkers }: FormatRules,
  { isRoot, hasWhiteouts }: { readonly isRoot: boolean; readonly hasWhiteouts: boolean },
): Xattrs {
  const removed = new Set<ByteString>(hasWhiteouts ? whiteoutParentMarkers?.keys() : []);
  if (isRoot && !isV2) {
    // EROFS-070
    if (raw.xattrs.get(OPAQUE) !== ROOT_OPAQUE) throw refuse(raw, 'the root is not opaque');
    removed.add(OPAQUE);
  }
  return restored(raw, removed);
}

/** EROFS-073: whether `raw`, in a directory that may hold whiteouts, is one. */
export function isEscapedWhiteout(raw: RawInode): boolean {
  return (
    raw.kind === 'inline' && raw.size === 0n && raw.nlink === 1 && hasMarkers(raw.xattrs, whiteoutMarkers)
  );
}

/** An escaped whiteout as the whiteout that it stands for. */
export function whiteoutOf(raw: RawInode): Device {
  const removed = new Set(whiteoutMarkers.keys());
  return { kind: 'character', rdev: 0, ...attributesOf(raw, restored(raw, removed)) };
}

/** Whether the root's entry `name` is a stub. Refused with EROFS_OVERLAY where it is not like the others. */
export function isStub(name: ByteString, raw: RawInode, root: RawInode): boolean {
  if (raw.kind !== 'character' || raw.union !== 0 || !STUB_NAME.test(name)) return false;
  const label = root.xattrs.get(SELINUX);
  // EROFS-071
  const isLikeRoot =
    raw.mode === STUB_MODE &&
    raw.uid === root.uid &&
    raw.gid === root.gid &&
    raw.mtime.sec === root.mtime.sec &&
    raw.mtime.nsec === root.mtime.nsec &&
    raw.nlink === 1 &&
    raw.xattrs.size === (label === undefined ? 0 : 1) &&
    raw.xattrs.get(SELINUX) === label;
  if (!isLikeRoot) throw refuse(raw, 'a stub that is not like the root');
  return true;
}

/** `raw`, which is neither a directory nor a whiteout nor a stub. Refused: EROFS_OVERLAY, EROFS_INODE, EROFS_LIMIT. */
export function leafOf(image: Image, raw: RawInode): Leaf {
  switch (raw.kind) {
    case 'inline':
      return { kind: raw.kind, ...attributesOf(raw, restored(raw)), content: dataOf(image, raw) };
    case 'external':
      return externalOf(raw);
    case 'symlink': {
      const target = byteString(dataOf(image, raw));
      if (target.includes('\0')) {
        throw new ComposefsError('EROFS_INODE', 'a NUL in the target of a symlink', { offset: raw.at });
      }
      return { kind: raw.kind, ...attributesOf(raw, restored(raw)), target };
    }
    case 'character':
    case 'block':
      // EROFS-072, EROFS-094
      if (raw.kind === 'character' && raw.union === 0 && !(image.rules.isV2 && raw.nlink === 1))
        throw refuse(raw, 'a whiteout that is not escaped, or has several names');
      return { kind: raw.kind, ...attributesOf(raw, restored(raw)), rdev: raw.union };
    case 'fifo':
    case 'socket':
      return { kind: raw.kind, ...attributesOf(raw, restored(raw)) };
    case 'directory':
      throw new TypeError('a directory is no leaf');
  }
}

/** EROFS-075 */
function externalOf(raw: RawInode): ExternalFile {
  const metacopy = raw.xattrs.get(METACOPY);
  const digest = metacopy === undefined ? undefined : metacopyDigest(metacopy);
  if (digest === undefined)
    throw refuse(raw, 'an external file whose metacopy attribute is missing or malformed');
  const payload = payloadOf(raw);
  // EROFS-077
  if (digest !== 'none' && payload === undefined) throw refuse(raw, 'an object with a digest and no path');
  return {
    kind: 'external',
    ...attributesOf(raw, restored(raw, new Set([METACOPY, REDIRECT]))),
    size: raw.size,
    ...(digest === 'none' ? {} : { digest }),
    ...(payload === undefined ? {} : { payload }),
  };
}

/** EROFS-077: overlayfs takes no other redirect. */
function payloadOf(raw: RawInode): ByteString | undefined {
  const redirect = raw.xattrs.get(REDIRECT);
  if (redirect === undefined) return undefined;
  const payload = redirect.slice(1) as ByteString;
  if (payload.length > limits.payload) throw beyond(raw, 'the redirect is too long');
  const isNormal = payload.split(SLASH).every(name => name !== '' && name !== '.' && name !== '..');
  if (redirect[0] !== SLASH || !isNormal || payload.includes('\0')) {
    throw refuse(raw, 'a redirect that is no absolute path in normal form');
  }
  return payload;
}

function attributesOf({ mode, uid, gid, mtime }: RawInode, xattrs: Xattrs): Attributes {
  return { mode, uid, gid, mtime, xattrs };
}

/** The xattrs of `raw` without `removed`, as the tree has them (EROFS-074). */
function restored(raw: RawInode, removed: ReadonlySet<ByteString> = new Set()): Xattrs {
  if (raw.xattrs.size === 0) return noXattrs;
  const xattrs = new Map<ByteString, ByteString>();
  let total = XATTR_SUM_BASE;
  for (const [name, value] of raw.xattrs) {
    if (removed.has(name)) continue;
    // EROFS-076
    if (isOverlayName(name)) throw refuse(raw, 'an overlay attribute where none belongs');
    const restoredName = unescapeName(name);
    if (restoredName.length > limits.xattrName) throw beyond(raw, 'the name of an xattr is too long');
    total += XATTR_SUM_EACH + restoredName.length + value.length;
    xattrs.set(restoredName, value);
  }
  // EROFS-053
  if (total > limits.xattrSum) throw beyond(raw, 'the xattrs of an inode are too large');
  return xattrs.size === 0 ? noXattrs : xattrs;
}

function dataOf({ bytes }: Image, { blocks, tail, size }: RawInode): Uint8Array {
  const data = new Uint8Array(Number(size));
  const copy = ({ start, end }: Span, at: number): void => data.set(bytes.subarray(start, end), at);
  copy(blocks, 0);
  copy(tail, blocks.end - blocks.start);
  return data;
}

function refuse({ at }: RawInode, detail: string): ComposefsError {
  return new ComposefsError('EROFS_OVERLAY', detail, { offset: at });
}

function beyond({ at }: RawInode, detail: string): ComposefsError {
  return new ComposefsError('EROFS_LIMIT', detail, { offset: at });
}
