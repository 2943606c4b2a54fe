/**
 * Sends the cases to sessions, in one or more rounds, until all are run or the run has to stop.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import { DamagedSuite } from '../../suite/case-file.ts';
import type { KnownFailure } from '../../suite/known-failures.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { CouldNotContinue } from '../../suite/system-error.ts';
import type { Stop } from '../report/events.ts';
import type { RunProgress } from '../report/progress.ts';
import type { AdapterSession } from './adapter-session.ts';
import { bugText } from './bug-text.ts';
import { type CaseRun, judgeReceived, receivedAnswer } from './judge-received.ts';
import type { Recorder } from './recorder.ts';
import { distribute, shuffled } from './schedule.ts';
import { TimeoutsInARow } from './timeouts.ts';
import type { WorkDirectories } from './work-directory.ts';

/** How to run cases. */
export interface RoundOptions {
  readonly suite: Suite;
  readonly xfail: { readonly known: readonly KnownFailure[] } | undefined;
  readonly seed: number;
  /** The number of rounds. */
  readonly repeat: number;
  /** The number of sessions. */
  readonly jobs: number;
  readonly work: WorkDirectories;
  readonly progress: (progress: RunProgress) => void;
  /** The session that is started already. */
  readonly first: AdapterSession;
  readonly newSession: () => AdapterSession;
  /** Keeps the answers; undefined if they are not to be recorded. */
  readonly recorder?: Recorder | undefined;
}

/** Every run of every round, and why the last round ended early, if it did. */
export interface Rounds {
  readonly rounds: readonly (readonly CaseRun[])[];
  readonly stopped: Stop | null;
}

/**
 * Runs `tests` as often as wanted. Throws {@link DamagedSuite}; every other error stops the run, and what was run
 * before is returned.
 */
export async function runRounds(tests: readonly Case[], options: RoundOptions): Promise<Rounds> {
  const { repeat, seed, jobs, first, newSession } = options;
  const rounds: CaseRun[][] = [];
  const timeouts = new TimeoutsInARow();
  try {
    for (let round = 0; round < repeat && timeouts.stop === null; round++) {
      const runs: CaseRun[] = [];
      rounds.push(runs);
      let failed = 0;
      // Every round has a different order, to find answers that depend on earlier requests to the same process.
      const order = shuffled(tests, (seed + round) % 2 ** 32);
      const others = Array.from({ length: round === 0 ? jobs - 1 : jobs }, newSession);
      const sessions = round === 0 ? [first, ...others] : others;
      await distribute(timeouts.untilStop(order), sessions, async (session, test) => {
        const run = await runCase(session, test, options);
        runs.push(run);
        const timedOut = run.result.status === 'timeout';
        if (!timedOut || !isKnownTimeout(test, options)) timeouts.count(timedOut);
        if (run.result.status !== 'pass') failed++;
        options.progress({ done: round * tests.length + runs.length, of: repeat * tests.length, failed });
      }).finally(() => Promise.all(sessions.map(session => session.end())));
    }
  } catch (error) {
    if (error instanceof DamagedSuite) throw error;
    return { rounds, stopped: stopOf(error) };
  }
  return { rounds, stopped: timeouts.stop };
}

function stopOf(error: unknown): Stop {
  if (error instanceof CouldNotContinue) return { by: 'environment', message: error.message };
  return { by: 'bug', message: bugText(error) };
}

/** Whether the timeout of `test` is a known failure. */
function isKnownTimeout({ id }: Case, { xfail }: RoundOptions): boolean {
  return xfail?.known.some(({ status, matches }) => status === 'timeout' && matches(id)) ?? false;
}

/** Runs one case once. */
export async function runCase(
  session: AdapterSession,
  test: Case,
  { suite, work, recorder }: Pick<RoundOptions, 'suite' | 'work' | 'recorder'>,
): Promise<CaseRun> {
  const started = Date.now();
  const attempt = await session.request(test, () => work.prepare(test, caseFolder(suite, test)));
  const answer = receivedAnswer(attempt);
  const judged = await judgeReceived(test, answer, suite);
  await recorder?.keepFiles(answer);
  attempt.work?.remove();
  return { test, attempt, misuse: answer.misuse, ...judged, durationMs: Date.now() - started };
}
