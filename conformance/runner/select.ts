/**
 * The cases to run: those that the user selects and the implementation declares to support.
 * @module
 */

import type { Case } from '../suite/case.ts';
import { type ConformanceClass, classesOf } from '../suite/classes.ts';
import { optionalFeatures } from '../suite/features.ts';
import { globMatcher } from '../suite/glob.ts';
import { isAbsolute, type Requirement } from '../suite/requirements.ts';
import type { HelloMessage } from './protocol/messages.ts';

/** The selection on the command line. A case must satisfy every condition that is present. */
export interface Selection {
  /** Globs over ids, one of which must match. */
  readonly cases?: readonly string[];
  /** Requirement ids, one of which the case must cite. */
  readonly requirements?: readonly string[];
  readonly class?: ConformanceClass;
  readonly tag?: string;
  /** `must`: only cases that cite an absolute requirement. */
  readonly level?: 'must' | 'should';
}

/** Why a case is not run. */
export type FilterReason =
  | { readonly by: 'selection' }
  /** The case is in a different shard. */
  | { readonly by: 'shard' }
  /** The record that is judged has no answer to the request of the case. */
  | { readonly by: 'record' }
  /** The run stopped before the case was run as often as it should have been. */
  | { readonly by: 'stop' }
  | { readonly by: 'operation'; readonly name: string }
  | { readonly by: 'feature'; readonly name: string };

/** One of `of` parts of a run, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/**
 * The ids of the cases in `shard`. A case is in the shard of its control, without which its result is open. The
 * largest such groups are dealt first, each to the shard with the fewest cases, so that shards have about equal sizes.
 */
export function casesInShard(cases: readonly Case[], { index, of }: Shard): ReadonlySet<string> {
  const groups = new Map<string, string[]>();
  for (const { id, control } of cases) {
    const key = control ?? id;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  const shards = Array.from({ length: of }, (): string[] => []);
  const ordered = [...groups].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  for (const [, ids] of ordered) {
    shards.reduce((least, shard) => (shard.length < least.length ? shard : least)).push(...ids);
  }
  return new Set(shards[index - 1]);
}

/** Whether `selection` has any condition. */
export function isSelective(selection: Selection): boolean {
  return Object.keys(selection).length > 0;
}

/** Whether the user selected `test`. */
export function isSelected(
  test: Case,
  selection: Selection,
  requirements: ReadonlyMap<string, Requirement> | undefined,
): boolean {
  const { cases, requirements: wanted, class: name, tag, level } = selection;
  return (
    (cases === undefined || cases.some(glob => globMatcher(glob)(test.id))) &&
    (wanted === undefined || wanted.some(id => test.requirements.includes(id))) &&
    (name === undefined || classesOf[test.op].includes(name)) &&
    (tag === undefined || test.tags.includes(tag)) &&
    (level !== 'must' || test.requirements.some(id => isAbsolute(requirements?.get(id)?.level ?? 'MUST')))
  );
}

/** The cases as a table for `--list`: a line with the names of the columns, and one line per case, in order of id. */
export function caseTable(cases: readonly Case[]): string {
  const rows = [...cases]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, op, needs, requirements, title }) => [id, op, needs.join(), requirements.join(), title]);
  return [['id', 'op', 'needs', 'requirements', 'title'], ...rows].map(row => `${row.join('\t')}\n`).join('');
}

/**
 * An operation or feature that `test` needs and `hello` does not declare. An optional feature comes first: an
 * implementation without it is not bound by what depends on it, whatever else it does not declare.
 */
export function undeclaredNeed(test: Case, hello: HelloMessage): FilterReason | undefined {
  const missing = test.needs.filter(name => !hello.features.includes(name));
  const optional = missing.find(name => optionalFeatures.includes(name));
  if (optional !== undefined) return { by: 'feature', name: optional };
  if (!hello.operations.includes(test.op)) return { by: 'operation', name: test.op };
  return missing[0] === undefined ? undefined : { by: 'feature', name: missing[0] };
}

/** Whether a case was not run although the implementation declares what it needs. */
export function wasExcluded(filtered: FilterReason | undefined): boolean {
  return filtered !== undefined && filtered.by !== 'operation' && filtered.by !== 'feature';
}

/** Whether a case was not run for lack of an optional feature, in which case it does not count. */
export function lacksOptionalFeature(filtered: FilterReason | undefined): boolean {
  return filtered?.by === 'feature' && optionalFeatures.includes(filtered.name);
}
