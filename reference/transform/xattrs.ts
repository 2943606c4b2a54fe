/**
 * The xattr policy (spec/transform.md, "The xattr policy").
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { inodes } from '../tree/directory.ts';
import { type Directory, noXattrs, type Xattrs } from '../tree/inode.ts';
import type { XattrPolicy } from '../tree/options.ts';

const CAPABILITY = ascii('security.capability');
const USER = ascii('user.');

/** Removes the extended attributes that `policy` does not keep from every inode of the tree. */
export function filterXattrs(root: Directory, policy: XattrPolicy): void {
  for (const inode of inodes(root)) inode.xattrs = keptXattrs(inode.xattrs, policy);
}

function keptXattrs(xattrs: Xattrs, policy: XattrPolicy): Xattrs {
  // Inodes can share their attributes, so these are copied only if they change.
  if ([...xattrs.keys()].every(name => keepsXattr(policy, name))) return xattrs;
  const result = new Map([...xattrs].filter(([name]) => keepsXattr(policy, name)));
  return result.size === 0 ? noXattrs : result;
}

/** Whether `policy` keeps the attribute `name`. */
export function keepsXattr(policy: XattrPolicy, name: ByteString): boolean {
  switch (policy) {
    case 'allowlist-only':
      return name === CAPABILITY; // XFORM-006
    case 'keep-user-xattrs':
      return name === CAPABILITY || name.startsWith(USER); // XFORM-007
  }
}
