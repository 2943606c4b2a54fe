/**
 * Makes a tree bootable (spec/transform.md, "Bootable images").
 * @module
 */

import { ascii } from '../bytes.ts';
import type { Directory } from '../tree/inode.ts';
import { emptyDirectory } from './empty-directory.ts';

const BOOT = ascii('boot');
const SYSROOT = ascii('sysroot');

/** Makes the tree below `root` bootable, after the OCI transforms; it can then be labelled. */
export function transformBootable(root: Directory): void {
  for (const name of [BOOT, SYSROOT]) emptyDirectory(root, name);
}
