/**
 * An entry of a layer, after its header and its extended headers are resolved (spec/layers.md).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { Timestamp, Xattrs } from '../tree/inode.ts';

/** The attributes that every entry has. Those of a hard link are ignored (MERGE-012). */
export interface TarEntryAttributes {
  /** The names in the path, without empty ones and `.`; none for the root. Never `..`. */
  readonly path: readonly ByteString[];
  /** The name as the archive has it, for errors. */
  readonly name: ByteString;
  /** Offset of the header of the entry, after its extended headers, in the decompressed archive. */
  readonly offset: number;
  /** 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
  /** The `SCHILY.xattr.` records. */
  readonly xattrs: Xattrs;
}

/** One entry of a layer. */
export type TarEntry = TarEntryAttributes &
  (
    | { readonly kind: 'directory' }
    /** `content` cannot be read after the next entry is requested. */
    | {
        readonly kind: 'file';
        readonly size: number;
        readonly content: AsyncIterable<Uint8Array>;
        /** The fs-verity digest of the content, if it is known before the content is read: a store knows it. */
        readonly digest?: ByteString | undefined;
      }
    | { readonly kind: 'symlink'; readonly target: ByteString }
    | { readonly kind: 'hardlink'; readonly target: readonly ByteString[] }
    | { readonly kind: 'character' | 'block'; readonly rdev: number }
    | { readonly kind: 'fifo' }
  );

/** The entry of a regular file. */
export type FileEntry = Extract<TarEntry, { kind: 'file' }>;

/** What messages call each kind of entry. */
export const entryKindNames: Readonly<Record<TarEntry['kind'], string>> = {
  directory: 'directory',
  file: 'regular file',
  symlink: 'symbolic link',
  hardlink: 'hard link',
  character: 'character device',
  block: 'block device',
  fifo: 'fifo',
};
