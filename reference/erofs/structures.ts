/**
 * Numbers and byte offsets of an image (spec/erofs.md). Everything is little-endian.
 * @module
 */

export const BLOCK_SIZE = 4096;
export const LOG_BLOCK_SIZE = 12;
/** Inodes begin at a multiple of this, and a nid counts in it. */
export const SLOT_SIZE = 32;

/** `value` rounded up to a multiple of `unit`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** composefs header, at byte 0. */
export const header = {
  magic: 0,
  version: 4,
  flags: 8,
  composefsVersion: 12,
} as const;
export const HEADER_MAGIC = 0xd078629a;
export const HEADER_VERSION = 1;
/** Some inode has a POSIX ACL. */
export const FLAG_HAS_ACL = 1;

/** EROFS superblock: offsets from its own start. */
export const superblock = {
  magic: 0,
  featureCompat: 8,
  logBlockSize: 12,
  extraSlots: 13,
  rootNid: 14,
  inodeCount: 16,
  buildTime: 24,
  buildTimeNsec: 32,
  blocks: 36,
  metaBlock: 40,
  xattrBlock: 44,
  featureIncompat: 80,
} as const;
export const SUPERBLOCK_AT = 1024;
const SUPERBLOCK_SIZE = 128;
export const SUPERBLOCK_MAGIC = 0xe0f5e1e2;
/** MTIME and XATTR_FILTER. */
export const FEATURE_COMPAT = 2 | 4;
/** Where the first inode stands. */
export const INODES_AT = SUPERBLOCK_AT + SUPERBLOCK_SIZE;

/** Inode of 32 bytes. */
export const compact = {
  format: 0,
  xattrCount: 2,
  mode: 4,
  nlink: 6,
  size: 8,
  union: 16,
  number: 20,
  uid: 24,
  gid: 26,
} as const;
export const COMPACT_SIZE = 32;

/** Inode of 64 bytes. */
export const extended = {
  format: 0,
  xattrCount: 2,
  mode: 4,
  size: 8,
  union: 16,
  number: 20,
  uid: 24,
  gid: 28,
  mtimeSec: 32,
  mtimeNsec: 40,
  nlink: 44,
} as const;
export const EXTENDED_SIZE = 64;

/** Bits 1 to 3 of an inode's format. Bit 0 says that it is an extended one. */
export const LAYOUT_PLAIN = 0;
export const LAYOUT_INLINE = 2;
export const LAYOUT_CHUNKED = 4;

/** A chunk that is a hole. */
export const NULL_CHUNK = 0xffffffff;
export const CHUNK_ENTRY_SIZE = 4;
/** Chunks are 2^12 to 2^43 bytes. */
export const LOG_CHUNK_MIN = 12;
export const LOG_CHUNK_MAX = 43;

/** Directory entry, before the names of its block. */
export const dirent = { nid: 0, nameOffset: 8, type: 10 } as const;
export const DIRENT_SIZE = 12;

/** File types in directory entries, by the type bits of the mode they stand for. */
export const direntTypes: ReadonlyMap<number, number> = new Map([
  [0o100000, 1],
  [0o040000, 2],
  [0o020000, 3],
  [0o060000, 4],
  [0o010000, 5],
  [0o140000, 6],
  [0o120000, 7],
]);

/** Head of an inode's extended attributes: name filter, number of shared ones, seven unused bytes. */
export const XATTR_BODY_HEAD = 12;
export const xattrBody = { filter: 0, sharedCount: 4 } as const;
export const XATTR_REFERENCE_SIZE = 4;
/** Head of one attribute. */
export const XATTR_ENTRY_HEAD = 4;
export const xattrEntry = { nameLength: 0, index: 1, valueLength: 2 } as const;
/** At most this many shared attributes an inode; the rest stands in the inode. */
export const XATTR_SHARED_MAX = 128;

/** The logarithm of the chunk size of an external file of `size` bytes, at most 2^53 (EROFS-034). */
export function logChunkSize(size: bigint): number {
  const bytes = Number(size);
  let log = LOG_CHUNK_MIN;
  for (let chunk = BLOCK_SIZE; log < LOG_CHUNK_MAX && chunk < bytes; chunk *= 2) log++;
  return log;
}

/** How many chunks of 2^`log` bytes `size` bytes are, at most 2^53. */
export function chunkCount(size: bigint, log: number): number {
  return Math.ceil(Number(size) / (powersOfTwo[log] as number));
}

/** A power that is computed costs more than all the rest of the extent of a file. */
const powersOfTwo = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);
