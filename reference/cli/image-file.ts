/**
 * Reading of EROFS images into memory. The superblock of a large one is checked before the rest is read.
 * @module
 */

import { closeSync } from 'node:fs';
import { readHead } from '../erofs/reader/head.ts';
import { ComposefsError } from '../errors.ts';
import { openFile, readChunks } from '../oci/file.ts';
import { readFile } from './source.ts';

/** Up to this size a file is read whatever its superblock says, so that `inspect` can show it. */
const UNCHECKED_MAX = 2 ** 24;
/** The largest file that is read: that of Node's own readFile. */
const SIZE_MAX = 2 ** 31;

/**
 * Reads a whole image, or stdin if `path` is `-`. Rejects with REQUEST_FILE, and a large one also with the codes of
 * the reader for its header, superblock and size.
 */
export async function readImageFile(path: string): Promise<Uint8Array> {
  if (path === '-') return joined(readFile(path, { file: path }));
  const { fd, size } = openFile(path, 'REQUEST_FILE', { file: path });
  try {
    return await joined(readChunks(fd, { file: path }), size);
  } finally {
    closeSync(fd);
  }
}

/** `file` as one array. `size` is its size, if that is known before it is read. */
async function joined(file: AsyncIterable<Uint8Array>, size = 0): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let expected: number | undefined;
  for await (const chunk of file) {
    chunks.push(chunk);
    length += chunk.length;
    const least = Math.max(length, size);
    if (least <= UNCHECKED_MAX) continue;
    expected ??= readHead(Buffer.concat(chunks)).size;
    if (least > expected) {
      throw new ComposefsError(
        'EROFS_SIZE',
        `the file is longer than ${expected} bytes, as its superblock says`,
      );
    }
    if (least > SIZE_MAX) {
      throw new ComposefsError(
        'REQUEST_FILE',
        `the file is longer than ${SIZE_MAX} bytes, the most that is read`,
      );
    }
  }
  return Buffer.concat(chunks);
}
