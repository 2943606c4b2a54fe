/**
 * Gives hostile input to the reference. Whatever the input is, it is accepted or rejected with a {@link ComposefsError}
 * whose message is one line of limited length; everything else is a fault.
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComposefsError } from '../../../reference/errors.ts';
import { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import { readSeeds } from './seeds.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

/** The longest message of a rejection. */
const MESSAGE_MAX = 4000;

/** Which inputs: the numbers from `seed` on, and each number is one input of one target. */
export interface HostileOptions {
  readonly seed: number;
  readonly count: number;
  /** Called after each input with its number. */
  readonly progress?: (done: number) => void;
}

/** A fault that an input shows. */
export interface Fault {
  readonly seed: number;
  readonly target: string;
  readonly problem: string;
}

/** The result: how often each target gave each outcome, and the faults. */
export interface HostileResult {
  readonly outcomes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly faults: readonly Fault[];
}

/** Gives all inputs to the reference, one after the other. */
export async function hostile(
  { seed: first, count, progress }: HostileOptions,
  given: Readonly<Record<string, Target>> = targets,
): Promise<HostileResult> {
  const seeds = readSeeds();
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const names = Object.keys(given);
  const outcomes = new Map(names.map(name => [name, new Map<string, number>()]));
  const faults: Fault[] = [];
  try {
    for (let seed = first; seed < first + count; seed++) {
      const target = names[seed % names.length] ?? '';
      const surroundings = { seeds, folder: emptied(join(folder, 'input')) };
      const outcome = await outcomeOf(
        given[target] as Target,
        new RandomBytes(seed, 'hostile'),
        surroundings,
      );
      if (outcome.problem !== undefined) faults.push({ seed, target, problem: outcome.problem });
      const counts = outcomes.get(target);
      counts?.set(outcome.name, (counts.get(outcome.name) ?? 0) + 1);
      progress?.(seed - first + 1);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { outcomes, faults };
}

async function outcomeOf(
  target: Target,
  ...input: Parameters<Target>
): Promise<{ readonly name: string; readonly problem?: string }> {
  try {
    await target(...input);
    return { name: 'accepted' };
  } catch (error) {
    if (!(error instanceof ComposefsError)) {
      return { name: 'fault', problem: (error instanceof Error && error.stack) || String(error) };
    }
    const { code, message } = error;
    if (message.length > MESSAGE_MAX) {
      return {
        name: 'fault',
        problem: `a message of ${message.length} characters: ${message.slice(0, 300)}`,
      };
    }
    return { name: code };
  }
}

/** Empties a folder between two inputs. */
function emptied(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
