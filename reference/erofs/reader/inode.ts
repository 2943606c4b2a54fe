/**
 * One inode of an image: its fields, its attributes, and where its data is.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { type Inode, type Timestamp, typeBits } from '../../tree/inode.ts';
import type { FormatRules } from '../format-rules.ts';
import { limits } from '../limits.ts';
import { METACOPY } from '../overlay.ts';
import {
  BLOCK_SIZE,
  CHUNK_BASED,
  CHUNK_ENTRY_SIZE,
  COMPACT_SIZE,
  chunkCount,
  compact,
  crossesBlock,
  EXTENDED_SIZE,
  extended,
  FLAT_INLINE,
  FLAT_PLAIN,
  FORMAT_EXTENDED,
  INODES_AT,
  LOG_CHUNK_MAX,
  LOG_CHUNK_MIN,
  logChunkSize,
  NULL_CHUNK,
  PERMISSIONS,
  roundUp,
  SLOT_SIZE,
  xattrBodySize,
} from '../structures.ts';
import type { Image } from './image.ts';
import type { StoredXattrs, XattrReader } from './xattrs.ts';

/** Bytes from `start` to `end` of the image; none if both are equal. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An inode as the image stores it. */
export interface StoredInode {
  readonly nid: number;
  /** Byte at which it begins. */
  readonly at: number;
  readonly kind: Inode['kind'];
  /** Permission bits, without the type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly mtime: Timestamp;
  readonly size: bigint;
  /** Device number, block address or chunk format, depending on the kind. */
  readonly union: number;
  readonly xattrs: StoredXattrs;
  /** Its data: first in blocks, then in the tail. An external file has neither. */
  readonly blocks: Span;
  readonly tail: Span;
}

/** An inode before its data and its attributes are located. */
type InodeForm = Omit<StoredInode, 'xattrs' | 'blocks' | 'tail'> & {
  /** One of the data layouts of `structures.ts`. */
  readonly dataLayout: number;
  readonly xattrsAt: number;
  readonly xattrsEnd: number;
};

const kinds = new Map<number, Inode['kind']>(
  (['directory', 'inline', 'symlink', 'character', 'block', 'fifo', 'socket'] as const).map(kind => [
    typeBits[kind],
    kind,
  ]),
);
const nothing: Span = { start: 0, end: 0 };

/** Reads the inode `nid`. Rejects with EROFS_RANGE, EROFS_INODE, EROFS_LIMIT, EROFS_OVERLAP, EROFS_XATTR. */
export function readInode(image: Image, nid: number, xattrReader: XattrReader): StoredInode {
  const form = readForm(image, nid);
  checkSize(form, image.rules);
  const { at, kind, xattrsAt, xattrsEnd } = form;
  const { isV2 } = image.rules;
  const isExternal = kind === 'external';
  const { blocks, tail } = isExternal ? { blocks: nothing, tail: nothing } : dataOf(form);
  const chunks = isExternal && !isV2 ? chunksEnd(form) : xattrsEnd;
  // EROFS-055: claimed before it is read.
  image.claim(at, chunks + tail.end - tail.start);
  image.claim(blocks.start, roundUp(blocks.end, BLOCK_SIZE));
  const xattrs = xattrReader.read(xattrsAt, xattrsEnd - xattrsAt);
  if (isExternal) checkChunks(image, form, isV2 ? claimChunkV2(image, form, xattrs) : chunks);
  const { mode, uid, gid, nlink, mtime, size, union } = form;
  return { nid, at, kind, mode, uid, gid, nlink, mtime, size, union, xattrs, blocks, tail };
}

function readForm(image: Image, nid: number): InodeForm {
  const { view } = image;
  const at = nid * SLOT_SIZE;
  // EROFS-054
  if (at < INODES_AT) throw new ComposefsError('EROFS_RANGE', `nid ${nid} is before the inodes`);
  image.checkRange(at, at + COMPACT_SIZE);
  const format = view.getUint16(at + compact.i_format, true);
  const isExtended = (format & FORMAT_EXTENDED) !== 0;
  // EROFS-101: Linux adds the field to the mtime.
  if (!isExtended && view.getUint32(at + compact.i_reserved, true) !== 0) {
    throw inodeError(at, 'bytes 12 to 15 of the compact form are not 0');
  }
  const xattrsAt = at + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE);
  image.checkRange(at, xattrsAt);
  const dataLayout = format >> 1;
  const mode = view.getUint16(at + compact.i_mode, true);
  return {
    nid,
    at,
    kind: kindOf(at, mode, dataLayout),
    mode: mode & PERMISSIONS,
    uid: isExtended ? view.getUint32(at + extended.i_uid, true) : view.getUint16(at + compact.i_uid, true),
    gid: isExtended ? view.getUint32(at + extended.i_gid, true) : view.getUint16(at + compact.i_gid, true),
    nlink: isExtended
      ? view.getUint32(at + extended.i_nlink, true)
      : view.getUint16(at + compact.i_nlink, true),
    mtime: isExtended ? image.timestamp(at + extended.i_mtime, at + extended.i_mtime_nsec) : image.buildTime,
    size: isExtended
      ? view.getBigUint64(at + extended.i_size, true)
      : BigInt(view.getUint32(at + compact.i_size, true)),
    dataLayout,
    union: view.getUint32(at + compact.i_u, true),
    xattrsAt,
    xattrsEnd: xattrsAt + xattrBodySize(view.getUint16(at + compact.i_xattr_icount, true)),
  };
}

