/**
 * One inode of an image: its numbers, its attributes, and where its data stands.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { type Inode, type Timestamp, typeBits } from '../../tree/inode.ts';
import {
  BLOCK_SIZE,
  CHUNK_ENTRY_SIZE,
  COMPACT_SIZE,
  chunkCount,
  compact,
  EXTENDED_SIZE,
  extended,
  INODES_AT,
  LAYOUT_CHUNKED,
  LAYOUT_INLINE,
  LAYOUT_PLAIN,
  LOG_CHUNK_MIN,
  limits,
  logChunkSize,
  NULL_CHUNK,
  roundUp,
  SLOT_SIZE,
  XATTR_BODY_HEAD,
} from '../format.ts';
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

/** The largest size of each kind of inode that has a largest one. */
const maxSizes: Partial<Record<Inode['kind'], bigint>> = {
  inline: BigInt(limits.content),
  external: limits.externalSize,
  symlink: BigInt(limits.target),
};

/** Reads the inode `nid`. Refused: EROFS_RANGE, EROFS_INODE, EROFS_LIMIT, EROFS_OVERLAP, EROFS_XATTR. */
export function readInode(image: Image, nid: number, xattrReader: XattrReader): RawInode {
  const head = readHead(image, nid);
  checkSize(head);
  const { at, kind, xattrsAt, xattrsEnd } = head;
  const isExternal = kind === 'external';
  const { blocks, tail } = isExternal ? { blocks: nothing, tail: nothing } : dataOf(head);
  const end = isExternal ? chunksEnd(head) : xattrsEnd + tail.end - tail.start;
  // EROFS-055: claimed before it is looked at.
  image.claim(at, end);
  image.claim(blocks.start, roundUp(blocks.end, BLOCK_SIZE));
  if (isExternal) checkChunks(image, head, end);
  const { mode, uid, gid, nlink, mtime, size, layout, union } = head;
  const xattrs = xattrReader.read(xattrsAt, xattrsEnd - xattrsAt);
  return { nid, at, kind, mode, uid, gid, nlink, mtime, size, layout, union, xattrs, blocks, tail };
}

function readHead(image: Image, nid: number): Head {
  const { view } = image;
  const at = nid * SLOT_SIZE;
  // EROFS-054
  if (at < INODES_AT) throw new ComposefsError('EROFS_RANGE', `nid ${nid} is before the inodes`);
  image.checkRange(at, at + COMPACT_SIZE);
  const format = view.getUint16(at + compact.format, true);
  const isExtended = (format & 1) === 1;
  const xattrsAt = at + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE);
  image.checkRange(at, xattrsAt);
  const layout = format >> 1;
  const mode = view.getUint16(at + compact.mode, true);
  const count = view.getUint16(at + compact.xattrCount, true);
  return {
    nid,
    at,
    kind: kindOf(at, mode, layout),
    mode: mode & PERMISSIONS,
    uid: isExtended ? view.getUint32(at + extended.uid, true) : view.getUint16(at + compact.uid, true),
    gid: isExtended ? view.getUint32(at + extended.gid, true) : view.getUint16(at + compact.gid, true),
    nlink: isExtended ? view.getUint32(at + extended.nlink, true) : view.getUint16(at + compact.nlink, true),
    mtime: isExtended ? image.timestamp(at + extended.mtimeSec, at + extended.mtimeNsec) : image.buildTime,
    size: isExtended
      ? view.getBigUint64(at + extended.size, true)
      : BigInt(view.getUint32(at + compact.size, true)),
    layout,
    union: view.getUint32(at + compact.union, true),
    xattrsAt,
    xattrsEnd: xattrsAt + (count === 0 ? 0 : XATTR_BODY_HEAD + (count - 1) * 4),
  };
}

/** EROFS-056 */
function kindOf(at: number, mode: number, layout: number): Inode['kind'] {
  const kind = kinds.get(mode & ~PERMISSIONS);
  if (kind === 'inline' && layout === LAYOUT_CHUNKED) return 'external';
  if (kind === undefined || layout === LAYOUT_CHUNKED) {
    throw refuse(at, `mode 0${mode.toString(8)} with layout ${layout}`);
  }
  return kind;
}

function checkSize({ at, kind, size }: Head): void {
  const mayBeEmpty = kind !== 'directory' && kind !== 'symlink' && kind !== 'external';
  const mustBeEmpty = mayBeEmpty && kind !== 'inline';
  // EROFS-057
  if (mustBeEmpty ? size !== 0n : !mayBeEmpty && size === 0n) {
    throw refuse(at, `a ${kind} of ${size} bytes`);
  }
  // EROFS-053
  const max = maxSizes[kind];
  if (max !== undefined && size > max) {
    throw new ComposefsError('EROFS_LIMIT', `the ${kind} has ${size} bytes`, { offset: at });
  }
}

/** EROFS-058: blocks at the address in the inode, and with the inline layout the rest beside the inode. */
function dataOf({ at, layout, size: bytes, union, xattrsEnd }: Head): {
  readonly blocks: Span;
  readonly tail: Span;
} {
  // An image has fewer bytes than a number holds; a larger size is out of its range.
  const size = Number(bytes);
  const tailSize = layout === LAYOUT_INLINE ? size % BLOCK_SIZE : 0;
  if ((layout !== LAYOUT_INLINE && layout !== LAYOUT_PLAIN) || (layout === LAYOUT_INLINE && tailSize === 0)) {
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

/** EROFS-059 */
function checkChunks({ view }: Image, { at, size, union, xattrsEnd }: Head, end: number): void {
  if ((union & 0xffff) !== logChunkSize(size) - LOG_CHUNK_MIN) throw refuse(at, 'another chunk size');
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
