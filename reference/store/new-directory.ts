/**
 * New directories: complete or not at all.
 * @module
 */

import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ComposefsError } from '../errors.ts';
import { undoUnlessDone } from '../files/interrupt.ts';
import { syncDirectory, temporaryName } from '../files/replace.ts';
import { asFileError, isSystemError } from '../oci/file.ts';

/**
 * Fills a directory next to `path`, and renames it to `path`, which does not exist or is empty.
 *
 * @throws ComposefsError REQUEST_FILE if there is something else, or an error of the system.
 */
export async function newDirectory(
  path: string,
  fill: (directory: string) => Promise<void>,
  mode = 0o777,
): Promise<void> {
  const temporary = temporaryName(path);
  const location = { file: path };
  try {
    await undoUnlessDone(
      () => rmSync(temporary, { recursive: true, force: true }),
      async () => {
        mkdirSync(temporary, { mode });
        await fill(temporary);
        // A directory can replace an empty one, and nothing else.
        renameSync(temporary, path);
        await syncDirectory(dirname(path));
      },
    );
  } catch (error) {
    if (isSystemError(error) && ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code)) {
      const detail = 'there is something already: name a directory that does not exist, or is empty';
      throw new ComposefsError('REQUEST_FILE', detail, location);
    }
    throw asFileError(error, location);
  }
}
