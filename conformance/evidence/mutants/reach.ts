/**
 * Which cases reach which functions of the reference, and infect which mutants. A case that does not reach the function
 * of a mutant cannot kill it, so it is not run; a case that infects it probably kills it, so it is run first.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyNode } from 'acorn';
import { AdapterSession } from '../../runner/run/adapter-session.ts';
import { runCase } from '../../runner/run/run-rounds.ts';
import { CouldNotStart, startText } from '../../runner/run/run-suite.ts';
import type { WorkDirectories } from '../../runner/run/work-directory.ts';
import { packageRoot } from '../../suite/package-root.ts';
import type { Suite } from '../../suite/read-suite.ts';
import type { Mutant } from './mutants.ts';
import { withProbes } from './probes.ts';
import { ProgramCopy } from './program-copy.ts';
import { childrenOf, isFunction, parseModule } from './syntax.ts';

/** A function with a block as its body. */
interface FunctionRange {
  readonly start: number;
  readonly end: number;
  /** The offset behind the brace that opens its body. */
  readonly body: number;
}

/** Which cases reach what. */
export class Reach {
  readonly #functions: ReadonlyMap<string, readonly FunctionRange[]>;
  /** The ids of the cases that reach each function; undefined for functions that run while the program is loaded. */
  readonly #cases: ReadonlyMap<FunctionRange, ReadonlySet<string> | undefined>;
  /** The ids of the cases that infect each mutant that is observed. */
  readonly #infecting: ReadonlyMap<Mutant, ReadonlySet<string>>;

  constructor(
    functions: ReadonlyMap<string, readonly FunctionRange[]>,
    cases: ReadonlyMap<FunctionRange, ReadonlySet<string> | undefined>,
    infecting: ReadonlyMap<Mutant, ReadonlySet<string>> = new Map(),
  ) {
    this.#functions = functions;
    this.#cases = cases;
    this.#infecting = infecting;
  }

  /** The ids of the cases that infect a mutant; undefined if that is not observed. */
  infecting(mutant: Mutant): ReadonlySet<string> | undefined {
    return this.#infecting.get(mutant);
  }

  /** Whether the case `id` can notice a change at `offset` of `module`. */
  of(module: string, offset: number): (id: string) => boolean {
    const functions = this.#functions.get(module) ?? [];
    // Inner functions come later.
    const innermost = functions.findLast(({ start, end }) => start <= offset && offset < end);
    const cases = innermost && this.#cases.get(innermost);
    if (cases === undefined) return () => true;
    if (cases.size !== 1) return id => cases.has(id);
    // It may run once in a process, with an effect on all cases that use the module.
    return id => functions.some(each => this.#cases.get(each)?.has(id) ?? true);
  }
}

/** The functions in a module with a block as their body, in the order of their beginnings. */
export function functionsIn(source: string): FunctionRange[] {
  const found: FunctionRange[] = [];
  const visit = (node: AnyNode) => {
    if ('body' in node && isFunction(node) && !Array.isArray(node.body)) {
      if (node.body?.type === 'BlockStatement') {
        found.push({ start: node.start, end: node.end, body: node.body.start + 1 });
      }
    }
    childrenOf(node).forEach(visit);
  };
  visit(parseModule(source).program);
  return found;
}

/**
 * Runs all cases with a copy of the program that reports which functions they reach, and which of `mutants` they infect.
 * Throws {@link CouldNotStart}.
 */
export async function measureReach(
  suite: Suite,
  modules: ReadonlyMap<string, string>,
  mutants: readonly Mutant[],
  folder: string,
  work: WorkDirectories,
  timeoutMs: number,
): Promise<Reach> {
  const functions = new Map([...modules].map(([module, source]) => [module, functionsIn(source)]));
  const ranges = [...functions.values()].flat();
  const numbers = new Map<object, number>([...ranges, ...mutants].map((each, number) => [each, number]));
  const numberOf = (each: object) => numbers.get(each) ?? 0;
  const file = `${folder}.reported`;
  const copy = new ProgramCopy(folder, preload(numbers.size, file));
  const infecting = new Map<Mutant, Set<string>>();
  for (const [module, source] of modules) {
    const bodies = functions.get(module)?.map(range => [range.body, numberOf(range)] as const);
    const changes = mutants
      .filter(mutant => mutant.module === module)
      .map(each => [each, numberOf(each)] as const);
    const { text, observed } = withProbes(source, new Map(bodies), new Map(changes));
    copy.write(module, text);
    for (const mutant of observed) infecting.set(mutant, new Set());
  }
  const session = new AdapterSession({ command: copy.command, suiteVersion: suite.version, timeoutMs });
  const hello = await session.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  const loading = readFileSync(file);
  const cases = new Map(ranges.map((range, i) => [range, loading[i] === 0 ? new Set<string>() : undefined]));
  // What was made of the changed value then, such as a table, can decide any case.
  for (const mutant of infecting.keys()) if (loading[numberOf(mutant)] === 1) infecting.delete(mutant);
  try {
    for (const test of suite.cases) {
      await runCase(session, test, { suite, work });
      const reported = readFileSync(file);
      const hasReported = (each: object) => reported[numberOf(each)] === 1;
      for (const [range, ids] of cases) if (hasReported(range)) ids?.add(test.id);
      for (const [mutant, ids] of infecting) if (hasReported(mutant)) ids.add(test.id);
    }
  } finally {
    await session.end();
  }
  return new Reach(functions, cases, infecting);
}

/** A module to load before the program, in each of its threads. */
function preload(count: number, file: string): string {
  const runtime = join(packageRoot, 'dist/conformance/evidence/mutants/probe-runtime.js');
  return `import { observe } from ${JSON.stringify(runtime)};\nobserve(${count}, ${JSON.stringify(file)});\n`;
}
