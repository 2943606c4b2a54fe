/**
 * What a transformed tree needs on top to be booted (spec/transform.md, "Bootable images").
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import type { Directory, Inode } from '../tree/inode.ts';
import { emptyDirectory } from './empty.ts';

const BOOT = ascii('boot');
const SYSROOT = ascii('sysroot');
const POLICY_FOLDER = ['etc', 'selinux'].map(ascii);
const POLICY_CONFIG = ascii('config');

/** Makes the tree below `root`, after the OCI transforms, one to be booted. Throws TRANSFORM_SELINUX. */
export function transformBootable(root: Directory): void {
  checkPolicy(root);
  for (const name of [BOOT, SYSROOT]) emptyDirectory(root, name);
}

/** XFORM-011: the tree would be another one after the labels of a policy, which nothing here computes. */
function checkPolicy(root: Directory): void {
  let path: ByteString = ascii('');
  let inode: Inode | undefined = root;
  for (const name of [...POLICY_FOLDER, POLICY_CONFIG]) {
    if (inode.kind !== 'directory') break;
    inode = inode.children.get(name);
    if (inode === undefined) return;
    path = `${path}/${name}` as ByteString;
  }
  throw new ComposefsError('TRANSFORM_SELINUX', 'it may hold the SELinux policy of the image', {
    entry: path,
  });
}
