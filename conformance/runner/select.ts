/**
 * Which cases are asked: what the user selects, and what the implementation declares.
 * @module
 */

import type { Case } from '../suite/case.ts';
import { type ConformanceClass, classesOf } from '../suite/classes.ts';
import { optionalFeatures } from '../suite/features.ts';
import { globMatcher } from '../suite/glob.ts';
import { isAbsolute, type Requirement } from '../suite/requirements.ts';
import type { Hello } from './protocol/messages.ts';

/** The user's selection; every condition that is there has to hold. */
export interface Selection {
  /** Globs over ids; any of them. */
  readonly cases?: readonly string[];
  /** Requirement ids; any of them. */
  readonly requirements?: readonly string[];
  readonly class?: ConformanceClass;
  readonly tag?: string;
  /** Only cases with an absolute requirement. */
  readonly level?: 'must' | 'should';
}

/** Why a case is not asked. */
export type FilteredBy =
  | { readonly by: 'selection' }
  | { readonly by: 'operation'; readonly name: string }
  | { readonly by: 'feature'; readonly name: string };

/** Whether `selection` says anything at all. */
export function isSelective(selection: Selection): boolean {
  return Object.keys(selection).length > 0;
}

/** Whether the user selected `test`. */
export function selected(
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

/** What `test` asks for that `hello` does not declare. */
export function undeclared(test: Case, hello: Hello): FilteredBy | undefined {
  if (!hello.operations.includes(test.op)) return { by: 'operation', name: test.op };
  const feature = test.needs.find(name => !hello.features.includes(name));
  return feature === undefined ? undefined : { by: 'feature', name: feature };
}

/** Whether a case was not asked because of an optional feature: then it leaves nothing open. */
export function isOptional(filtered: FilteredBy | undefined): boolean {
  return filtered?.by === 'feature' && optionalFeatures.includes(filtered.name);
}
