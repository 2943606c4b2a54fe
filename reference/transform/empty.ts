/**
 * Directories of the root that are emptied, and `/usr`, which they take their time from (spec/transform.md).
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { type Directory, epoch } from '../tree/inode.ts';

const USR = ascii('usr');

/** `/usr`, if it is a directory. */
export function usrOf(root: Directory): Directory | undefined {
  const usr = root.children.get(USR);
  return usr?.kind === 'directory' ? usr : undefined;
}

/** Empties the directory `name` of the root, which takes the mtime of `/usr`. What is no directory stays. */
export function emptyDirectory(root: Directory, name: ByteString): void {
  const directory = root.children.get(name);
  if (directory?.kind !== 'directory') return; // XFORM-005, XFORM-010
  directory.children.clear();
  directory.mtime = usrOf(root)?.mtime ?? epoch; // XFORM-004, XFORM-009
}
