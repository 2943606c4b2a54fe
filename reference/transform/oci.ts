/**
 * The OCI transforms: what a merged tree needs before it has a digest that does not depend on how the image was
 * built (spec/transform.md).
 * @module
 */

import { ascii } from '../bytes.ts';
import type { Directory } from '../tree/inode.ts';
import type { XattrPolicy } from '../tree/options.ts';
import { emptyDirectory, usrOf } from './empty.ts';
import { filterXattrs } from './xattrs.ts';

const RUN = ascii('run');

/** Transforms the merged tree below `root` in place. The root is as the merge left it: 0755 0:0, mtime 0. */
export function transformOci(root: Directory, policy: XattrPolicy): void {
  const usr = usrOf(root);
  if (usr !== undefined) {
    // XFORM-001
    const { mode, uid, gid, mtime, xattrs } = usr;
    Object.assign(root, { mode, uid, gid, mtime, xattrs });
  }
  emptyDirectory(root, RUN); // XFORM-003
  filterXattrs(root, policy);
}
