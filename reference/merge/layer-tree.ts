/**
 * The standalone layer tree: one layer without the others, for overlayfs to stack (spec/merge.md, "Standalone layer
 * tree").
 * @module
 */

import { ascii } from '../bytes.ts';
import { impliedDirectory, inodesOnPath, splitPath } from '../tree/directory.ts';
import { type Device, type Directory, epoch, type Inode, noXattrs } from '../tree/inode.ts';
import { applyEntries, makeDirectories } from './apply-entries.ts';
import type { OrdinaryEntry } from './layer.ts';
import type { Marker } from './markers.ts';
import type { TreeSize } from './tree-size.ts';

const OPAQUE_XATTR = ascii('trusted.overlay.opaque');
const OPAQUE_VALUE = ascii('y');

/** The tree of the ordinary entries of one layer: the first two steps of MERGE-028. */
export function layerTreeOfEntries(entries: readonly OrdinaryEntry[], size: TreeSize): Directory {
  const root = impliedDirectory();
  applyEntries(root, entries, 'standalone', size);
  return root;
}

/**
 * Turns markers into the whiteouts and opaque directories that overlayfs reads: the last step of MERGE-028. The xattr
 * policy is applied before, because it would remove the attribute of opaque directories.
 */
export function addMarkersToLayerTree(root: Directory, markers: readonly Marker[], size: TreeSize): void {
  const opaque = new Set<Inode>();
  const makeOpaque = (directory: Directory) => {
    opaque.add(directory);
    directory.xattrs = new Map(directory.xattrs).set(OPAQUE_XATTR, OPAQUE_VALUE);
  };
  const whiteouts = new Set<Inode>();
  // MERGE-038: a directory becomes opaque before the markers in it and below it, whose parent paths are longer.
  const topDown = [...markers].sort(
    (a, b) => a.parentPath.length - b.parentPath.length || kindOrder[a.kind] - kindOrder[b.kind],
  );
  for (const marker of topDown) {
    const parentPath = splitPath(marker.parentPath);
    const above = inodesOnPath(root, parentPath);
    // MERGE-036
    if (above.some(inode => whiteouts.has(inode))) continue;
    if (marker.kind === 'opaque') {
      // MERGE-032
      makeOpaque(makeDirectories(root, parentPath, marker.location, size));
      continue;
    }
    // MERGE-035
    if (above.some(inode => opaque.has(inode))) continue;
    const directory = makeDirectories(root, parentPath, marker.location, size);
    const existing = directory.children.get(marker.deletedName);
    if (existing === undefined) {
      // MERGE-031
      const whiteout = newWhiteout();
      whiteouts.add(whiteout);
      directory.children.set(marker.deletedName, whiteout);
    } else if (existing.kind === 'directory') {
      // MERGE-033
      makeOpaque(existing);
    }
  }
}

const kindOrder = { opaque: 0, whiteout: 1 } as const;

/** A whiteout with the attributes that the writer gives its own (MERGE-031). */
function newWhiteout(): Device {
  return { kind: 'character', mode: 0o644, uid: 0, gid: 0, mtime: epoch, xattrs: noXattrs, rdev: 0 };
}