/** EROFS-056: the type. Only a regular file can have chunks; {@link dataOf} rejects them elsewhere. */
function kindOf(at: number, mode: number, dataLayout: number): Inode['kind'] {
  const kind = kinds.get(mode & ~PERMISSIONS);
  if (kind === undefined) throw inodeError(at, 'the mode has no known type');
  return kind === 'inline' && dataLayout === CHUNK_BASED ? 'external' : kind;
}

function checkSize({ at, kind, size }: InodeForm, rules: FormatRules): void {
  const mayBeEmpty = kind !== 'directory' && kind !== 'symlink' && kind !== 'external';
  const mustBeEmpty = mayBeEmpty && kind !== 'inline';
  // EROFS-057
  if (mustBeEmpty ? size !== 0n : !mayBeEmpty && size === 0n) {
    throw inodeError(at, `kind ${kind} with a size of ${size} bytes`);
  }
  // EROFS-053, EROFS-095
  const max = maxSize(kind, rules);
  if (size > max) {
    const detail = `kind ${kind} with a size of ${size} bytes; the limit is ${max}`;
    throw new ComposefsError('EROFS_LIMIT', detail, { offset: at });
  }
}

/** The maximum size of an inode; infinity for the kinds that have none. */
function maxSize(kind: Inode['kind'], { content, target }: FormatRules): number | bigint {
  if (kind === 'external') return limits.externalSize;
  return kind === 'inline' ? content : kind === 'symlink' ? target : Number.POSITIVE_INFINITY;
}

/** EROFS-058: data blocks at the address in the inode, and with the inline data layout a tail. */
function dataOf({ at, dataLayout, size: bytes, union, xattrsEnd }: InodeForm): {
  readonly blocks: Span;
  readonly tail: Span;
} {
  // A size that a number cannot hold exactly is outside every image.
  const size = Number(bytes);
  const isInline = dataLayout === FLAT_INLINE;
  const tailSize = isInline ? size % BLOCK_SIZE : 0;
  if ((!isInline && dataLayout !== FLAT_PLAIN) || (isInline && tailSize === 0)) {
    throw inodeError(at, `data layout ${dataLayout} with a size of ${size} bytes`);
  }
  if (crossesBlock(xattrsEnd, tailSize)) throw inodeError(at, 'the tail crosses a block boundary');
  return { blocks: span(union * BLOCK_SIZE, size - tailSize), tail: span(xattrsEnd, tailSize) };
}

/** Where the chunk addresses of an external file end. If they would cross a block, none are beside the inode. */
function chunksEnd({ size, xattrsEnd }: InodeForm): number {
  const bytes = chunkCount(size, logChunkSize(size)) * CHUNK_ENTRY_SIZE;
  return crossesBlock(xattrsEnd, bytes) ? xattrsEnd : xattrsEnd + bytes;
}

/** Where the chunk address ends that an external file with a digest has in format v2 (EROFS-093). */
function claimChunkV2(image: Image, { xattrsEnd }: InodeForm, xattrs: StoredXattrs): number {
  if ((xattrs.get(METACOPY) ?? '') === '') return xattrsEnd;
  const end = xattrsEnd + CHUNK_ENTRY_SIZE;
  // The slot in which the attributes end is claimed already.
  image.claim(roundUp(xattrsEnd, SLOT_SIZE), roundUp(end, SLOT_SIZE));
  return end;
}

/** EROFS-059, EROFS-093 */
function checkChunks({ view, rules }: Image, { at, size, union, xattrsEnd }: InodeForm, end: number): void {
  const log = rules.isV2 ? LOG_CHUNK_MAX : logChunkSize(size);
  if ((union & 0xffff) !== log - LOG_CHUNK_MIN) throw inodeError(at, `the chunk size is not 2^${log} bytes`);
  for (let chunk = xattrsEnd; chunk < end; chunk += CHUNK_ENTRY_SIZE) {
    if (view.getUint32(chunk, true) !== NULL_CHUNK) throw inodeError(at, 'a chunk address is not a hole');
  }
}

function span(start: number, size: number): Span {
  return size === 0 ? nothing : { start, end: start + size };
}

function inodeError(offset: number, detail: string): ComposefsError {
  return new ComposefsError('EROFS_INODE', detail, { offset });
}
