/**
 * Whiteouts and opaque directories at work: what another overlayfs hides of a layer below the mounted image.
 * @module
 */

import type { Tree } from './dumpfile-tree.ts';
import { isDirectory, isWhiteout, parentOf } from './expected-listing.ts';

const OPAQUE = 'trusted.overlay.opaque';

/**
 * Files for a layer below, and whether they can be seen through the tree: one below each whiteout, which hides it, and
 * one in every directory, which is hidden where the directory is opaque. Empty where the tree hides nothing.
 */
export function filesBelow(tree: Tree): ReadonlyMap<string, boolean> {
  const files = new Map<string, boolean>();
  const inodes = [...tree];
  if (!inodes.some(([, node]) => isWhiteout(node) || node.xattrs.has(OPAQUE))) return files;
  const marked = new Set(inodes.filter(([, node]) => isWhiteout(node)).map(([path]) => parentOf(path)));
  // EROFS-010: the mark of a whiteout replaces the opaque one. The root of a layer is never opaque.
  const opaque = inodes
    .filter(([path, node]) => path !== '/' && node.xattrs.get(OPAQUE) === 'y' && !marked.has(path))
    .map(([path]) => path);
  const isVisible = (path: string) => !opaque.some(above => `${path}/`.startsWith(`${above}/`));
  for (const [path, node] of inodes) {
    if (isWhiteout(node)) files.set(path, false);
    if (!isDirectory(node)) continue;
    const file = `${path === '/' ? '' : path}/below`;
    if (!tree.has(file)) files.set(file, isVisible(path));
  }
  return files;
}
