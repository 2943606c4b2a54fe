/**
 * Random trees for tests, by the generator of the accumulated cases: the same seed gives the same tree.
 * @module
 */

import { knownTreeDifferences } from '../../conformance/generate/random-trees/known-differences.ts';
import { RandomBytes } from '../../conformance/generate/random-trees/random-bytes.ts';
import { randomTree as drawn } from '../../conformance/generate/random-trees/random-tree.ts';
import { names } from '../../conformance/generate/random-trees/traverse.ts';
import { ascii } from '../bytes.ts';
import type { Directory } from '../tree/inode.ts';

export { RandomBytes as Random };

/** A tree of at least `size` names from `seed`, which the writer accepts: trees are put together until it has as many. */
export function randomTree(seed: number, size: number): Directory {
  const tree = accepted(seed);
  for (let more = 1; [...names(tree)].length < size; more++) {
    tree.children.set(ascii(`tree ${more}`), accepted(seed + 1000 * more));
  }
  return tree;
}

/** With everything that there is but whiteouts of several names, which are refused (EROFS-002). */
function accepted(seed: number): Directory {
  const tree = drawn('all', seed);
  knownTreeDifferences.find(({ name }) => name === 'whiteout-linked')?.remove(tree);
  return tree;
}
