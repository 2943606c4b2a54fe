/**
 * Removes a folder with whatever an adapter put into it.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';

/** The length of a path below the removed folder from which on a subfolder is moved up, far below all PATH_MAX. */
const LONG_PATH = 512;

/**
 * Removes `folder`, whatever the depth, names and modes in it are, or the file or link in its place. Throws if
 * something cannot be removed. `fs.rm` fails on paths that are too long and on folders that cannot be opened.
 */
export function removeFolder(folder: string): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return;
  // Names are bytes, because not every name is UTF-8.
  const path = Buffer.from(folder);
  if (!found.isDirectory()) {
    unlinkSync(path);
    return;
  }
  do removeContent(path, path);
  while (readdirSync(path).length > 0);
  rmdirSync(path);
}

/** Removes what is in `folder`, except that a subfolder with a long path is moved to `top`. */
function removeContent(folder: Buffer, top: Buffer): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const path = pathOf(folder, entry.name);
    if (!entry.isDirectory()) {
      unlinkSync(path);
    } else if (path.length - top.length > LONG_PATH) {
      // A folder that cannot be written cannot be moved.
      chmodSync(path, 0o700);
      renameSync(path, pathOf(top, Buffer.from(randomBytes(16).toString('hex'))));
    } else {
      removeContent(path, top);
      rmdirSync(path);
    }
  }
}

function pathOf(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}
