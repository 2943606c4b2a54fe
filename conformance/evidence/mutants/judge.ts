/**
 * Judges a changed reference by the vectors: the first case that fails kills it.
 * @module
 */

import { join } from 'node:path';
import type { CaseResult } from '../../runner/compare/judge-answer.ts';
import type { HelloMessage } from '../../runner/protocol/messages.ts';
import { AdapterSession } from '../../runner/run/adapter-session.ts';
import { type CaseRun, runResult } from '../../runner/run/judge-received.ts';
import { runCase } from '../../runner/run/run-rounds.ts';
import { CouldNotStart, startText } from '../../runner/run/run-suite.ts';
import { shuffled } from '../../runner/run/schedule.ts';
import type { WorkDirectories } from '../../runner/run/work-directory.ts';
import { undeclaredNeed } from '../../runner/select.ts';
import type { Case } from '../../suite/case.ts';
import type { Suite } from '../../suite/read-suite.ts';
import { areasOf } from './modules.ts';
import { ProgramCopy } from './program-copy.ts';

/** Which case killed a mutant, and how. */
export interface Death {
  readonly by: string;
  readonly status: string;
  readonly message: string;
}

/** The limits on the time of an answer, in milliseconds. */
export interface Patience {
  readonly usual: number;
  /** For a second attempt after a timeout, so that a busy machine kills nothing. */
  readonly second: number;
}

/** A change of one module. */
export interface ChangedModule {
  readonly module: string;
  readonly source: string;
  /** Whether a case can notice the change; absent if that is not known. */
  readonly isNoticedBy?: (id: string) => boolean;
  /** The ids of the cases that infect the mutant, to be run first. */
  readonly infecting?: ReadonlySet<string>;
}

/** A fixed order of the cases that mixes topics. */
const ORDER = 1;

/** Judges changed modules one at a time, in a copy of the program of its own. */
export class Judge {
  readonly #suite: Suite;
  readonly #work: WorkDirectories;
  readonly #patience: Patience;
  readonly #hello: HelloMessage;
  readonly #cases: readonly Case[];
  readonly #original: ProgramCopy;
  readonly #changed: ProgramCopy;
  readonly #failing = new Map<string, boolean>();

  private constructor(
    suite: Suite,
    work: WorkDirectories,
    patience: Patience,
    hello: HelloMessage,
    copies: readonly [ProgramCopy, ProgramCopy],
  ) {
    this.#suite = suite;
    this.#work = work;
    this.#patience = patience;
    this.#hello = hello;
    [this.#original, this.#changed] = copies;
    this.#cases = shuffled(
      suite.cases.filter(test => undeclaredNeed(test, hello) === undefined),
      ORDER,
    );
  }

  /** Copies the program to `folder` and starts it once, unchanged. Throws {@link CouldNotStart}. */
  static async create(
    suite: Suite,
    folder: string,
    work: WorkDirectories,
    patience: Patience,
  ): Promise<Judge> {
    const copies = [
      new ProgramCopy(join(folder, 'original')),
      new ProgramCopy(join(folder, 'changed')),
    ] as const;
    const options = { command: copies[0].command, suiteVersion: suite.version, timeoutMs: patience.second };
    const session = new AdapterSession(options);
    const hello = await session.start();
    if ('failure' in hello) throw new CouldNotStart(startText(hello));
    await session.end();
    return new Judge(suite, work, patience, hello, copies);
  }

  /** Cases that were not counted because the unchanged program fails them. */
  get notCounted(): string[] {
    return [...this.#failing].filter(([, failing]) => failing).map(([id]) => id);
  }

  /** The first case that `changed` fails; undefined if it survives all. */
  judge(changed: ChangedModule): Promise<Death | undefined> {
    const { module, source, isNoticedBy = () => true, infecting = new Set() } = changed;
    return this.#changed.with(module, source, async () => {
      let left = casesInOrder(this.#cases, module, infecting).filter(({ id }) => isNoticedBy(id));
      for (;;) {
        const failed = await this.#firstFailure(this.#changed, left, this.#patience.usual);
        if (failed === undefined) return undefined;
        const { test, result } = failed;
        const death = await this.#confirmed(test, result);
        if (death !== undefined) return death;
        left = left.slice(left.indexOf(test) + 1);
      }
    });
  }

  /** How `test` killed the mutant, unless it only had too little time, or fails without the change, too. */
  async #confirmed(test: Case, first: FailedResult): Promise<Death | undefined> {
    let result: FailedResult | undefined = first;
    if (first.status === 'timeout') {
      result = (await this.#firstFailure(this.#changed, [test], this.#patience.second))?.result;
    }
    if (result === undefined || (await this.#failsUnchanged(test))) return undefined;
    return { by: test.id, status: result.status, message: result.message };
  }

  async #failsUnchanged(test: Case): Promise<boolean> {
    const known = this.#failing.get(test.id);
    if (known !== undefined) return known;
    const failing = (await this.#firstFailure(this.#original, [test], this.#patience.second)) !== undefined;
    this.#failing.set(test.id, failing);
    return failing;
  }

  async #firstFailure(
    { command }: ProgramCopy,
    tests: readonly Case[],
    timeoutMs: number,
  ): Promise<{ readonly test: Case; readonly result: FailedResult } | undefined> {
    const session = new AdapterSession({
      command,
      suiteVersion: this.#suite.version,
      timeoutMs,
      hello: this.#hello,
    });
    const runs: CaseRun[] = [];
    const failure = (of: readonly CaseRun[]) => {
      for (const run of of) {
        const result = runResult(run);
        if (result.status !== 'pass') return { test: run.test, result };
      }
      return undefined;
    };
    try {
      for (const test of tests) {
        runs.push(await runCase(session, test, { suite: this.#suite, work: this.#work }));
        // What follows an answer can invalidate it.
        const found = failure(runs.slice(-2));
        if (found !== undefined) return found;
      }
    } finally {
      await session.end();
    }
    return failure(runs);
  }
}

type FailedResult = Exclude<CaseResult, { status: 'pass' }>;

/** The cases that are in `infecting`, and then all others; in both parts, those of the areas of `module` first. */
export function casesInOrder(
  cases: readonly Case[],
  module: string,
  infecting: ReadonlySet<string>,
): readonly Case[] {
  const areas = areasOf(module);
  const place = ({ id }: Case) =>
    (infecting.has(id) ? 0 : 2) + (areas.includes(id.split('/')[0] ?? '') ? 0 : 1);
  return cases.toSorted((a, b) => place(a) - place(b));
}
