/**
 * Runs the mutants of the kill matrix: the cases that cite the requirement must kill each.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdapterSession, isFailure } from '../../../runner/run/adapter-session.ts';
import { type CaseRun, runResult } from '../../../runner/run/judge-received.ts';
import { runCase } from '../../../runner/run/run-rounds.ts';
import type { WorkDirectories } from '../../../runner/run/work-directory.ts';
import type { Case } from '../../../suite/case.ts';
import { packageRoot } from '../../../suite/package-root.ts';
import type { Suite } from '../../../suite/read-suite.ts';
import type { NamedMutant } from './matrix.ts';
import { MutantModules } from './mutant-modules.ts';
import { mutatedModules, StaleMutant } from './mutate-source.ts';

/** What a mutant was found to be. */
export interface MatrixResult {
  readonly mutant: NamedMutant;
  /** Ids of the cases that cite the requirement and have a wrong answer with the mutant, but not without it. */
  readonly killedBy: readonly string[];
  /** Ids of the cases that cite the requirement and have no answer with the mutant, because its adapter fails. */
  readonly unanswered: readonly string[];
  /** Ids of the cases that cite the requirement and also fail without the mutant. */
  readonly failing: readonly string[];
  /** Why the mutant cannot be made; absent if it was run. */
  readonly stale?: string;
}

/** A process is replaced after so many mutants, because it keeps the modules of each. */
const MUTANTS_PER_PROCESS = 60;

/** The compiled host, because sources are run by tests only. */
const host = join(packageRoot, 'dist/conformance/evidence/mutants/kill-matrix/mutant-host.js');

/** Runs mutants, one at a time. */
export class MatrixRunner {
  readonly #suite: Suite;
  readonly #work: WorkDirectories;
  readonly #timeoutMs: number;
  readonly #modules: MutantModules;
  /** The file that tells the host which mutant answers. */
  readonly #current: string;
  readonly #command: readonly string[];
  readonly #failing = new Map<string, boolean>();
  #session: AdapterSession | undefined;
  #used = 0;

  /** Copies the reference to `folder`, which must not exist. */
  constructor(suite: Suite, folder: string, work: WorkDirectories, timeoutMs: number) {
    this.#suite = suite;
    this.#work = work;
    this.#timeoutMs = timeoutMs;
    this.#modules = new MutantModules(folder);
    this.#current = join(folder, 'current');
    // A mutant may write to any path. Relative ones lead here.
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    const start = 'cd "$1" && exec "$2" "$3" "$4"';
    this.#command = ['/bin/sh', '-c', start, 'sh', directory, process.execPath, host, this.#current];
  }

  async run(mutant: NamedMutant): Promise<MatrixResult> {
    const cases = this.#suite.cases.filter(({ requirements }) => requirements.includes(mutant.requirement));
    let adapter: string;
    try {
      adapter = this.#modules.write(mutatedModules(mutant.edits));
    } catch (error) {
      if (error instanceof StaleMutant)
        return { mutant, killedBy: [], unanswered: [], failing: [], stale: error.message };
      throw error;
    }
    const failed = await this.#failures(adapter, cases);
    const unknown = failed.map(({ test }) => test).filter(({ id }) => !this.#failing.has(id));
    const failing = new Set((await this.#failures(this.#modules.original, unknown)).map(({ test }) => test));
    for (const test of unknown) this.#failing.set(test.id, failing.has(test));
    if (++this.#used % MUTANTS_PER_PROCESS === 0) await this.end();
    const idsOf = (runs: readonly CaseRun[]) => runs.map(({ test }) => test.id);
    const byMutant = failed.filter(({ test }) => !this.#failing.get(test.id));
    return {
      mutant,
      killedBy: idsOf(byMutant.filter(hasAnswer)),
      unanswered: idsOf(byMutant.filter(run => !hasAnswer(run))),
      failing: idsOf(failed.filter(({ test }) => this.#failing.get(test.id))),
    };
  }

  /** Ends the process. */
  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
    // Here and not at the end of all, because the folder may be in memory.
    this.#modules.removeMutants();
  }

  /** The runs of `tests` that do not pass with the adapter at `adapter`, up to the first timeout. */
  async #failures(adapter: string, tests: readonly Case[]): Promise<CaseRun[]> {
    if (tests.length === 0) return [];
    // A process that starts answers its first message by the reference.
    this.#session ??= await this.#start();
    const session = this.#session;
    writeFileSync(this.#current, adapter);
    const runs: CaseRun[] = [];
    for (const test of tests) {
      const run = await runCase(session, test, { suite: this.#suite, work: this.#work });
      runs.push(run);
      if (runResult(run).status === 'timeout') break;
    }
    return runs.filter(run => runResult(run).status !== 'pass');
  }

  async #start(): Promise<AdapterSession> {
    writeFileSync(this.#current, this.#modules.original);
    const session = new AdapterSession({
      command: this.#command,
      suiteVersion: this.#suite.version,
      timeoutMs: this.#timeoutMs,
    });
    await session.start();
    return session;
  }
}

/** Whether an adapter answered. One that ends, or reports an error of its own, shows nothing about a rule. */
function hasAnswer({ attempt: { reply } }: CaseRun): boolean {
  return !isFailure(reply) && reply.status !== 'error';
}
