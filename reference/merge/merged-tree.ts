/**
 * Applies a layer to the tree of the layers below it (spec/merge.md, "Applying layers" and "Whiteouts").
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { findDirectory } from '../tree/directory.ts';
import type { Directory } from '../tree/inode.ts';
import { applyEntries } from './apply-entries.ts';
import type { Layer } from './layer.ts';
import type { Marker } from './whiteouts.ts';

/** Applies `layer` to the tree below `root`: its markers to the lower tree first, then its ordinary entries. */
export function applyLayer(root: Directory, { markers, ordinary }: Layer): void {
  const withoutEffect = applyMarkers(root, markers);
  applyEntries(root, ordinary, 'MERGE_LINK_TARGET');
  for (const { marker, lower } of withoutEffect) checkParentPath(root, marker, lower);
}

/** A marker whose parent path has no directory in the lower tree. */
interface MarkerWithoutEffect {
  readonly marker: Marker;
  /** The parent path in the lower tree. */
  readonly lower: 'missing' | 'blocked';
}

/**
 * Deletes what the markers name from the lower tree, and returns the markers that have no directory in it. The parent
 * directories of all markers are looked up first, so that the order of markers does not matter (MERGE-021).
 */
function applyMarkers(root: Directory, markers: readonly Marker[]): MarkerWithoutEffect[] {
  const withoutEffect: MarkerWithoutEffect[] = [];
  const found: { marker: Marker; directory: Directory }[] = [];
  for (const marker of markers) {
    const lower = findDirectory(root, marker.parentPath);
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

/** Rejects a marker whose parent path is blocked in one tree and has no directory in either (MERGE-024). */
function checkParentPath(root: Directory, marker: Marker, lower: 'missing' | 'blocked'): void {
  const result = findDirectory(root, marker.parentPath);
  if (result === 'blocked' || (result === 'missing' && lower === 'blocked')) {
    throw new ComposefsError(
      'MERGE_PARENT',
      'the parent path of the marker leads to or through something that is not a directory',
      marker.location,
    );
  }
}
