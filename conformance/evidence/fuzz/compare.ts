/**
 * One subject, asked of the reference and of another implementation: whether they differ, and whether that is known.
 * @module
 */

import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { Area, Peer } from './area.ts';

/** What became of one subject. `refused`: both refuse it, perhaps without the points. */
export type Comparison<Subject> =
  | { readonly kind: 'same'; readonly refused: boolean }
  /** They differ, and no longer where these points are taken out. */
  | { readonly kind: 'known'; readonly points: readonly string[]; readonly refused: boolean }
  /** They differ without any known point: `subject` has none. */
  | { readonly kind: 'unknown'; readonly subject: Subject; readonly difference: string };

/** Of `points` those of the implementation of this name, and then those on which anybody may differ too. */
export function knownPoints<Subject>(
  points: readonly KnownDifference<Subject>[],
  name: string,
): readonly (readonly KnownDifference<Subject>[])[] {
  const own = points.filter(({ implementations }) => implementations.includes(name));
  return [own, points.filter(point => own.includes(point) || point.implementations.includes('*'))];
}

/**
 * Compares, and where there is a difference, compares again without the known points: some of them, then more. Where
 * both refuse, it does so too, since each may refuse for something else.
 */
export async function compare<Subject, P extends Peer>(
  area: Pick<Area<Subject, P>, 'compare' | 'copy'>,
  subject: Subject,
  peer: P,
  known: readonly (readonly KnownDifference<Subject>[])[],
): Promise<Comparison<Subject>> {
  const first = await area.compare(subject, peer);
  if (first.kind === 'same' && !first.refused) return first;
  let rest: Without<Subject> = { subject, points: [] };
  let last = first;
  for (const points of known) {
    const next = without(area, subject, points);
    if (next.points.length === rest.points.length) continue;
    rest = next;
    last = await area.compare(rest.subject, peer);
    if (last.kind === 'same') break;
  }
  if (last.kind === 'different')
    return { kind: 'unknown', subject: rest.subject, difference: last.difference };
  if (first.kind === 'same') return first;
  return { ...last, kind: 'known', points: rest.points };
}

/** What is left of a subject without some points, and which of them it had. */
export interface Without<Subject> {
  readonly subject: Subject;
  readonly points: readonly string[];
}

/** A copy of the subject without the known points. */
export function without<Subject, P extends Peer>(
  { copy }: Pick<Area<Subject, P>, 'copy'>,
  subject: Subject,
  known: readonly KnownDifference<Subject>[],
): Without<Subject> {
  const rest = copy(subject);
  const points = known.filter(({ remove }) => remove(rest)).map(({ name }) => name);
  return { subject: rest, points };
}
