/**
 * Random trees for tests, from the generator of the accumulated cases: the same seed gives the same tree.
 * @module
 */

import { knownTreeDifferences } from '../../conformance/generate/random-trees/known-differences.ts';
import { RandomBytes } from '../../conformance/generate/random-trees/random-bytes.ts';
import { randomTree as anyRandomTree } from '../../conformance/generate/random-trees/random-tree.ts';
import { names } from '../../conformance/generate/random-trees/traverse.ts';
import { ascii } from '../bytes.ts';
import type { Directory } from '../tree/inode.ts';

export { RandomBytes as Random };

/** A tree of at least `size` names, combined from as many random trees as that needs. The writer accepts it. */
export function randomTree(seed: number, size: number): Directory {
  const tree = acceptedTree(seed);
  for (let more = 1; [...names(tree)].length < size; more++) {
    tree.children.set(ascii(`tree ${more}`), acceptedTree(seed + 1000 * more));
  }
  return tree;
}

/** A random tree without whiteouts that have several names, which the writer rejects (EROFS-002). */
function acceptedTree(seed: number): Directory {
  const tree = anyRandomTree('all', seed);
  knownTreeDifferences.find(({ name }) => name === 'whiteout-linked')?.remove(tree);
  return tree;
}
