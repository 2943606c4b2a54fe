/**
 * The tree: the file system that the layers of an OCI image describe (spec/tree.md).
 *
 * An inode with hard links is one object under several names. Link counts are counted, never stored.
 * @module
 */

import type { ByteString } from '../bytes.ts';

/** A time since 1970-01-01T00:00:00Z. Never changed in place, so that inodes can share it. */
export interface Timestamp {
  /** 0 to 2^63-1. */
  readonly sec: bigint;
  /** 0 to 999,999,999. */
  readonly nsec: number;
}

/** 1970-01-01T00:00:00Z. */
export const epoch: Timestamp = { sec: 0n, nsec: 0 };

/** Extended attributes: values by full name. Never changed in place, so that inodes can share them. */
export type Xattrs = ReadonlyMap<ByteString, ByteString>;

/** No extended attributes. */
export const noXattrs: Xattrs = new Map();

/** The attributes that every inode has. */
export interface Attributes {
  /** Permission, set-id and sticky bits: 0 to 0o7777. The file type is the `kind` of the inode. */
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
  /** Inodes by name, in no particular order. A name is 1 to 255 bytes without `/` and NUL, other than `.` and `..`. */
  children: Map<ByteString, Inode>;
}

/** A regular file whose content is in the tree itself. The empty file is one. */
export interface InlineFile extends Attributes {
  kind: 'inline';
  content: Uint8Array;
}

/** A regular file whose content is an object in a store. */
export interface ExternalFile extends Attributes {
  kind: 'external';
  /** Length of the content in bytes: 1 to 2^53. */
  size: bigint;
  /** fs-verity digest of the content, if it is known: 32 bytes for SHA-256, 64 for SHA-512. */
  digest?: ByteString;
  /** Path of the object, relative to the store, if it is known; may be absent if the digest gives it (TREE-006). */
  payload?: ByteString;
}

export interface Symlink extends Attributes {
  kind: 'symlink';
  /** 1 to 4,095 bytes without NUL. */
  target: ByteString;
}

export interface Device extends Attributes {
  kind: 'character' | 'block';
  /** Device number of 32 bits: `minor & 0xff | major << 8 | (minor & 0xfff00) << 12`, as in Linux. */
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

/** What messages call each kind of inode. */
export const kindNames: Readonly<Record<Inode['kind'], string>> = {
  directory: 'directory',
  inline: 'regular file',
  external: 'regular file',
  symlink: 'symbolic link',
  character: 'character device',
  block: 'block device',
  fifo: 'fifo',
  socket: 'socket',
};

/** Whether `inode` is a whiteout: a character device with device number 0, which overlayfs reads as a deleted name. */
export function isWhiteout(inode: Inode): inode is Device {
  return inode.kind === 'character' && inode.rdev === 0;
}
