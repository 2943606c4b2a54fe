/**
 * Compares many random inputs of an area one by one, and shrinks those with unknown differences.
 * @module
 */

import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { RunProgress } from '../../runner/report/progress.ts';
import { distribute } from '../../runner/run/schedule.ts';
import type { Area, OtherImplementation } from './area.ts';
import { classify, removeKnownDifferences } from './classify.ts';

/** What to compare. */
export interface FuzzOptions<Subject> {
  /** The first seed, and the number of seeds. */
  readonly seed: number;
  readonly count: number;
  /** The lists of `knownDifferencesOf`: the last one has all. */
  readonly known: readonly (readonly KnownDifference<Subject>[])[];
  /** The run ends after this many unknown differences. */
  readonly maxUnknown: number;
  readonly progress: (progress: RunProgress) => void;
}

/** An unknown difference. */
export interface UnknownDifference<Subject> {
  readonly seed: number;
  /** The size of the generated input. */
  readonly parts: number;
  /** The smallest input found. */
  readonly subject: Subject;
  readonly difference: string;
}

/** The result of a run. */
export interface FuzzResult<Subject> {
  readonly compared: number;
  readonly same: number;
  /** The number of inputs that both reject, perhaps only without the known differences. */
  readonly rejected: number;
  /** For each known difference, the number of inputs that differ because of it. */
  readonly known: ReadonlyMap<string, DifferenceCount>;
  /** In order of the seeds. */
  readonly unknown: readonly UnknownDifference<Subject>[];
}

/** The number of inputs with a known difference, and of those with no other one. */
export interface DifferenceCount {
  subjects: number;
  alone: number;
}

/** Compares until all seeds are done, or until there are enough unknown differences. */
export async function fuzz<Subject, Other extends OtherImplementation>(
  area: Area<Subject, Other>,
  others: readonly Other[],
  options: FuzzOptions<Subject>,
): Promise<FuzzResult<Subject>> {
  const { seed: first, count, known: lists, maxUnknown, progress } = options;
  const unknown: UnknownDifference<Subject>[] = [];
  const known = new Map<string, DifferenceCount>(
    lists.flat().map(({ name }) => [name, { subjects: 0, alone: 0 }]),
  );
  let compared = 0;
  let same = 0;
  let rejected = 0;
  await distribute([...Array(count).keys()], others, async (other, i) => {
    if (unknown.length >= maxUnknown) return;
    const seed = first + i;
    const subject = area.generate(seed);
    const result = await classify(area, subject, other, lists);
    compared++;
    if (result.kind === 'same') same++;
    if (result.kind === 'known') {
      for (const name of result.names) {
        const counts = known.get(name);
        if (counts === undefined) continue;
        counts.subjects++;
        if (result.names.length === 1) counts.alone++;
      }
    }
    if (result.kind === 'unknown') {
      const shrunk = await shrink(area, result, other, options);
      unknown.push({ seed, parts: area.size(subject), ...shrunk });
    } else if (result.rejected) {
      rejected++;
    }
    progress({ done: compared, of: count, failed: unknown.length });
  });
  await Promise.all(others.map(other => other.end()));
  unknown.sort((a, b) => a.seed - b.seed);
  return { compared, same, rejected, known, unknown };
}

type DifferingSubject<Subject> = Pick<UnknownDifference<Subject>, 'subject' | 'difference'>;

/** The smallest input that still differs, and its difference. */
async function shrink<Subject, Other extends OtherImplementation>(
  area: Area<Subject, Other>,
  { subject, difference }: DifferingSubject<Subject>,
  other: Other,
  { known }: FuzzOptions<Subject>,
): Promise<DifferingSubject<Subject>> {
  const differs = async (candidate: Subject) => {
    // A candidate with a known difference would no longer show the unknown one.
    if (removeKnownDifferences(area, candidate, known.at(-1) ?? []).names.length > 0) return false;
    return (await area.compare(candidate, other)).kind === 'different';
  };
  const smallest = await area.shrink(subject, differs);
  const comparison = await area.compare(smallest, other);
  return {
    subject: smallest,
    difference: comparison.kind === 'different' ? comparison.difference : difference,
  };
}
