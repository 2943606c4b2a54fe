/**
 * Tests the whiteouts and opaque directories of an image: the files that they must hide in a layer below it when the
 * mounted image is a layer of another overlayfs.
 * @module
 */

import type { DumpfileTree } from './dumpfile-tree.ts';
import { isDirectory, isWhiteout, parentOf } from './expected-listing.ts';

const OPAQUE = 'trusted.overlay.opaque';

/**
 * Files to put into a lower layer, and whether they are visible through the tree: one at the path of each whiteout,
 * which hides it, and one in every directory, which is hidden if the directory is opaque. Empty if the tree hides
 * nothing.
 */
export function lowerLayerFiles(tree: DumpfileTree): ReadonlyMap<string, boolean> {
  const files = new Map<string, boolean>();
  const inodes = [...tree];
  if (!inodes.some(([, inode]) => isWhiteout(inode) || inode.xattrs.has(OPAQUE))) return files;
  const withWhiteout = new Set(
    inodes.filter(([, inode]) => isWhiteout(inode)).map(([path]) => parentOf(path)),
  );
  // EROFS-010: the attribute of a directory with a whiteout replaces the opaque one. The root of a layer is never
  // opaque.
  const opaque = inodes
    .filter(([path, inode]) => path !== '/' && inode.xattrs.get(OPAQUE) === 'y' && !withWhiteout.has(path))
    .map(([path]) => path);
  const isVisible = (path: string) => !opaque.some(above => `${path}/`.startsWith(`${above}/`));
  for (const [path, inode] of inodes) {
    if (isWhiteout(inode)) files.set(path, false);
    if (!isDirectory(inode)) continue;
    const file = `${path === '/' ? '' : path}/below`;
    if (!tree.has(file)) files.set(file, isVisible(path));
  }
  return files;
}
