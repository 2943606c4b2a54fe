/**
 * Empties directories of the root, and finds `/usr`, whose mtime they get (spec/transform.md).
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { type Directory, epoch } from '../tree/inode.ts';

const USR = ascii('usr');

/** `/usr`, or undefined if it is missing or is not a directory. */
export function usrDirectory(root: Directory): Directory | undefined {
  const usr = root.children.get(USR);
  return usr?.kind === 'directory' ? usr : undefined;
}

/** Empties the directory `name` of the root and gives it the mtime of `/usr`, or 0. Leaves anything else unchanged. */
export function emptyDirectory(root: Directory, name: ByteString): void {
  const directory = root.children.get(name);
  if (directory?.kind !== 'directory') return; // XFORM-005, XFORM-011
  directory.children.clear(); // XFORM-003, XFORM-009
  directory.mtime = usrDirectory(root)?.mtime ?? epoch; // XFORM-004, XFORM-010
}
