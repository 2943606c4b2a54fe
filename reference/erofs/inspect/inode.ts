/**
 * One inode, as far as it can be located in unchecked bytes.
 * @module
 */

import { typeBits } from '../../tree/inode.ts';
import { METACOPY } from '../overlay.ts';
import {
  BLOCK_SIZE,
  CHUNK_BASED,
  CHUNK_ENTRY_SIZE,
  COMPACT_SIZE,
  compact,
  crossesBlock,
  EXTENDED_SIZE,
  extended,
  FLAT_INLINE,
  FLAT_PLAIN,
  FORMAT_EXTENDED,
  header,
  LOG_CHUNK_MIN,
  PERMISSIONS,
  xattrBodySize,
} from '../structures.ts';
import type { ImageBytes } from './image-bytes.ts';
import { xattrAt, xattrBodyAt } from './xattrs.ts';

/** The fields of an inode, and where its parts end. */
export interface UncheckedInode {
  readonly at: number;
  readonly format: number;
  readonly mode: number;
  readonly size: number;
  readonly union: number;
  readonly number: number;
  /** End of its form. */
  readonly formEnd: number;
  /** End of its attribute body. */
  readonly bodyEnd: number;
  /** End of its tail or of its chunk addresses. */
  readonly end: number;
  /** Data in blocks, without the rest of the last block. */
  readonly blocks: { readonly start: number; readonly end: number };
  /** Its chunk addresses are in a block of their own, to which no field points (EROFS-044). */
  readonly hasChunkBlock: boolean;
}

/** The inode at byte `at`, whose form is in the image. */
export function inodeAt(image: ImageBytes, at: number, sharedAt: number): UncheckedInode {
  const { view } = image;
  const format = view.getUint16(at + compact.i_format, true);
  const isExtended = (format & FORMAT_EXTENDED) !== 0;
  const dataLayout = format >> 1;
  const mode = view.getUint16(at + compact.i_mode, true);
  const size = isExtended
    ? Number(view.getBigUint64(at + extended.i_size, true))
    : view.getUint32(at + compact.i_size, true);
  const union = view.getUint32(at + compact.i_u, true);
  const formEnd = at + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE);
  const bodyEnd = formEnd + xattrBodySize(view.getUint16(at + compact.i_xattr_icount, true));
  const type = mode & ~PERMISSIONS;
  const isRegular = type === typeBits.inline;
  const hasData = type === typeBits.directory || isRegular || type === typeBits.symlink;
  const isFlat = hasData && (dataLayout === FLAT_PLAIN || dataLayout === FLAT_INLINE);
  const tail = isFlat && dataLayout === FLAT_INLINE ? size % BLOCK_SIZE : 0;
  const inBlocks = isFlat ? size - tail : 0;
  const blocksAt = inBlocks === 0 ? 0 : union * BLOCK_SIZE;
  const isChunkBased = isRegular && dataLayout === CHUNK_BASED;
  const chunks = isChunkBased ? chunkBytes(image, { formEnd, bodyEnd, size, union }, sharedAt) : 0;
  const hasChunkBlock = chunks > 0 && crossesBlock(bodyEnd, chunks);
  return {
    at,
    format,
    mode,
    size,
    union,
    number: view.getUint32(at + compact.i_ino, true),
    formEnd,
    bodyEnd,
    end: bodyEnd + tail + (hasChunkBlock ? 0 : chunks),
    blocks: { start: blocksAt, end: blocksAt + inBlocks },
    hasChunkBlock,
  };
}

/** Whether `inode` is a directory. */
export function isDirectory({ mode }: Pick<UncheckedInode, 'mode'>): boolean {
  return (mode & ~PERMISSIONS) === typeBits.directory;
}

/** Whether `inode` is a symbolic link. */
export function isSymlink({ mode }: Pick<UncheckedInode, 'mode'>): boolean {
  return (mode & ~PERMISSIONS) === typeBits.symlink;
}

/** Size of the chunk addresses of an inode. */
function chunkBytes(
  image: ImageBytes,
  { formEnd, bodyEnd, size, union }: Pick<UncheckedInode, 'formEnd' | 'bodyEnd' | 'size' | 'union'>,
  sharedAt: number,
): number {
  if (image.view.getUint32(header.composefs_version, true) < 2) {
    return CHUNK_ENTRY_SIZE * Math.ceil(size / 2 ** ((union & 31) + LOG_CHUNK_MIN));
  }
  // EROFS-089: format v2 has one address if there is a digest, whatever the size.
  if (bodyEnd === formEnd || bodyEnd > image.bytes.length) return 0;
  const { inline, references } = xattrBodyAt(image, formEnd, bodyEnd, sharedAt);
  const shared = references.map(at => xattrAt(image, at, image.bytes.length));
  const metacopy = [...inline, ...shared].find(xattr => xattr?.name === METACOPY);
  return metacopy === undefined || metacopy.valueEnd === metacopy.nameEnd ? 0 : CHUNK_ENTRY_SIZE;
}
