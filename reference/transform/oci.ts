/**
 * The OCI transforms, which remove from a merged tree what depends on how the image was built (spec/transform.md).
 * @module
 */

import { ascii } from '../bytes.ts';
import type { Directory } from '../tree/inode.ts';
import type { XattrPolicy } from '../tree/options.ts';
import { emptyDirectory, usrDirectory } from './empty-directory.ts';
import { filterXattrs } from './xattrs.ts';

const RUN = ascii('run');

/** Transforms the merged tree below `root` in place. The root must have the attributes that merging gives it. */
export function transformOci(root: Directory, policy: XattrPolicy): void {
  const usr = usrDirectory(root);
  // XFORM-001, XFORM-002
  if (usr !== undefined) {
    const { mode, uid, gid, mtime, xattrs } = usr;
    Object.assign(root, { mode, uid, gid, mtime, xattrs });
  }
  emptyDirectory(root, RUN); // XFORM-003
  filterXattrs(root, policy); // XFORM-008
}
