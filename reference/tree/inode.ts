/**
 * The tree: what an OCI image means, before anything is laid out (spec/tree.md).
 *
 * A hard link is one inode under several names: the same object, found again by identity. A link count is
 * never stored, it is counted.
 * @module
 */

import type { ByteString } from '../bytes.ts';

/** A point in time since 1970-01-01T00:00:00Z. Never changed in place, so that inodes may share one. */
export interface Timestamp {
  /** 0 to 2^63-1. */
  readonly sec: bigint;
  /** 0 to 999,999,999. */
  readonly nsec: number;
}

/** The epoch. */
export const epoch: Timestamp = { sec: 0n, nsec: 0 };

/** Extended attributes, full name to value. Never changed in place. */
export type Xattrs = ReadonlyMap<ByteString, ByteString>;

/** No extended attributes. */
export const noXattrs: Xattrs = new Map();

/** What every inode has. */
export interface Attributes {
  /** Permission bits, set-id bits and the sticky bit: 0 to 0o7777. The file type is the inode's `kind`. */
  mode: number;
  /** 0 to 2^32-1. */
  uid: number;
  /** 0 to 2^32-1. */
  gid: number;
  mtime: Timestamp;
  xattrs: Xattrs;
}

export interface Directory extends Attributes {
  kind: 'directory';
  /** Name to inode, in no particular order. A name is 1 to 255 bytes without `/` and NUL, not `.` and not `..`. */
  children: Map<ByteString, Inode>;
}

/** A regular file whose content stands in the image itself. The empty file is one. */
export interface InlineFile extends Attributes {
  kind: 'inline';
  content: Uint8Array;
}

/** A regular file whose content is an object of the store. */
export interface ExternalFile extends Attributes {
  kind: 'external';
  /** Bytes, 1 or more. */
  size: bigint;
  /** Path of the object relative to the store, where one is known. */
  payload?: ByteString;
  /** fs-verity digest of the content, 32 bytes for sha256 and 64 for sha512, where one is known. */
  digest?: Uint8Array;
}

export interface Symlink extends Attributes {
  kind: 'symlink';
  /** 1 byte or more. */
  target: ByteString;
}

export interface Device extends Attributes {
  kind: 'character' | 'block';
  /** Linux device number as `makedev` makes it in 32 bits: minor & 0xff | major << 8 | (minor & ~0xff) << 12. */
  rdev: number;
}

export interface Special extends Attributes {
  kind: 'fifo' | 'socket';
}

export type Leaf = InlineFile | ExternalFile | Symlink | Device | Special;

export type Inode = Directory | Leaf;

/** The bits of a stored mode that are the file type (`S_IFMT` of Linux). */
export const TYPE_MASK = 0o170000;

/** The file type bits of each kind of inode. */
export const typeBits: Readonly<Record<Inode['kind'], number>> = {
  directory: 0o040000,
  inline: 0o100000,
  external: 0o100000,
  symlink: 0o120000,
  character: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
};

/** Whether `inode` is what overlayfs takes for a whiteout: a character device 0:0. */
export function isWhiteout(inode: Inode): inode is Device {
  return inode.kind === 'character' && inode.rdev === 0;
}
