/**
 * Reads the files that an answer names. They must be regular files in `outDir`, and links are not followed.
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { throwIfExhausted } from '../../suite/system-error.ts';
import { limits } from '../limits.ts';

/** The beginning of a file of an answer, or why the file is not acceptable. */
export type AnswerFile =
  | { readonly beginning: Uint8Array; readonly size: number }
  | { readonly problem: string };

/** Reads at most `most` bytes of the file at `path`, relative to `outDir`, which is an absolute path without links. */
export async function readAnswerFile(outDir: string, path: string, most: number): Promise<AnswerFile> {
  const quoted = JSON.stringify(path);
  if (isAbsolute(path)) return { problem: `the file ${quoted} is not relative to outDir` };
  if (normalize(path).split('/')[0] === '..') return { problem: `the file ${quoted} is outside outDir` };
  const wanted = join(outDir, path);
  try {
    if (realpathSync.native(wanted) !== wanted)
      return { problem: `the path of the file ${quoted} contains a symlink` };
    // Without O_NONBLOCK, opening a FIFO would block.
    const file = openSync(wanted, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return { problem: `the file ${quoted} is not a regular file` };
      if (stat.size > limits.fileBytes)
        return { problem: `the file ${quoted} is larger than ${limits.fileBytes} bytes` };
      const buffer = new Uint8Array(Math.min(most, stat.size));
      let read = 0;
      while (read < buffer.length) {
        const bytesRead = readSync(file, buffer, read, buffer.length - read, read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      return { beginning: buffer.subarray(0, read), size: stat.size };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throwIfExhausted(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { problem: `the file ${quoted} cannot be read (${code})` };
  }
}
