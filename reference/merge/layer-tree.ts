/**
 * The standalone tree of one layer, for overlayfs to stack (spec/merge.md, "Standalone layer tree").
 * @module
 */

import { ascii } from '../bytes.ts';
import { impliedDirectory, inodesOnPath } from '../tree/directory.ts';
import { type Device, type Directory, epoch, type Inode, noXattrs } from '../tree/inode.ts';
import { applyChanges, openDirectory } from './apply.ts';
import type { Change } from './layer.ts';
import type { Marker } from './whiteouts.ts';

const OPAQUE_XATTR = ascii('trusted.overlay.opaque');
const OPAQUE_VALUE = ascii('y');

/** The ordinary entries of one layer in a tree of their own: the first two steps of MERGE-028. */
export function entriesTree(changes: readonly Change[]): Directory {
  const root = impliedDirectory();
  applyChanges(root, changes, 'MERGE_LINK_LOWER');
  return root;
}

/**
 * Turns `markers` into the whiteouts and opaque directories that overlayfs knows: the last step of MERGE-028, after
 * the xattr policy, which does not apply to the attributes set here.
 */
export function applyStandaloneMarkers(root: Directory, markers: readonly Marker[]): void {
  const opaque = new Set<Inode>();
  const makeOpaque = (directory: Directory) => {
    opaque.add(directory);
    directory.xattrs = new Map(directory.xattrs).set(OPAQUE_XATTR, OPAQUE_VALUE);
  };
  const whiteouts = new Set<Inode>();
  // MERGE-038: what a marker says of a directory is known before the markers in it and below it are looked at.
  const topDown = [...markers].sort(
    (a, b) => a.directory.length - b.directory.length || kindOrder[a.kind] - kindOrder[b.kind],
  );
  for (const marker of topDown) {
    const above = inodesOnPath(root, marker.directory);
    // MERGE-036
    if (above.some(inode => whiteouts.has(inode))) continue;
    if (marker.kind === 'opaque') {
      makeOpaque(openDirectory(root, marker.directory, marker.location));
      continue;
    }
    // MERGE-035
    if (above.some(inode => opaque.has(inode))) continue;
    const directory = openDirectory(root, marker.directory, marker.location);
    const existing = directory.children.get(marker.name);
    if (existing === undefined) {
      const made = whiteout();
      whiteouts.add(made);
      directory.children.set(marker.name, made);
    } else if (existing.kind === 'directory') {
      makeOpaque(existing); // MERGE-033
    }
  }
}

const kindOrder = { opaque: 0, whiteout: 1 } as const;

/** What overlayfs takes for a whiteout, with the attributes of the writer's own (MERGE-031). */
function whiteout(): Device {
  return { kind: 'character', mode: 0o644, uid: 0, gid: 0, mtime: epoch, xattrs: noXattrs, rdev: 0 };
}
