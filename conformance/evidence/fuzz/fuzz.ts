/**
 * Many random subjects of an area, compared one by one; each unknown difference is made small.
 * @module
 */

import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { RunProgress } from '../../runner/report/progress.ts';
import { distribute } from '../../runner/run/schedule.ts';
import type { Area, Peer } from './area.ts';
import { compare, without } from './compare.ts';

/** What to compare. */
export interface FuzzOptions<Subject> {
  /** The first seed, and how many. */
  readonly seed: number;
  readonly count: number;
  /** As `knownPoints` gives them: the last list has all. */
  readonly known: readonly (readonly KnownDifference<Subject>[])[];
  /** After so many unknown differences it ends. */
  readonly most: number;
  readonly progress: (progress: RunProgress) => void;
}

/** An unknown difference. */
export interface Found<Subject> {
  readonly seed: number;
  /** Parts of what was drawn. */
  readonly parts: number;
  /** The smallest subject found. */
  readonly subject: Subject;
  readonly difference: string;
}

/** What came out. */
export interface Fuzzed<Subject> {
  readonly compared: number;
  readonly same: number;
  /** How many both refuse, perhaps only without the known points. */
  readonly refused: number;
  /** Point to the number of subjects that differ for it: how many have it, and how many have no other. */
  readonly known: ReadonlyMap<string, Tally>;
  /** In order of the seeds. */
  readonly found: readonly Found<Subject>[];
}

export interface Tally {
  subjects: number;
  alone: number;
}

/** Compares until there is no more, or enough unknown differences. */
export async function fuzz<Subject, P extends Peer>(
  area: Area<Subject, P>,
  peers: readonly P[],
  options: FuzzOptions<Subject>,
): Promise<Fuzzed<Subject>> {
  const { seed: first, count, known: points, most, progress } = options;
  const found: Found<Subject>[] = [];
  const known = new Map<string, Tally>(points.flat().map(({ name }) => [name, { subjects: 0, alone: 0 }]));
  let compared = 0;
  let same = 0;
  let refused = 0;
  await distribute([...Array(count).keys()], peers, async (peer, i) => {
    if (found.length >= most) return;
    const seed = first + i;
    const subject = area.draw(seed);
    const result = await compare(area, subject, peer, points);
    compared++;
    if (result.kind === 'same') same++;
    if (result.kind === 'known') {
      for (const point of result.points) {
        const tally = known.get(point);
        if (tally === undefined) continue;
        tally.subjects++;
        if (result.points.length === 1) tally.alone++;
      }
    }
    if (result.kind === 'unknown') {
      found.push({ seed, parts: area.size(subject), ...(await small(area, result, peer, options)) });
    } else if (result.refused) {
      refused++;
    }
    progress({ done: compared, of: count, failed: found.length });
  });
  await Promise.all(peers.map(peer => peer.end()));
  found.sort((a, b) => a.seed - b.seed);
  return { compared, same, refused, known, found };
}

type Difference<Subject> = Pick<Found<Subject>, 'subject' | 'difference'>;

/** The subject made small, and its difference. */
async function small<Subject, P extends Peer>(
  area: Area<Subject, P>,
  { subject, difference }: Difference<Subject>,
  peer: P,
  { known }: FuzzOptions<Subject>,
): Promise<Difference<Subject>> {
  const differs = async (candidate: Subject) => {
    // What becomes a known point on the way is none of what is looked for.
    if (without(area, candidate, known.at(-1) ?? []).points.length > 0) return false;
    return (await area.compare(candidate, peer)).kind === 'different';
  };
  const smallest = await area.shrink(subject, differs);
  const outcome = await area.compare(smallest, peer);
  return { subject: smallest, difference: outcome.kind === 'different' ? outcome.difference : difference };
}
