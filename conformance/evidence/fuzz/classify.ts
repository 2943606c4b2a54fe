/**
 * Compares the answers of both implementations to one input, and tells known from unknown differences.
 * @module
 */

import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { Area, OtherImplementation } from './area.ts';

/** The result for one input. `rejected`: both reject it, perhaps only without the known differences. */
export type Classification<Subject> =
  | { readonly kind: 'same'; readonly rejected: boolean }
  /** The answers differ, but not if these known differences are removed from the input. */
  | { readonly kind: 'known'; readonly names: readonly string[]; readonly rejected: boolean }
  /** The answers differ without any known difference: `subject` has none. */
  | { readonly kind: 'unknown'; readonly subject: Subject; readonly difference: string };

/**
 * The known differences of the implementation with this name; and these together with the ones in which any
 * implementation may differ.
 */
export function knownDifferencesOf<Subject>(
  all: readonly KnownDifference<Subject>[],
  name: string,
): readonly (readonly KnownDifference<Subject>[])[] {
  const ofImplementation = all.filter(({ implementations }) => implementations.includes(name));
  return [
    ofImplementation,
    all.filter(known => ofImplementation.includes(known) || known.implementations.includes('*')),
  ];
}

/**
 * Compares the answers. If they differ, compares again with the first list of known differences removed, and then with
 * the second. If both reject the input, it does the same, since they may reject it for different reasons.
 */
export async function classify<Subject, Other extends OtherImplementation>(
  area: Pick<Area<Subject, Other>, 'compare' | 'copy'>,
  subject: Subject,
  other: Other,
  known: readonly (readonly KnownDifference<Subject>[])[],
): Promise<Classification<Subject>> {
  const first = await area.compare(subject, other);
  if (first.kind === 'same' && !first.rejected) return first;
  let rest: Reduced<Subject> = { subject, names: [] };
  let last = first;
  for (const list of known) {
    const next = removeKnownDifferences(area, subject, list);
    if (next.names.length === rest.names.length) continue;
    rest = next;
    last = await area.compare(rest.subject, other);
    if (last.kind === 'same') break;
  }
  if (last.kind === 'different')
    return { kind: 'unknown', subject: rest.subject, difference: last.difference };
  if (first.kind === 'same') return first;
  return { ...last, kind: 'known', names: rest.names };
}

/** An input without some known differences, and the names of those that it had. */
export interface Reduced<Subject> {
  readonly subject: Subject;
  readonly names: readonly string[];
}

/** A copy of the input without the known differences. */
export function removeKnownDifferences<Subject, Other extends OtherImplementation>(
  { copy }: Pick<Area<Subject, Other>, 'copy'>,
  subject: Subject,
  known: readonly KnownDifference<Subject>[],
): Reduced<Subject> {
  const rest = copy(subject);
  const names = known.filter(({ remove }) => remove(rest)).map(({ name }) => name);
  return { subject: rest, names };
}
