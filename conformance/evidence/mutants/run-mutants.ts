/**
 * Draws mutants of the reference, judges them, and compares the survivors with the list of equivalents.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { distribute, shuffled } from '../../runner/run/schedule.ts';
import { globMatcher } from '../../suite/glob.ts';
import {
  type Equivalent,
  type EquivalentList,
  entryFinder,
  isIn,
  type UndecidedCode,
} from './equivalents.ts';
import type { ChangedModule, Death } from './judge.ts';
import { modulesIn } from './modules.ts';
import { applied, type Mutant, mutantsOf, nameOf } from './mutants.ts';
import { compiledReference } from './program-copy.ts';
import type { Reach } from './reach.ts';

/** Which mutants to run. */
export interface Choice {
  /** A glob over modules. */
  readonly only?: string;
  /** Ids; all of them are run, and nothing is drawn. */
  readonly ids?: readonly string[];
  /** How many to draw. */
  readonly random: number;
  readonly seed: number;
}

/** The result for one mutant. */
export interface MutantResult {
  readonly mutant: Mutant;
  /** Absent if it survived. */
  readonly killed?: Death;
  /** Whether no case infects it; absent if that is not known. */
  readonly isUninfected?: boolean;
  /** The entry of the list of equivalents for it. */
  readonly listed?: Equivalent | UndecidedCode;
}

/** What judges a mutant. */
export interface MutantJudge {
  judge(changed: ChangedModule): Promise<Death | undefined>;
}

/** No mutant has the id. */
export class UnknownMutant extends Error {}

/** Every mutant of the compiled reference: by module, and in the order of the source. */
export function allMutants(): Mutant[] {
  return [...moduleSources()].flatMap(([module, source]) => mutantsOf(module, source));
}

/** The source of every module that is mutated. */
export function moduleSources(): Map<string, string> {
  return new Map(modulesIn(compiledReference).map(module => [module, sourceOf(module)]));
}

/** The mutants of `all` that `choice` names or draws. With the same seed, fewer are the first of more. */
export function chosen(all: readonly Mutant[], { only, ids, random, seed }: Choice): Mutant[] {
  if (ids !== undefined) {
    const byId = new Map(all.map(mutant => [mutant.id, mutant]));
    return ids.map(id => {
      const mutant = byId.get(id);
      if (mutant === undefined) throw new UnknownMutant(`no mutant has the id ${id}; --list prints ids`);
      return mutant;
    });
  }
  const matches = only === undefined ? () => true : globMatcher(only);
  return shuffled(
    all.filter(({ module }) => matches(module)),
    seed,
  ).slice(0, random);
}

/**
 * Judges `mutants`, each by the next judge that is free, with the cases that `reach` names. `show` is called in the
 * order of the mutants.
 */
export async function runMutants(
  mutants: readonly Mutant[],
  judges: readonly MutantJudge[],
  equivalents: EquivalentList,
  show: (result: MutantResult) => void,
  reach?: Reach,
): Promise<MutantResult[]> {
  const entryFor = entryFinder(equivalents);
  const results: MutantResult[] = [];
  let shown = 0;
  await distribute(mutants.entries(), judges, async (judge, [i, mutant]) => {
    const { module, edit } = mutant;
    const isNoticedBy = reach?.of(module, edit.start);
    const source = applied(sourceOf(module), edit);
    const infecting = reach?.infecting(mutant);
    const killed = await judge.judge({
      ...{ module, source },
      ...(isNoticedBy && { isNoticedBy }),
      ...(infecting && { infecting }),
    });
    const listed = entryFor(mutant);
    results[i] = {
      mutant,
      ...(killed && { killed }),
      ...(listed && { listed }),
      ...(infecting && { isUninfected: infecting.size === 0 }),
    };
    for (let next = results[shown]; next !== undefined; next = results[shown]) {
      show(next);
      shown++;
    }
  });
  return results;
}

/** The results for those of `mutants` that no case infects, without a run. */
export function uninfected(
  mutants: readonly Mutant[],
  reach: Reach,
  equivalents: EquivalentList,
): MutantResult[] {
  const entryFor = entryFinder(equivalents);
  return mutants
    .filter(mutant => reach.infecting(mutant)?.size === 0)
    .map(mutant => {
      const listed = entryFor(mutant);
      return { mutant, isUninfected: true, ...(listed && { listed }) };
    });
}

/** The entries of the list that name no mutant of `all`. */
export function outOfDate(
  { changes, code }: EquivalentList,
  all: readonly Mutant[],
): (Equivalent | UndecidedCode)[] {
  const names = new Set(all.map(nameOf));
  return [
    ...changes.filter(entry => !names.has(nameOf(entry))),
    ...code.filter(entry => !all.some(mutant => isIn(mutant, entry))),
  ];
}

function sourceOf(module: string): string {
  return readFileSync(join(compiledReference, module), 'utf8');
}
