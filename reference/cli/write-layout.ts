/**
 * Writes a sealed image into a layout: its blobs first, `index.json` last, so that a reader sees all of it or nothing.
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
 * Writes `output` of sealing the layout `from` to the layout `to`, which is the same one, or is made a copy of it
 * first. Refused with REQUEST_FILE where `to` is another directory with something in it.
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

/** Everything of a layout but its index, which is written when the copy is complete. */
async function copyLayout(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  if ((await readdir(to)).length > 0) {
    throw new ComposefsError('REQUEST_FILE', 'the directory is there and not empty', { file: to });
  }
  for (const name of ['oci-layout', 'blobs']) {
    const source = join(from, name);
    if (name === 'blobs' && !(await isDirectory(source))) continue;
    // Some tools make layouts of symbolic links; the copy stands by itself.
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
