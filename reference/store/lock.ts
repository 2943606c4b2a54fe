/**
 * The lock of a store: `flock(2)` on its directory, which other programs take as well (STORE-073).
 *
 * Node has no flock. The program `flock` of util-linux locks the open directory that it inherits; the lock belongs to
 * the open directory, so it stays with this process after the program ended, and the kernel releases it in any case.
 * @module
 */

import { closeSync, openSync } from 'node:fs';
import { ComposefsError } from '../errors.ts';
import { asFileError } from '../oci/file.ts';
import { runProgram } from './programs.ts';

/** `shared`: beside other uses; `exclusive`: alone. */
export type LockMode = 'shared' | 'exclusive';

/** Options of operations that lock a store. */
export interface LockOptions {
  /** Called if another process holds the lock. */
  readonly waiting?: (() => void) | undefined;
}

/**
 * Runs `work` while this process holds the lock, and waits for it. `waiting` is called if another process holds it.
 *
 * @throws ComposefsError STORE_LOCK if the lock cannot be taken (STORE-032).
 */
export async function whileLocked<T>(
  directory: string,
  mode: LockMode,
  work: () => Promise<T>,
  { waiting }: LockOptions = {},
): Promise<T> {
  const location = { file: directory };
  let fd: number;
  try {
    fd = openSync(directory, 'r');
  } catch (error) {
    throw asFileError(error, location);
  }
  try {
    const flock = (...options: string[]) => runProgram('flock', [`--${mode}`, ...options, '3'], fd);
    let result = await flock('--nonblock');
    if (result?.status === 1) {
      waiting?.();
      result = await flock();
    }
    if (result === undefined) {
      const detail = 'the program flock is missing, which locks the store: install util-linux';
      throw new ComposefsError('STORE_LOCK', detail, location);
    }
    if (result.status !== 0) {
      throw new ComposefsError('STORE_LOCK', `flock failed: ${result.stderr}`, location);
    }
    return await work();
  } finally {
    closeSync(fd);
  }
}
