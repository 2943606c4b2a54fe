/**
 * A layer onto the tree of the layers below it (spec/merge.md).
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { findDirectory } from '../tree/directory.ts';
import type { Directory } from '../tree/inode.ts';
import { applyChanges } from './apply.ts';
import type { Layer } from './layer.ts';
import type { Marker } from './whiteouts.ts';

/** Applies `layer` to the tree below `root`: first its markers, to what the layers below left, then its entries. */
export function mergeLayer(root: Directory, { markers, changes }: Layer): void {
  const open = applyMarkers(root, markers);
  applyChanges(root, changes, 'MERGE_LINK_TARGET');
  for (const { marker, lower } of open) checkDirectory(root, marker, lower);
}

/**
 * Deletes what the markers name, and returns those that have no directory in the tree, with what is there.
 * All directories are found before anything is deleted, so that the order of markers says nothing (MERGE-021).
 */
function applyMarkers(
  root: Directory,
  markers: readonly Marker[],
): { marker: Marker; lower: 'missing' | 'blocked' }[] {
  const open: { marker: Marker; lower: 'missing' | 'blocked' }[] = [];
  const found: { marker: Marker; directory: Directory }[] = [];
  for (const marker of markers) {
    const lower = findDirectory(root, marker.directory);
    if (typeof lower === 'string') open.push({ marker, lower });
    else found.push({ marker, directory: lower });
  }
  for (const { marker, directory } of found) {
    if (marker.kind === 'opaque') directory.children.clear();
    else directory.children.delete(marker.name);
  }
  return open;
}

/** Refuses a marker that stands below something that is not a directory, and below a directory in neither tree. */
function checkDirectory(root: Directory, marker: Marker, lower: 'missing' | 'blocked'): void {
  const outcome = findDirectory(root, marker.directory);
  // MERGE-024
  if (outcome === 'blocked' || (outcome === 'missing' && lower === 'blocked')) {
    throw new ComposefsError(
      'MERGE_PARENT',
      'a whiteout stands below what is not a directory',
      marker.location,
    );
  }
}
