/**
 * Where the folders of requests are.
 * @module
 */

import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A file system in memory that most Linux systems have. */
const MEMORY = '/dev/shm';
/** Its f_type in statfs(2). */
const TMPFS = 0x01021994;
/** What it must have free. Containers often have 64 MiB there, which is less than some cases need. */
const MIN_FREE = 2 ** 31;

/**
 * The folder for temporary files: `TMPDIR` if it is set, else a file system in memory if it is large enough, because
 * folders are made and removed there in a fifth of the time. Folders that are kept are on disk.
 */
export function temporaryFolder(keep: boolean): string {
  return process.env['TMPDIR'] === undefined && !keep && hasMemory() ? MEMORY : tmpdir();
}

function hasMemory(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY);
    accessSync(MEMORY, constants.W_OK | constants.X_OK);
    return type === TMPFS && bavail * bsize >= MIN_FREE;
  } catch {
    return false;
  }
}
