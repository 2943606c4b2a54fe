/**
 * The content of a regular file: in the tree itself when it is short, else by its fs-verity digest.
 * @module
 */

import { FsVerity } from '../fsverity/digest.ts';
import type { Attributes, ExternalFile, InlineFile } from './inode.ts';
import { objectPath } from './object-path.ts';
import type { TreeOptions } from './options.ts';

/** The longest content that stands in the tree itself, in bytes (TREE-004). */
export const INLINE_LIMIT = 64;

/**
 * A regular file of `size` bytes. `content` is read to its end, once, and not held where it is longer than
 * {@link INLINE_LIMIT}.
 */
export async function regularFile(
  attributes: Attributes,
  size: number,
  content: AsyncIterable<Uint8Array>,
  { algorithm, sha2 }: Pick<TreeOptions, 'algorithm' | 'sha2'>,
): Promise<InlineFile | ExternalFile> {
  if (size <= INLINE_LIMIT) {
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of content) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return { kind: 'inline', ...attributes, content: bytes };
  }
  const verity = new FsVerity(algorithm, sha2);
  for await (const chunk of content) verity.update(chunk);
  const digest = verity.digest();
  // TREE-005
  return { kind: 'external', ...attributes, size: BigInt(size), payload: objectPath(digest), digest };
}
