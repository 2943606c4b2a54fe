/**
 * fs-verity of the file system, through the program `fsverity` (STORE-084).
 * @module
 */

import { closeSync, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { ComposefsError } from '../errors.ts';
import { asFileError, isSystemError } from '../oci/file.ts';
import type { StoreAlgorithm } from './metadata.ts';
import { runProgram } from './programs.ts';

/** The numbers in statfs(2) of the file systems that have fs-verity: ext4, f2fs and btrfs. */
const withVerity: ReadonlySet<number> = new Set([0xef53, 0xf2f52010, 0x9123683e]);

const MISSING = 'the program fsverity is missing, without which nothing is written here: install fsverity';

/** What `fsverity measure` says of a file without fs-verity, on a file system that has it or not. */
const WITHOUT = /No data available|Operation not supported|Inappropriate ioctl|not supported/i;

/**
 * Whether a file has fs-verity.
 *
 * @throws ComposefsError STORE_VERITY if that cannot be found out.
 */
export async function hasVerity(path: string): Promise<boolean> {
  const location = { file: path };
  const { type } = await statfs(path).catch(error => {
    throw asFileError(error, location);
  });
  if (!withVerity.has(type) || isOpenedForWriting(path)) return false;
  const result = await runProgram('fsverity', ['measure', path]);
  if (result === undefined) throw new ComposefsError('STORE_VERITY', MISSING, location);
  if (result.status === 0) return true;
  if (WITHOUT.test(result.stderr)) return false;
  throw new ComposefsError('STORE_VERITY', `fsverity measure failed: ${result.stderr}`, location);
}

/** Whether a file can be opened for writing, which the kernel does not allow for one with fs-verity. */
function isOpenedForWriting(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** Enables fs-verity on a file, or rejects with STORE_VERITY. */
export async function enableVerity(path: string, algorithm: StoreAlgorithm): Promise<void> {
  const location = { file: path };
  const hash = algorithm === 'fsverity-sha256-12' ? 'sha256' : 'sha512';
  const result = await runProgram('fsverity', ['enable', path, `--hash-alg=${hash}`, '--block-size=4096']);
  if (result === undefined) throw new ComposefsError('STORE_VERITY', MISSING, location);
  if (result.status === 0) return;
  throw new ComposefsError('STORE_VERITY', `fsverity enable failed: ${result.stderr}`, location);
}
