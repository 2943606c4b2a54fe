/**
 * One inode of an image: its numbers, its attributes, and where its data stands.
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
  EXTENDED_SIZE,
  extended,
  FLAT_INLINE,
  FLAT_PLAIN,
  INODES_AT,
  LOG_CHUNK_MAX,
  LOG_CHUNK_MIN,
  logChunkSize,
  NULL_CHUNK,
  roundUp,
  SLOT_SIZE,
  XATTR_BODY_HEAD,
} from '../structures.ts';
import type { Image } from './image.ts';
import type { RawXattrs, XattrReader } from './xattrs.ts';

/** Bytes from `start` to `end` of the image; none where both are the same. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An inode as the image has it. */
export interface RawInode {
  readonly nid: number;
  /** Byte where it begins. */
  readonly at: number;
  readonly kind: Inode['kind'];
  /** Permission bits, without the type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly mtime: Timestamp;
  readonly size: bigint;
  /** One of the layouts of `format.ts`. */
  readonly layout: number;
  /** Device number, block address or chunk format, by kind and layout. */
  readonly union: number;
  readonly xattrs: RawXattrs;
  /** Its data that stands in blocks, and after that what stands beside the inode. An external file has neither. */
  readonly blocks: Span;
  readonly tail: Span;
}

/** An inode before its data and its attributes are found. */
type Head = Omit<RawInode, 'xattrs' | 'blocks' | 'tail'> & {
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
const PERMISSIONS = 0o7777;

/** Reads the inode `nid`. Refused: EROFS_RANGE, EROFS_INODE, EROFS_LIMIT, EROFS_OVERLAP, EROFS_XATTR. */
export function readInode(image: Image, nid: number, xattrReader: XattrReader): RawInode {
  const head = readHead(image, nid);
  checkSize(head, image.rules);
  const { at, kind, xattrsAt, xattrsEnd } = head;
  const { isV2 } = image.rules;
  const isExternal = kind === 'external';
  const { blocks, tail } = isExternal ? { blocks: nothing, tail: nothing } : dataOf(head);
  const chunks = isExternal && !isV2 ? chunksEnd(head) : xattrsEnd;
  // EROFS-055: claimed before it is looked at.
  image.claim(at, chunks + tail.end - tail.start);
  image.claim(blocks.start, roundUp(blocks.end, BLOCK_SIZE));
  const xattrs = xattrReader.read(xattrsAt, xattrsEnd - xattrsAt);
  if (isExternal) checkChunks(image, head, isV2 ? claimChunkV2(image, head, xattrs) : chunks);
  const { mode, uid, gid, nlink, mtime, size, layout, union } = head;
  return { nid, at, kind, mode, uid, gid, nlink, mtime, size, layout, union, xattrs, blocks, tail };
}

function readHead(image: Image, nid: number): Head {
  const { view } = image;
  const at = nid * SLOT_SIZE;
  // EROFS-054
  if (at < INODES_AT) throw new ComposefsError('EROFS_RANGE', `nid ${nid} is before the inodes`);
  image.checkRange(at, at + COMPACT_SIZE);
  const format = view.getUint16(at + compact.i_format, true);
  const isExtended = (format & 1) === 1;
  const xattrsAt = at + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE);
  image.checkRange(at, xattrsAt);
  const layout = format >> 1;
  const mode = view.getUint16(at + compact.i_mode, true);
  const count = view.getUint16(at + compact.i_xattr_icount, true);
  return {
    nid,
    at,
    kind: kindOf(at, mode, layout),
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
    layout,
    union: view.getUint32(at + compact.i_u, true),
    xattrsAt,
    xattrsEnd: xattrsAt + (count === 0 ? 0 : XATTR_BODY_HEAD + (count - 1) * 4),
  };
}

/** EROFS-056 */
function kindOf(at: number, mode: number, layout: number): Inode['kind'] {
  const kind = kinds.get(mode & ~PERMISSIONS);
  if (kind === 'inline' && layout === CHUNK_BASED) return 'external';
  if (kind === undefined || layout === CHUNK_BASED) {
    throw refuse(at, `mode 0${mode.toString(8)} with layout ${layout}`);
  }
  return kind;
}

