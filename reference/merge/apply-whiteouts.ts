/**
 * Applies whiteout and opaque markers to the tree of the layers below (spec/merge.md, "Whiteouts"). `layer-tree.ts`
 * turns them into whiteouts and opaque directories of a standalone layer tree.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { findDirectory, splitPath } from '../tree/directory.ts';
import type { Directory } from '../tree/inode.ts';
import type { Marker } from './markers.ts';

/** A marker whose parent path has no directory in the lower tree. */
export interface MarkerWithoutEffect {
  readonly marker: Marker;
  /** The parent path in the lower tree. */
  readonly lower: 'missing' | 'blocked';
}

/**
 * Deletes what the markers name from the lower tree, and returns the markers that have no directory in it. The parent
 * directories of all markers are looked up first, so that the order of markers does not matter (MERGE-021).
 */
export function applyWhiteouts(root: Directory, markers: readonly Marker[]): MarkerWithoutEffect[] {
  const withoutEffect: MarkerWithoutEffect[] = [];
  const found: { marker: Marker; directory: Directory }[] = [];
  for (const marker of markers) {
    const lower = findDirectory(root, splitPath(marker.parentPath));
    if (typeof lower === 'string') withoutEffect.push({ marker, lower });
    else found.push({ marker, directory: lower });
  }
  for (const { marker, directory } of found) {
    // MERGE-020; MERGE-019
    if (marker.kind === 'opaque') directory.children.clear();
    else directory.children.delete(marker.deletedName);
  }
  return withoutEffect;
}

/**
 * Rejects a marker whose parent path is blocked in one tree and has no directory in either (MERGE-024). `root` is the
 * root of the resulting tree.
 */
export function checkWithoutEffect(root: Directory, { marker, lower }: MarkerWithoutEffect): void {
  const result = findDirectory(root, splitPath(marker.parentPath));
  if (result === 'blocked' || (result === 'missing' && lower === 'blocked')) {
    throw new ComposefsError(
      'MERGE_PARENT',
      'the parent path of the marker leads to or through something that is not a directory',
      marker.location,
    );
  }
}
