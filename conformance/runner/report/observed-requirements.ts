/**
 * Requirements with the verification `runner`, which the runner observes during a run instead of testing them with
 * cases.
 * @module
 */

import type { Operation } from '../../suite/case.ts';
import type { CaseEvent, Header } from './events.ts';

/** How the runner observes a requirement. */
interface ObservedRequirement {
  /** The operations whose answers are observed. */
  readonly operations: readonly Operation[];
  /**
   * `repeat`: equal requests have equal answers, in different processes, folders and orders.
   * `limits`: every request ends within its limits of time and memory.
   */
  readonly by: 'repeat' | 'limits';
}

/** Every requirement with the verification `runner`. */
export const observedRequirements: Readonly<Record<string, ObservedRequirement>> = {
  'TREE-003': { operations: ['layers.tree', 'image.digest'], by: 'repeat' },
  'EROFS-080': { operations: ['erofs.read'], by: 'limits' },
};

/** What a run observed of a requirement. */
export interface Observation {
  /** All observed cases. */
  readonly cases: readonly CaseEvent[];
  /** Those that violate the requirement. */
  readonly violations: readonly CaseEvent[];
}

/** What a run observed of requirement `id`; undefined if it did not observe it, or ran no case of its operations. */
export function observe(
  id: string,
  { repeat }: Header,
  cases: readonly CaseEvent[],
): Observation | undefined {
  const requirement = Object.hasOwn(observedRequirements, id) ? observedRequirements[id] : undefined;
  if (requirement === undefined || (requirement.by === 'repeat' && repeat < 2)) return undefined;
  const observed = cases.filter(({ op, status }) => {
    return status !== 'filtered' && requirement.operations.some(known => known === op);
  });
  if (observed.length === 0) return undefined;
  return { cases: observed, violations: observed.filter(result => violates(result, requirement)) };
}

function violates({ failure, differently }: CaseEvent, { by }: ObservedRequirement): boolean {
  switch (by) {
    case 'repeat':
      return differently === true;
    case 'limits':
      return failure?.status === 'timeout' || failure?.status === 'crash';
  }
}