function checkSize({ at, kind, size }: Head, rules: FormatRules): void {
  const mayBeEmpty = kind !== 'directory' && kind !== 'symlink' && kind !== 'external';
  const mustBeEmpty = mayBeEmpty && kind !== 'inline';
  // EROFS-057
  if (mustBeEmpty ? size !== 0n : !mayBeEmpty && size === 0n) {
    throw refuse(at, `a ${kind} of ${size} bytes`);
  }
  // EROFS-053, EROFS-095
  const max = maxSize(kind, rules);
  if (max !== undefined && size > max) {
    throw new ComposefsError('EROFS_LIMIT', `the ${kind} has ${size} bytes`, { offset: at });
  }
}

/** The largest size of an inode of a kind that has a largest one. */
function maxSize(kind: Inode['kind'], { content, target }: FormatRules): number | bigint | undefined {
  if (kind === 'external') return limits.externalSize;
  return kind === 'inline' ? content : kind === 'symlink' ? target : undefined;
}

/** EROFS-058: blocks at the address in the inode, and with the inline layout the rest beside the inode. */
function dataOf({ at, layout, size: bytes, union, xattrsEnd }: Head): {
  readonly blocks: Span;
  readonly tail: Span;
} {
  // An image has fewer bytes than a number holds; a larger size is out of its range.
  const size = Number(bytes);
  const tailSize = layout === FLAT_INLINE ? size % BLOCK_SIZE : 0;
  if ((layout !== FLAT_INLINE && layout !== FLAT_PLAIN) || (layout === FLAT_INLINE && tailSize === 0)) {
    throw refuse(at, `layout ${layout} with ${size} bytes`);
  }
  if (crossesBlock(xattrsEnd, tailSize)) throw refuse(at, 'the inline data crosses a block');
  return { blocks: span(union * BLOCK_SIZE, size - tailSize), tail: span(xattrsEnd, tailSize) };
}

/** Where the chunk addresses of an external file end: one that would cross a block is not beside the inode. */
function chunksEnd({ size, xattrsEnd }: Head): number {
  const bytes = chunkCount(size, logChunkSize(size)) * CHUNK_ENTRY_SIZE;
  return crossesBlock(xattrsEnd, bytes) ? xattrsEnd : xattrsEnd + bytes;
}

/** Where the one chunk address ends, which an object with a digest has in format v2 (EROFS-093). */
function claimChunkV2(image: Image, { xattrsEnd }: Head, xattrs: RawXattrs): number {
  if ((xattrs.get(METACOPY) ?? '') === '') return xattrsEnd;
  const end = xattrsEnd + CHUNK_ENTRY_SIZE;
  // The slot that the xattrs end in is claimed.
  image.claim(roundUp(xattrsEnd, SLOT_SIZE), roundUp(end, SLOT_SIZE));
  return end;
}

/** EROFS-059, EROFS-093 */
function checkChunks({ view, rules }: Image, { at, size, union, xattrsEnd }: Head, end: number): void {
  const log = rules.isV2 ? LOG_CHUNK_MAX : logChunkSize(size);
  if ((union & 0xffff) !== log - LOG_CHUNK_MIN) throw refuse(at, 'another chunk size');
  for (let chunk = xattrsEnd; chunk < end; chunk += CHUNK_ENTRY_SIZE) {
    if (view.getUint32(chunk, true) !== NULL_CHUNK) throw refuse(at, 'a chunk that is no hole');
  }
}

function span(start: number, size: number): Span {
  return size === 0 ? nothing : { start, end: start + size };
}

function crossesBlock(at: number, size: number): boolean {
  return (at % BLOCK_SIZE) + size > BLOCK_SIZE;
}

function refuse(offset: number, detail: string): ComposefsError {
  return new ComposefsError('EROFS_INODE', detail, { offset });
}
