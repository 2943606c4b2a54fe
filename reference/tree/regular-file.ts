/**
 * Inline and external files (spec/tree.md, "Content of regular files").
 * @module
 */

import { byteString } from '../bytes.ts';
import type { FsVerity } from '../fsverity/digest.ts';
import type { Attributes, ExternalFile, InlineFile } from './inode.ts';

/** The longest content of an inline file, in bytes (TREE-004). */
export const INLINE_LIMIT = 64;

/**
 * A regular file of `size` bytes. `content` is read once, to its end; content longer than {@link INLINE_LIMIT} is
 * hashed with `verity` and not kept.
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
  // TREE-005
  const digest = byteString(verity.digest());
  return { kind: 'external', mode, uid, gid, mtime, xattrs, size: BigInt(size), digest };
}
