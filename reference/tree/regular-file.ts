/**
 * The content of a regular file: in the tree itself when it is short, else by its fs-verity digest.
 * @module
 */

import type { FsVerity } from '../fsverity/digest.ts';
import type { Attributes, ExternalFile, InlineFile } from './inode.ts';
import { objectPath } from './object-path.ts';

/** The longest content that stands in the tree itself, in bytes (TREE-004). */
export const INLINE_LIMIT = 64;

/**
 * A regular file of `size` bytes. `content` is read to its end, once, and not held where it is longer than
 * {@link INLINE_LIMIT}; `verity` has no other file under way.
 */
export async function regularFile(
  { mode, uid, gid, mtime, xattrs }: Attributes,
  size: number,
  content: AsyncIterable<Uint8Array>,
  verity: FsVerity,
): Promise<InlineFile | ExternalFile> {
  if (size <= INLINE_LIMIT) {
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of content) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return { kind: 'inline', mode, uid, gid, mtime, xattrs, content: bytes };
  }
  for await (const chunk of content) verity.update(chunk);
  // Copied: it may be a part of a larger array, which would stay with it.
  const digest = new Uint8Array(verity.digest());
  // TREE-005
  const payload = objectPath(digest);
  return { kind: 'external', mode, uid, gid, mtime, xattrs, size: BigInt(size), payload, digest };
}
