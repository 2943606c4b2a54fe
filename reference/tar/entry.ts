/**
 * What one tar entry says, once its header forms are resolved (spec/layers.md).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { Timestamp, Xattrs } from '../tree/inode.ts';

/** Attributes that any entry carries. A hard link carries them too, and nobody looks at them. */
export interface TarEntryAttributes {
  /** Path components, `.` and empty ones removed; none for the root itself. Never `..`. */
  readonly path: readonly ByteString[];
  /** The path as it stands in the archive, for messages. */
  readonly name: ByteString;
  /** Offset of the entry's own header in the decompressed archive. */
  readonly offset: number;
  /** 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
  /** Every `SCHILY.xattr.` record; no policy is applied yet. */
  readonly xattrs: Xattrs;
}

/** One entry of a layer. */
export type TarEntry = TarEntryAttributes &
  (
    | { readonly kind: 'directory' }
    /** `content` must be read to its end, or left alone, before the next entry is asked for. */
    | { readonly kind: 'file'; readonly size: number; readonly content: AsyncIterable<Uint8Array> }
    | { readonly kind: 'symlink'; readonly target: ByteString }
    | { readonly kind: 'hardlink'; readonly target: readonly ByteString[] }
    | { readonly kind: 'character' | 'block'; readonly rdev: number }
    | { readonly kind: 'fifo' }
  );
