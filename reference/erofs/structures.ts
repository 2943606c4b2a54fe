/**
 * The structures of an image (spec/erofs.md): their fields, sizes and constants.
 *
 * The table of a structure gives the size in bytes of each field, in order, under its EROFS name.
 * Offsets follow from it. All numbers are little-endian.
 * @module
 */

import type { Inode } from '../tree/inode.ts';

export const BLOCK_SIZE = 4096;
export const LOG_BLOCK_SIZE = 12;
/** Inodes begin at a multiple of this; a nid is a number of slots. */
export const SLOT_SIZE = 32;

/** composefs header, at byte 0 (EROFS-048). */
export const headerFields = { magic: 4, version: 4, flags: 4, composefs_version: 4, unused: 16 } as const;
export const header = offsetsOf(headerFields);
export const HEADER_SIZE = sizeOf(headerFields);
export const HEADER_MAGIC = 0xd078629a;
export const HEADER_VERSION = 1;
/** An inode of the image has a POSIX ACL. */
export const FLAG_HAS_ACL = 1;

/** Superblock (EROFS-049). */
export const superblockFields = {
  magic: 4,
  checksum: 4,
  feature_compat: 4,
  blkszbits: 1,
  sb_extslots: 1,
  root_nid: 2,
  inos: 8,
  build_time: 8,
  build_time_nsec: 4,
  blocks: 4,
  meta_blkaddr: 4,
  xattr_blkaddr: 4,
  uuid: 16,
  volume_name: 16,
  feature_incompat: 4,
  reserved: 44,
} as const;
export const superblock = offsetsOf(superblockFields);
export const SUPERBLOCK_AT = 1024;
export const SUPERBLOCK_MAGIC = 0xe0f5e1e2;
/** MTIME and XATTR_FILTER. */
export const FEATURE_COMPAT = 2 | 4;
/** Byte at which the first inode may begin. */
export const INODES_AT = SUPERBLOCK_AT + sizeOf(superblockFields);

/** Compact form of an inode (EROFS-037). */
export const compactFields = {
  i_format: 2,
  i_xattr_icount: 2,
  i_mode: 2,
  i_nlink: 2,
  i_size: 4,
  i_reserved: 4,
  i_u: 4,
  i_ino: 4,
  i_uid: 2,
  i_gid: 2,
  i_reserved2: 4,
} as const;
export const compact = offsetsOf(compactFields);
export const COMPACT_SIZE = sizeOf(compactFields);

/** Extended form of an inode (EROFS-038). */
export const extendedFields = {
  i_format: 2,
  i_xattr_icount: 2,
  i_mode: 2,
  i_reserved: 2,
  i_size: 8,
  i_u: 4,
  i_ino: 4,
  i_uid: 4,
  i_gid: 4,
  i_mtime: 8,
  i_mtime_nsec: 4,
  i_nlink: 4,
  i_reserved2: 16,
} as const;
export const extended = offsetsOf(extendedFields);
export const EXTENDED_SIZE = sizeOf(extendedFields);

/** Bit 0 of i_format: the inode has the extended form. */
export const FORMAT_EXTENDED = 1;
/** Data layouts: i_format without bit 0, shifted right by one (EROFS-039). */
export const FLAT_PLAIN = 0;
export const FLAT_INLINE = 2;
export const CHUNK_BASED = 4;

/** Bits of i_mode that are not the file type. */
export const PERMISSIONS = 0o7777;

/** Address of a chunk that is a hole. */
export const NULL_CHUNK = 0xffffffff;
export const CHUNK_ENTRY_SIZE = 4;
/** Chunks are 2^12 to 2^43 bytes. */
export const LOG_CHUNK_MIN = 12;
export const LOG_CHUNK_MAX = 43;

/** Directory entry (EROFS-030). The names of a block follow its entries. */
export const direntFields = { nid: 8, nameoff: 2, file_type: 1, reserved: 1 } as const;
export const dirent = offsetsOf(direntFields);
export const DIRENT_SIZE = sizeOf(direntFields);

/** `file_type` of an entry that leads to an inode of each kind (EROFS-031). */
export const direntTypes: Readonly<Record<Inode['kind'], number>> = {
  inline: 1,
  external: 1,
  directory: 2,
  character: 3,
  block: 4,
  fifo: 5,
  socket: 6,
  symlink: 7,
};

/** Head of the attribute body of an inode (EROFS-025). References and attribute entries follow. */
export const xattrBodyFields = { h_name_filter: 4, h_shared_count: 1, h_reserved: 7 } as const;
export const xattrBody = offsetsOf(xattrBodyFields);
export const XATTR_BODY_HEAD = sizeOf(xattrBodyFields);
export const XATTR_REFERENCE_SIZE = 4;

/** Head of an attribute entry (EROFS-024). Suffix and value follow. */
export const xattrEntryFields = { e_name_len: 1, e_name_index: 1, e_value_size: 2 } as const;
export const xattrEntry = offsetsOf(xattrEntryFields);
export const XATTR_ENTRY_HEAD = sizeOf(xattrEntryFields);

/** Maximum number of references in an inode; further shared attributes are stored in full (EROFS-023). */
export const XATTR_SHARED_MAX = 128;

/** i_xattr_icount of an inode with an attribute body of `size` bytes, 0 for none (EROFS-028). */
export function xattrCount(size: number): number {
  return size === 0 ? 0 : 1 + (size - XATTR_BODY_HEAD) / 4;
}

/** Size of the attribute body of an inode whose i_xattr_icount is `count` (EROFS-028). */
export function xattrBodySize(count: number): number {
  return count === 0 ? 0 : XATTR_BODY_HEAD + 4 * (count - 1);
}

/** log2 of the chunk size of an external file of `size` bytes, which is at most 2^53 (EROFS-034). */
export function logChunkSize(size: bigint): number {
  const bytes = Number(size);
  let log = LOG_CHUNK_MIN;
  for (let chunk = BLOCK_SIZE; log < LOG_CHUNK_MAX && chunk < bytes; chunk *= 2) log++;
  return log;
}

/** Number of chunks of 2^`log` bytes in `size` bytes, which are at most 2^53. */
export function chunkCount(size: bigint, log: number): number {
  return Math.ceil(Number(size) / (powersOfTwo[log] as number));
}

/** Computing a power takes longer than everything else that is computed for the data of a file. */
const powersOfTwo = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** `value` rounded up to a multiple of `unit`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Whether `size` bytes that begin at byte `at` end in a later block. */
export function crossesBlock(at: number, size: number): boolean {
  return (at % BLOCK_SIZE) + size > BLOCK_SIZE;
}

/** The offset of each field, from the sizes of all. */
function offsetsOf<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  const offsets: Record<Name, number> = { ...sizes };
  let offset = 0;
  for (const name of Object.keys(sizes) as Name[]) {
    offsets[name] = offset;
    offset += sizes[name];
  }
  return offsets;
}

/** The sum of the sizes of all fields. */
function sizeOf(sizes: Readonly<Record<string, number>>): number {
  return Object.values(sizes).reduce((sum, size) => sum + size, 0);
}
