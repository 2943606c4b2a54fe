/**
 * Many random trees, compared one by one; each unknown difference is made small.
 * @module
 */

import type { ErofsFormat } from '../../reference/erofs/formats.ts';
import type { Directory } from '../../reference/tree/inode.ts';
import type { Contested } from '../random/contested.ts';
import { randomTree, type Stream } from '../random/random-tree.ts';
import { names } from '../random/walk.ts';
import type { Progress } from '../run/run-suite.ts';
import { share } from '../run/schedule.ts';
import type { TreeWriter } from '../run/tree-writer.ts';
import { compare, firstDifference, without } from './compare.ts';
import { shrink } from './shrink.ts';

/** What to compare. */
export interface FuzzOptions {
  readonly trees: Stream;
  readonly format: ErofsFormat;
  /** The first seed, and how many. */
  readonly seed: number;
  readonly count: number;
  /** As `knownPoints` gives them: the last list has all. */
  readonly known: readonly (readonly Contested[])[];
  /** After so many unknown differences it ends. */
  readonly most: number;
  readonly progress: (progress: Progress) => void;
}

/** An unknown difference. */
export interface Found {
  readonly seed: number;
  /** Names of the tree as it was drawn, without the root. */
  readonly names: number;
  /** The smallest tree found. */
  readonly tree: Directory;
  readonly difference: string;
}

/** What came out. */
export interface Fuzzed {
  readonly compared: number;
  readonly same: number;
  /** Point to the number of trees that differ for it: how many have it, and how many have no other. */
  readonly known: ReadonlyMap<string, { trees: number; alone: number }>;
  /** In order of the seeds. */
  readonly found: readonly Found[];
}

/** Compares trees until there are no more, or enough unknown differences. */
export async function fuzz(writers: readonly TreeWriter[], options: FuzzOptions): Promise<Fuzzed> {
  const { trees, format, seed: first, count, known: points, most, progress } = options;
  const found: Found[] = [];
  const known = new Map(points.flat().map(({ name }) => [name, { trees: 0, alone: 0 }]));
  let compared = 0;
  let same = 0;
  await share([...Array(count).keys()], writers, async (writer, i) => {
    if (found.length >= most) return;
    const seed = first + i;
    const tree = randomTree(trees, seed);
    const result = await compare(tree, writer, format, points);
    compared++;
    if (result.kind === 'same') same++;
    if (result.kind === 'known') {
      for (const point of result.points) {
        const tally = known.get(point);
        if (tally === undefined) continue;
        tally.trees++;
        if (result.points.length === 1) tally.alone++;
      }
    }
    if (result.kind === 'unknown') {
      found.push({ seed, names: [...names(tree)].length, ...(await small(result, writer, options)) });
    }
    progress({ done: compared, of: count, failed: found.length });
  });
  await Promise.all(writers.map(writer => writer.end()));
  found.sort((a, b) => a.seed - b.seed);
  return { compared, same, known, found };
}

/** The tree made small, and its difference. */
async function small(
  { tree, difference }: { readonly tree: Directory; readonly difference: string },
  writer: TreeWriter,
  { format, known }: FuzzOptions,
): Promise<{ readonly tree: Directory; readonly difference: string }> {
  const differs = async (candidate: Directory) => {
    // What becomes a known point on the way is none of what is looked for.
    if (without(candidate, known.at(-1) ?? []).points.length > 0) return false;
    return (await firstDifference(candidate, writer, format)) !== undefined;
  };
  const smallest = await shrink(tree, differs);
  return { tree: smallest, difference: (await firstDifference(smallest, writer, format)) ?? difference };
}
