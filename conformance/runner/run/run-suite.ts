/**
 * One run: sends every selected case that the implementation declares to support, and evaluates the answers.
 * @module
 */

import { type Case, operations } from '../../suite/case.ts';
import type { KnownFailure } from '../../suite/known-failures.ts';
import type { Suite } from '../../suite/read-suite.ts';
import type { Requirement } from '../../suite/requirements.ts';
import type { CaseResult } from '../compare/judge-answer.ts';
import { limits, prlimit } from '../limits.ts';
import { type HelloMessage, specVersion } from '../protocol/messages.ts';
import type { CaseEvent, Header, ReportEvent } from '../report/events.ts';
import type { RunProgress } from '../report/progress.ts';
import { verdictsOf } from '../report/verdicts.ts';
import { type FilterReason, isSelected, type Selection, undeclaredNeed } from '../select.ts';
import { AdapterSession, isFailure, type StartFailure } from './adapter-session.ts';
import { fingerprintDifference } from './repeat-check.ts';
import { type CaseRun, noAnswer, runRounds } from './run-rounds.ts';
import type { WorkDirectories } from './work-directory.ts';

/** What to run. */
export interface RunOptions {
  readonly suite: Suite;
  readonly requirements: ReadonlyMap<string, Requirement> | undefined;
  /** The value of `--impl`, for the report. */
  readonly name: string;
  /** The value of `--vectors`, for the report. */
  readonly vectors: string | undefined;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly selection: Selection;
  readonly xfail: { readonly path: string; readonly known: readonly KnownFailure[] } | undefined;
  readonly seed: number;
  /** How often each case is run, every time in different processes. */
  readonly repeat: number;
  /** The maximum number of processes; hello can lower it. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly work: WorkDirectories;
  readonly keep: boolean;
  readonly progress: (progress: RunProgress) => void;
}

/** The adapter does not start, or does not declare what is needed. */
export class CouldNotStart extends Error {}

/** All runs of a case: the first one, and those of later rounds. */
interface CaseRuns {
  readonly first: CaseRun;
  readonly repeated: readonly CaseRun[];
}

/** Runs the suite. Throws {@link CouldNotStart}. */
export async function runSuite(options: RunOptions): Promise<ReportEvent[]> {
  const started = Date.now();
  const { suite, requirements, selection, command, timeoutMs, xfail } = options;
  const sessionOptions = { command, timeoutMs, suiteVersion: suite.version };
  const first = new AdapterSession(sessionOptions);
  const hello = await first.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  if (!hello.specVersions.includes(specVersion)) {
    await first.end();
    throw new CouldNotStart(specVersionText(hello));
  }
  const filtered = new Map<string, FilterReason>();
  for (const test of suite.cases) {
    const reason: FilterReason | undefined = isSelected(test, selection, requirements)
      ? undeclaredNeed(test, hello)
      : { by: 'selection' };
    if (reason !== undefined) filtered.set(test.id, reason);
  }
  const toRun = suite.cases.filter(({ id }) => !filtered.has(id));
  const jobs = Math.max(1, Math.min(options.jobs, hello.concurrency ?? options.jobs, toRun.length));
  const newSession = () => new AdapterSession({ ...sessionOptions, hello });
  const { rounds, stopped } = await runRounds(toRun, { ...options, first, newSession, jobs });
  const header = headerOf(options, hello, jobs);
  const cases = caseEvents(options, rounds, filtered);
  const unusedXfail = (xfail?.known ?? []).filter(
    ({ matches }) => !suite.cases.some(({ id }) => matches(id)),
  );
  const durationMs = Date.now() - started;
  const verdicts = verdictsOf({ header, cases, requirements, unusedXfail, stopped, durationMs });
  return [header, ...cases, ...verdicts.requirements, ...verdicts.classes, verdicts.footer];
}

function caseEvents(
  { suite, xfail, keep, repeat }: RunOptions,
  rounds: readonly (readonly CaseRun[])[],
  filtered: ReadonlyMap<string, FilterReason>,
): CaseEvent[] {
  const byId = new Map<string, CaseRuns>();
  for (const run of rounds.flat()) {
    const { id } = run.test;
    const earlier = byId.get(id);
    byId.set(
      id,
      earlier === undefined
        ? { first: run, repeated: [] }
        : { ...earlier, repeated: [...earlier.repeated, run] },
    );
  }
  const passed = (id: string) => {
    const runs = byId.get(id);
    return runs !== undefined && combinedResult(runs).status === 'pass';
  };
  // After an early stop, a case that passed, but not as often as it was to be run, counts as not run.
  for (const [id, { repeated }] of byId) if (passed(id) && repeated.length + 1 < repeat) byId.delete(id);
  const whyNotRun = (id: string): FilterReason => filtered.get(id) ?? { by: 'stop' };
  const lacksControl = ({ control }: Case) => {
    if (control === null || passed(control)) return false;
    return byId.has(control) || !['selection', 'stop'].includes(whyNotRun(control).by);
  };
  return [...suite.cases]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(test => {
      const { id, title, op, requirements } = test;
      const named = { event: 'case', id, title, op, requirements } as const;
      const runs = byId.get(id);
      if (runs === undefined) {
        return { ...named, status: 'filtered', filtered: whyNotRun(id) };
      }
      const result = finalResult(runs, lacksControl(test));
      const { reply, work, stderr } = runs.first.attempt;
      const rejected = !isFailure(reply) && reply.status === 'rejected';
      const withoutReason = result.status === 'pass' && rejected && reply.reason === undefined;
      return {
        ...named,
        ...withKnownFailures(result, xfail?.known.filter(({ matches }) => matches(id)) ?? []),
        ...(result.status !== 'pass' && {
          failure: { ...result, ...(stderr !== '' && { stderr }) },
        }),
        ...(answerDifference(runs) !== undefined && { differently: true }),
        ...(withoutReason && { withoutReason }),
        durationMs: runs.first.durationMs,
        ...(keep && work !== undefined && { kept: work.path }),
      };
    });
}

type FinalCaseResult =
  | { readonly status: 'pass' }
  | (Omit<Exclude<CaseResult, { status: 'pass' }>, 'status'> & {
      readonly status: Exclude<CaseResult['status'], 'pass'> | 'inconclusive';
    });

/** The result of all runs of a case: that of the first run, unless a later one has a different answer or none. */
function combinedResult(runs: CaseRuns): CaseResult {
  const { first, repeated } = runs;
  const { test } = first;
  const result = runResult(first);
  if (hasNoAnswer(result)) return result;
  const difference = answerDifference(runs);
  if (difference !== undefined) {
    return { status: 'fail', cause: `${test.op} answered differently`, message: difference };
  }
  for (const [i, later] of repeated.entries()) {
    const laterResult = runResult(later);
    if (hasNoAnswer(laterResult)) {
      return { ...laterResult, message: `${nthTime(i)}: ${laterResult.message}` };
    }
  }
  return result;
}

/** The result of one run, with regard to what invalidated its answer later. */
function runResult({ test, attempt, result }: CaseRun): CaseResult {
  const { invalidated } = attempt;
  return invalidated === undefined ? result : noAnswer(test, invalidated.status, invalidated.problem);
}

/** Whether there was no valid answer. */
function hasNoAnswer(result: CaseResult): result is Exclude<CaseResult, { status: 'pass' }> {
  return ['crash', 'timeout', 'protocol'].includes(result.status);
}

/** How a later answer differs from the first one, in one line; undefined if none does. */
function answerDifference({ first, repeated }: CaseRuns): string | undefined {
  if (first.fingerprint === undefined) return undefined;
  for (const [i, { fingerprint }] of repeated.entries()) {
    const difference =
      fingerprint === undefined ? undefined : fingerprintDifference(first.fingerprint, fingerprint);
    if (difference !== undefined) return `answered differently ${nthTime(i)}: ${difference}`;
  }
  return undefined;
}

/** `the second time` for the first repetition. */
function nthTime(repetition: number): string {
  return ['the second time', 'the third time'][repetition] ?? `at time ${repetition + 2}`;
}

/** A correct rejection proves nothing if the implementation also rejects the control. */
function finalResult(runs: CaseRuns, lacksControl: boolean): FinalCaseResult {
  const result = combinedResult(runs);
  const { test, attempt } = runs.first;
  const rejected = !isFailure(attempt.reply) && attempt.reply.status === 'rejected';
  if (result.status !== 'pass' || !rejected || !lacksControl) return result;
  return {
    status: 'inconclusive',
    cause: `${test.op} control`,
    message: `rejected as expected, but its control ${test.control}, which differs in one detail and must be accepted, did not pass`,
  };
}

function withKnownFailures(
  { status }: FinalCaseResult,
  matching: readonly KnownFailure[],
): Pick<CaseEvent, 'status' | 'listed'> {
  const known = matching.find(failure => failure.status === status) ?? matching[0];
  if (known === undefined) return { status };
  const { line, link, reason } = known;
  const listed = { line, status: known.status, link, reason };
  // An unstable case that passes this time does not count as passed.
  const unstable = known.status === 'unstable' && (status === 'pass' || status === 'fail');
  if (unstable) return { status: 'xfail', listed };
  if (status === 'pass') return { status: 'xpass', listed };
  return { status: known.status === status ? 'xfail' : status, listed };
}

function headerOf(
  { suite, name, vectors, selection, xfail, seed, repeat, timeoutMs }: RunOptions,
  hello: HelloMessage,
  jobs: number,
): Header {
  return {
    event: 'header',
    report: 1,
    suite: { version: suite.version, indexSha256: suite.indexSha256, cases: suite.cases.length },
    specVersion,
    leftOut: suite.leftOut,
    implementation: hello.implementation,
    command: name,
    vectors: vectors ?? null,
    operations: hello.operations,
    unknownOperations: hello.operations.filter(operation => !operations.some(known => known === operation)),
    features: hello.features,
    selection,
    xfail: xfail?.path ?? null,
    seed,
    repeat,
    jobs,
    timeoutMs,
    memoryLimit: prlimit === undefined ? null : limits.memoryBytes,
    platform: { os: process.platform, arch: process.arch, node: process.version },
  };
}

/** Why an adapter did not start. */
export function startText({ failure, stderr }: StartFailure): string {
  return stderr === '' ? failure.problem : `${failure.problem}\nstderr of the adapter:\n${stderr}`;
}

/** Why an adapter for other versions of the specification cannot be run. */
export function specVersionText({ specVersions }: HelloMessage): string {
  return `hello declares specVersions ${specVersions.join(', ')}, but not ${specVersion}, which this runner tests`;
}
