/**
 * Which cases reach which functions of the reference. A case that does not reach the function of a mutant cannot kill
 * it, so it is not run.
 * @module
 */

import { readFileSync } from 'node:fs';
import type { AnyNode } from 'acorn';
import { AdapterSession } from '../../runner/run/adapter-session.ts';
import { runCase } from '../../runner/run/run-rounds.ts';
import { CouldNotStart, startText } from '../../runner/run/run-suite.ts';
import type { WorkDirectories } from '../../runner/run/work-directory.ts';
import type { Suite } from '../../suite/read-suite.ts';
import { ProgramCopy } from './program-copy.ts';
import { childrenOf, parseModule } from './syntax.ts';

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

  constructor(
    functions: ReadonlyMap<string, readonly FunctionRange[]>,
    cases: ReadonlyMap<FunctionRange, ReadonlySet<string> | undefined>,
  ) {
    this.#functions = functions;
    this.#cases = cases;
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
    if ('body' in node && /Function/.test(node.type) && !Array.isArray(node.body)) {
      if (node.body?.type === 'BlockStatement') {
        found.push({ start: node.start, end: node.end, body: node.body.start + 1 });
      }
    }
    childrenOf(node).forEach(visit);
  };
  visit(parseModule(source).program);
  return found;
}

/** Runs all cases with a copy of the program that reports what they reach. Throws {@link CouldNotStart}. */
export async function measureReach(
  suite: Suite,
  modules: ReadonlyMap<string, string>,
  folder: string,
  work: WorkDirectories,
  timeoutMs: number,
): Promise<Reach> {
  const functions = new Map([...modules].map(([module, source]) => [module, functionsIn(source)]));
  const all = [...functions.values()].flat();
  const numbers = new Map(all.map((each, number) => [each, number]));
  const file = `${folder}.reached`;
  const copy = new ProgramCopy(folder, preload(all.length, file));
  for (const [module, source] of modules) {
    copy.write(module, instrumented(source, functions.get(module) ?? [], numbers));
  }
  const session = new AdapterSession({ command: copy.command, suiteVersion: suite.version, timeoutMs });
  const hello = await session.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  const loading = readFileSync(file);
  const cases = new Map(all.map((each, i) => [each, loading[i] === 0 ? new Set<string>() : undefined]));
  try {
    for (const test of suite.cases) {
      await runCase(session, test, { suite, work });
      const reached = readFileSync(file);
      for (const [i, each] of all.entries()) if (reached[i] !== 0) cases.get(each)?.add(test.id);
    }
  } finally {
    await session.end();
  }
  return new Reach(functions, cases);
}

function instrumented(
  source: string,
  functions: readonly FunctionRange[],
  numbers: ReadonlyMap<FunctionRange, number>,
): string {
  let text = '';
  let at = 0;
  for (const each of functions.toSorted((a, b) => a.body - b.body)) {
    text += `${source.slice(at, each.body)} globalThis.reached?.(${numbers.get(each)});`;
    at = each.body;
  }
  return text + source.slice(at);
}

/** A module to load before the program, in each of its threads: it writes what was reached before each message. */
function preload(count: number, file: string): string {
  return `
import { writeFileSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
const reached = isMainThread ? new Uint8Array(new SharedArrayBuffer(${count})) : getEnvironmentData('reached');
globalThis.reached = number => {
  reached[number] = 1;
};
if (isMainThread) {
  setEnvironmentData('reached', reached);
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk, ...rest) => {
    if (chunk.length > 0) {
      writeFileSync(${JSON.stringify(file)}, reached);
      reached.fill(0);
    }
    return write(chunk, ...rest);
  };
}
`;
}
