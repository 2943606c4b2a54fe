/**
 * Applies a layer to the tree of the layers below it (spec/merge.md, "Applying layers").
 * @module
 */

import type { Directory } from '../tree/inode.ts';
import { applyEntries } from './apply-entries.ts';
import { applyWhiteouts, checkWithoutEffect } from './apply-whiteouts.ts';
import type { Layer } from './layer.ts';
import type { TreeSize } from './tree-size.ts';

/** Applies `layer` to the tree below `root`: its markers to the lower tree first, then its ordinary entries. */
export function applyLayer(root: Directory, { markers, ordinary }: Layer, size: TreeSize): void {
  const withoutEffect = applyWhiteouts(root, markers);
  applyEntries(root, ordinary, 'merged', size);
  for (const marker of withoutEffect) checkWithoutEffect(root, marker);
}
