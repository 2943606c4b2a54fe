/**
 * Writes a sealed image into a layout: its blobs first and `index.json` last, so that a reader sees all of it or
 * nothing (SEAL-050).
 * @module
 */

import { constants } from 'node:fs';
import { cp, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ComposefsError } from '../errors.ts';
import { asFileError, isSystemError } from '../oci/file.ts';
import type { LayoutUpdate } from '../seal/node/seal.ts';
import { writeFile } from './output.ts';

/**
 * Writes the result of sealing the layout `from` to the layout `to`. If `to` is not the same directory, it becomes a
 * copy of `from` first.
 *
 * @throws ComposefsError REQUEST_FILE if `to` is a different directory and not empty.
 */
export async function writeLayout(from: string, to: string, { blobs, index }: LayoutUpdate): Promise<void> {
  try {
    if (!(await isSame(from, to))) await copyLayout(from, to);
    for (const [digest, bytes] of blobs) {
      const path = join(to, 'blobs', ...digest.split(':'));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, [bytes]);
    }
    await writeFile(join(to, 'index.json'), [index]);
  } catch (error) {
    throw asFileError(error, { file: to });
  }
}

async function isSame(from: string, to: string): Promise<boolean> {
  try {
    return (await realpath(from)) === (await realpath(to));
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Copies a layout, except its index, which is written when the copy is complete. */
async function copyLayout(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  if ((await readdir(to)).length > 0) {
    const detail = 'the output directory is not empty: choose a new one, or the layout of the image';
    throw new ComposefsError('REQUEST_FILE', detail, { file: to });
  }
  for (const name of ['oci-layout', 'blobs']) {
    const source = join(from, name);
    if (name === 'blobs' && !(await isDirectory(source))) continue;
    // Some tools create layouts out of symbolic links; the copy does not depend on the original.
    await cp(source, join(to, name), {
      recursive: true,
      dereference: true,
      mode: constants.COPYFILE_FICLONE,
    });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
