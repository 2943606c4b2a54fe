/**
 * Makes a tree bootable (spec/transform.md, "Bootable images").
 * @module
 */

import { ascii } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { findInode, inodesOnPath } from '../tree/directory.ts';
import type { Directory } from '../tree/inode.ts';
import { emptyDirectory } from './empty-directory.ts';

const BOOT = ascii('boot');
const SYSROOT = ascii('sysroot');
const SELINUX_CONFIG = ['etc', 'selinux', 'config'].map(ascii);

/** Makes the tree below `root` bootable, after the OCI transforms. Rejects with TRANSFORM_SELINUX. */
export function transformBootable(root: Directory): void {
  rejectSelinuxPolicy(root);
  for (const name of [BOOT, SYSROOT]) emptyDirectory(root, name);
}

/** XFORM-012: the inodes of an image with a policy would have to be labelled, which the standard does not define. */
function rejectSelinuxPolicy(root: Directory): void {
  if (findInode(root, SELINUX_CONFIG) === 'missing') return;
  const existing = SELINUX_CONFIG.slice(0, inodesOnPath(root, SELINUX_CONFIG).length - 1);
  throw new ComposefsError('TRANSFORM_SELINUX', 'this may be the SELinux policy of the image', {
    entry: ascii(existing.map(name => `/${name}`).join('')),
  });
}
