/**
 * Requirements that no case decides, and that the runner sees kept or broken while it asks: those whose verification
 * is `runner`.
 * @module
 */

import type { Operation } from '../../suite/case.ts';
import type { CaseEvent, Header } from './events.ts';

/** How the runner watches a requirement. */
interface Watch {
  /** In answers to these. */
  readonly operations: readonly Operation[];
  /** `repeat`: the same request gets the same answer, in another process, folder and order. `limits`: time and memory. */
  readonly by: 'repeat' | 'limits';
}

/** Every requirement with the verification `runner`. */
export const watches: Readonly<Record<string, Watch>> = {
  'TREE-003': { operations: ['layers.tree', 'image.digest'], by: 'repeat' },
  'EROFS-080': { operations: ['erofs.read'], by: 'limits' },
};

/** What was seen of a watched requirement. */
export interface Watched {
  /** The cases that were looked at. */
  readonly cases: readonly CaseEvent[];
  readonly broken: readonly CaseEvent[];
}

/** What a run saw of requirement `id`; undefined where it did not watch, or had nothing to see. */
export function watched(id: string, { repeat }: Header, cases: readonly CaseEvent[]): Watched | undefined {
  const watch = Object.hasOwn(watches, id) ? watches[id] : undefined;
  if (watch === undefined || (watch.by === 'repeat' && repeat < 2)) return undefined;
  const asked = cases.filter(({ op, status }) => {
    return status !== 'filtered' && watch.operations.some(known => known === op);
  });
  if (asked.length === 0) return undefined;
  return { cases: asked, broken: asked.filter(result => isBroken(result, watch)) };
}

function isBroken({ failure, differently }: CaseEvent, { by }: Watch): boolean {
  switch (by) {
    case 'repeat':
      return differently === true;
    case 'limits':
      return failure?.status === 'timeout' || failure?.status === 'crash';
  }
}
