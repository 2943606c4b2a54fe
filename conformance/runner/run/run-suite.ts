/**
 * One run: sends every selected case that the implementation declares to support, and evaluates the answers.
 * @module
 */

import { operations } from '../../suite/case.ts';
import type { KnownFailure } from '../../suite/known-failures.ts';
import type { Suite } from '../../suite/read-suite.ts';
import type { Requirement } from '../../suite/requirements.ts';
import { limits, prlimit } from '../limits.ts';
import { type HelloMessage, specVersion } from '../protocol/messages.ts';
import type { Footer, Header, ReportEvent } from '../report/events.ts';
import type { RunProgress } from '../report/progress.ts';
import { verdictsOf } from '../report/verdicts.ts';
import {
  casesInShard,
  type FilterReason,
  isSelected,
  type Selection,
  type Shard,
  undeclaredNeed,
} from '../select.ts';
import { AdapterSession, type StartFailure } from './adapter-session.ts';
import { caseEvents } from './case-events.ts';
import type { Recorder } from './recorder.ts';
import { runRounds } from './run-rounds.ts';
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
  /** The part of the cases to run; undefined for all. */
  readonly shard?: Shard | undefined;
  readonly xfail: { readonly path: string; readonly known: readonly KnownFailure[] } | undefined;
  readonly seed: number;
  /** How often each case is run, every time in different processes. */
  readonly repeat: number;
  /** The maximum number of processes; hello can lower it. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly work: WorkDirectories;
  /** Keeps the answers; undefined if they are not to be recorded. */
  readonly recorder?: Recorder | undefined;
  readonly keep: boolean;
  readonly progress: (progress: RunProgress) => void;
}

/** The adapter does not start, or does not declare what is needed. */
export class CouldNotStart extends Error {}

/** Runs the suite. Throws {@link CouldNotStart}. */
export async function runSuite(options: RunOptions): Promise<ReportEvent[]> {
  const started = Date.now();
  const { suite, requirements, selection, command, timeoutMs } = options;
  const sessionOptions = { command, timeoutMs, suiteVersion: suite.version };
  const first = new AdapterSession(sessionOptions);
  const hello = await first.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  if (!hello.specVersions.includes(specVersion)) {
    await first.end();
    throw new CouldNotStart(specVersionText(hello));
  }
  const filtered = new Map<string, FilterReason>();
  const inShard = options.shard && casesInShard(suite.cases, options.shard);
  for (const test of suite.cases) {
    const selected = isSelected(test, selection, requirements);
    const otherShard: FilterReason | undefined =
      inShard?.has(test.id) === false ? { by: 'shard' } : undefined;
    const reason: FilterReason | undefined = selected
      ? (undeclaredNeed(test, hello) ?? otherShard)
      : { by: 'selection' };
    if (reason !== undefined) filtered.set(test.id, reason);
  }
  const toRun = suite.cases.filter(({ id }) => !filtered.has(id));
  const jobs = Math.max(1, Math.min(options.jobs, hello.concurrency ?? options.jobs, toRun.length));
  const newSession = () => new AdapterSession({ ...sessionOptions, hello });
  const { rounds, stopped } = await runRounds(toRun, { ...options, first, newSession, jobs });
  const header = headerOf(options, hello, jobs);
  const cases = caseEvents(options, rounds, filtered);
  const durationMs = Date.now() - started;
  await options.recorder?.finish({ header, hello, stopped, durationMs }, suite, command, rounds);
  const unusedXfail = unusedLines(options);
  const verdicts = verdictsOf({ header, cases, requirements, unusedXfail, stopped, durationMs });
  return [header, ...cases, ...verdicts.requirements, ...verdicts.classes, verdicts.footer];
}

function headerOf(options: RunOptions, hello: HelloMessage, jobs: number): Header {
  const { name, selection, shard, seed, repeat, timeoutMs } = options;
  return {
    event: 'header',
    report: 1,
    ...suiteHeader(options, hello),
    implementation: hello.implementation,
    command: name,
    operations: hello.operations,
    features: hello.features,
    selection,
    shard: shard ?? null,
    recorded: null,
    seed,
    repeat,
    jobs,
    timeoutMs,
    memoryLimit: prlimit === undefined ? null : limits.memoryBytes,
    platform: { os: process.platform, arch: process.arch, node: process.version },
  };
}

/** The part of a header that depends on the suite and the list of known failures. */
export function suiteHeader(
  { suite, vectors, xfail }: Pick<RunOptions, 'suite' | 'vectors' | 'xfail'>,
  hello: HelloMessage,
) {
  return {
    suite: { version: suite.version, indexSha256: suite.indexSha256, cases: suite.cases.length },
    specVersion,
    leftOut: suite.leftOut,
    vectors: vectors ?? null,
    unknownOperations: hello.operations.filter(operation => !operations.some(known => known === operation)),
    xfail: xfail?.path ?? null,
  };
}

/** The lines of the list of known failures that match no case. */
export function unusedLines({ suite, xfail }: Pick<RunOptions, 'suite' | 'xfail'>): Footer['unusedXfail'] {
  return (xfail?.known ?? [])
    .filter(({ matches }) => !suite.cases.some(({ id }) => matches(id)))
    .map(({ line, pattern }) => ({ line, pattern }));
}

/** Why an adapter did not start. */
export function startText({ failure, stderr }: StartFailure): string {
  return stderr === '' ? failure.problem : `${failure.problem}\nstderr of the adapter:\n${stderr}`;
}

/** Why an adapter for other versions of the specification cannot be run. */
export function specVersionText({ specVersions }: HelloMessage): string {
  return `hello declares specVersions ${specVersions.join(', ')}, but not ${specVersion}, which this runner tests`;
}
