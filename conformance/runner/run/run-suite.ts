/**
 * One run: every selected and declared case asked, and all of it judged.
 * @module
 */

import { type Case, operations } from '../../suite/case.ts';
import type { Expected } from '../../suite/known-failures.ts';
import { caseFolder, readExpected, type Suite } from '../../suite/read-suite.ts';
import type { Requirement } from '../../suite/requirements.ts';
import { type Judgement, judge } from '../compare/judge-answer.ts';
import { limits, prlimit } from '../limits.ts';
import { type Hello, specVersion } from '../protocol/messages.ts';
import type { CaseEvent, Header, ReportEvent } from '../report/events.ts';
import type { RunProgress } from '../report/progress.ts';
import { verdictsOf } from '../report/verdicts.ts';
import { type FilteredBy, type Selection, selected, undeclared } from '../select.ts';
import { type Gist, gistDifference, gistOf } from './repeat-check.ts';
import { share, shuffled } from './schedule.ts';
import type { WorkDirectories } from './work-directory.ts';
import { type Attempt, isFailure, type StartFailure, Worker } from './worker.ts';

/** What to run. */
export interface RunOptions {
  readonly suite: Suite;
  readonly requirements: ReadonlyMap<string, Requirement> | undefined;
  /** What was given as `--impl`, for the report. */
  readonly name: string;
  /** What was given as `--vectors`, for the report. */
  readonly vectors: string | undefined;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly selection: Selection;
  readonly xfail: { readonly path: string; readonly expected: readonly Expected[] } | undefined;
  readonly seed: number;
  /** How often each case is asked, every time in other processes. */
  readonly repeat: number;
  /** At most; the adapter may want fewer. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly work: WorkDirectories;
  readonly keep: boolean;
  readonly progress: (progress: RunProgress) => void;
}

/** The adapter did not start, or can't be asked. */
export class CouldNotStart extends Error {}

/** A case that was asked: the attempt, what it is worth by itself, and how long it took. */
interface Asked {
  readonly test: Case;
  readonly attempt: Attempt;
  readonly judgement: Judgement;
  /** Read only where cases are asked again. */
  readonly gist: Gist | undefined;
  readonly durationMs: number;
}

/** Runs the suite. Throws {@link CouldNotStart}. */
export async function runSuite(options: RunOptions): Promise<ReportEvent[]> {
  const started = Date.now();
  const { suite, requirements, selection, command, timeoutMs, xfail } = options;
  const workerOptions = { command, timeoutMs, suiteVersion: suite.version };
  const first = new Worker(workerOptions);
  const hello = await first.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  if (!hello.specVersions.includes(specVersion)) {
    await first.end();
    throw new CouldNotStart(
      `it speaks ${hello.specVersions.join(', ')} of the specification, not ${specVersion}`,
    );
  }
  const filtered = new Map<string, FilteredBy>();
  for (const test of suite.cases) {
    const by: FilteredBy | undefined = selected(test, selection, requirements)
      ? undeclared(test, hello)
      : { by: 'selection' };
    if (by !== undefined) filtered.set(test.id, by);
  }
  const toAsk = suite.cases.filter(({ id }) => !filtered.has(id));
  const jobs = Math.max(1, Math.min(options.jobs, hello.concurrency ?? options.jobs, toAsk.length));
  const rounds: Asked[][] = [];
  for (let round = 0; round < options.repeat; round++) {
    // A process that answers only its first request, or the one after a certain other, answers otherwise here.
    const order = shuffled(toAsk, (options.seed + round) % 2 ** 32);
    const others = Array.from({ length: round === 0 ? jobs - 1 : jobs }, () => {
      return new Worker({ ...workerOptions, hello });
    });
    const workers = round === 0 ? [first, ...others] : others;
    rounds.push(await askAll(order, workers, { ...options, done: round * toAsk.length }));
  }
  const header = headerOf(options, hello, jobs);
  const cases = caseEvents(options, rounds, filtered);
  const unusedXfail = (xfail?.expected ?? []).filter(
    ({ matches }) => !suite.cases.some(({ id }) => matches(id)),
  );
  const verdicts = verdictsOf({ header, cases, requirements, unusedXfail, durationMs: Date.now() - started });
  return [header, ...cases, ...verdicts.requirements, ...verdicts.classes, verdicts.footer];
}

async function askAll(
  tests: readonly Case[],
  workers: readonly Worker[],
  options: RunOptions & { readonly done: number },
): Promise<Asked[]> {
  const asked: Asked[] = [];
  let failed = 0;
  await share(tests, workers, async (worker, test) => {
    const result = await ask(worker, test, options);
    asked.push(result);
    if (result.judgement.status !== 'pass') failed++;
    options.progress({
      done: options.done + asked.length,
      of: options.repeat * tests.length,
      failed,
    });
  });
  await Promise.all(workers.map(worker => worker.end()));
  return asked;
}

async function ask(worker: Worker, test: Case, { suite, work, repeat }: RunOptions): Promise<Asked> {
  const started = Date.now();
  const attempt = await worker.ask(test, () => work.prepare(test, caseFolder(suite, test)));
  const judgement = await judgeAttempt(test, attempt, suite);
  const gist = repeat > 1 ? await gistOf(test, attempt) : undefined;
  await attempt.work?.remove();
  return { test, attempt, judgement, gist, durationMs: Date.now() - started };
}

async function judgeAttempt(test: Case, { reply, work }: Attempt, suite: Suite): Promise<Judgement> {
  if (isFailure(reply) || work === undefined) {
    const { status, problem } = isFailure(reply) ? reply : { status: 'crash' as const, problem: 'no folder' };
    return noAnswer(test, status, problem);
  }
  const stray = await work.stray();
  if (stray !== undefined) return noAnswer(test, 'protocol', stray);
  return judge({
    test,
    done: reply,
    outDir: work.outDir,
    readExpected: path => readExpected(suite, test, path),
  });
}

function noAnswer(test: Case, status: 'crash' | 'timeout' | 'protocol', problem: string): Judgement {
  // What an adapter wrote, an id or a name, is no part of the cause.
  return { status, cause: `${test.op} ${status}: ${problem.split(':')[0] ?? ''}`, message: problem };
}

function caseEvents(
  { suite, xfail, keep }: RunOptions,
  rounds: readonly (readonly Asked[])[],
  filtered: ReadonlyMap<string, FilteredBy>,
): CaseEvent[] {
  const byId = new Map<string, Answered>();
  for (const round of rounds) {
    for (const asked of round) {
      const before = byId.get(asked.test.id);
      byId.set(asked.test.id, before === undefined ? { first: asked, again: [] } : more(before, asked));
    }
  }
  const passed = (id: string) => {
    const result = byId.get(id);
    return result !== undefined && ownJudgement(result).status === 'pass';
  };
  const uncontrolled = (test: Case) =>
    test.control !== null && filtered.get(test.control)?.by !== 'selection' && !passed(test.control);
  return [...suite.cases]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(test => {
      const { id, title, op, requirements } = test;
      const named = { event: 'case', id, title, op, requirements } as const;
      const by = filtered.get(id);
      const result = byId.get(id);
      if (result === undefined) return { ...named, status: 'filtered', filtered: by ?? { by: 'selection' } };
      const judgement = finalJudgement(result, uncontrolled(test));
      const { reply, work, stderr } = result.first.attempt;
      const rejected = !isFailure(reply) && reply.status === 'rejected';
      const withoutReason = judgement.status === 'pass' && rejected && reply.reason === undefined;
      return {
        ...named,
        ...listed(judgement, xfail?.expected.filter(({ matches }) => matches(id)) ?? []),
        ...(judgement.status !== 'pass' && {
          failure: { ...judgement, ...(stderr !== '' && { stderr }) },
        }),
        ...(differently(result) !== undefined && { differently: true }),
        ...(withoutReason && { withoutReason }),
        durationMs: result.first.durationMs,
        ...(keep && work !== undefined && { kept: work.path }),
      };
    });
}

type FinalJudgement =
  | { readonly status: 'pass' }
  | (Omit<Exclude<Judgement, { status: 'pass' }>, 'status'> & {
      readonly status: Exclude<Judgement['status'], 'pass'> | 'inconclusive';
    });

/** A case that was asked once, and then again. */
interface Answered {
  readonly first: Asked;
  readonly again: readonly Asked[];
}

function more({ first, again }: Answered, asked: Asked): Answered {
  return { first, again: [...again, asked] };
}

/** What the answers are worth: the first one, unless there was another one later, or none. */
function ownJudgement(answered: Answered): Judgement {
  const { first, again } = answered;
  const { test } = first;
  const judgement = onceJudgement(first);
  if (isSilent(judgement)) return judgement;
  const difference = differently(answered);
  if (difference !== undefined) {
    return { status: 'fail', cause: `${test.op} answered differently`, message: difference };
  }
  for (const [i, later] of again.entries()) {
    const silent = onceJudgement(later);
    if (isSilent(silent)) return { ...silent, message: `${time(i)}: ${silent.message}` };
  }
  return judgement;
}

/** What one answer is worth, and what was seen after it. */
function onceJudgement({ test, attempt, judgement }: Asked): Judgement {
  const { spoiled } = attempt;
  return spoiled === undefined ? judgement : noAnswer(test, spoiled.status, spoiled.problem);
}

/** Whether there was no answer that counts. */
function isSilent(judgement: Judgement): judgement is Exclude<Judgement, { status: 'pass' }> {
  return ['crash', 'timeout', 'protocol'].includes(judgement.status);
}

/** How a later answer differs from the first one, one line; undefined where none does. */
function differently({ first, again }: Answered): string | undefined {
  if (first.gist === undefined) return undefined;
  for (const [i, { gist }] of again.entries()) {
    const difference = gist === undefined ? undefined : gistDifference(first.gist, gist);
    if (difference !== undefined) return `answered differently ${time(i)}: ${difference}`;
  }
  return undefined;
}

/** `the second time` for the first one after the first. */
function time(again: number): string {
  return ['the second time', 'the third time'][again] ?? `at time ${again + 2}`;
}

/** A right rejection from somebody who rejects the accepted sibling too says nothing. */
function finalJudgement(result: Answered, uncontrolled: boolean): FinalJudgement {
  const judgement = ownJudgement(result);
  const { test, attempt } = result.first;
  const rejected = !isFailure(attempt.reply) && attempt.reply.status === 'rejected';
  if (judgement.status !== 'pass' || !rejected || !uncontrolled) return judgement;
  return {
    status: 'inconclusive',
    cause: `${test.op} control`,
    message: `rejected, as it has to be, but ${test.control}, which differs in one thing and is fine, did not pass`,
  };
}

function listed(judgement: FinalJudgement, lines: readonly Expected[]): Pick<CaseEvent, 'status' | 'listed'> {
  const { status } = judgement;
  const match = lines.find(line => line.status === status) ?? lines[0];
  if (match === undefined) return { status };
  const { line, link, reason } = match;
  const known = { line, status: match.status, link, reason };
  // A pass by luck is none.
  const byLuck = match.status === 'unstable' && (status === 'pass' || status === 'fail');
  if (byLuck) return { status: 'xfail', listed: known };
  if (status === 'pass') return { status: 'xpass', listed: known };
  return { status: match.status === status ? 'xfail' : status, listed: known };
}

function headerOf(
  { suite, name, vectors, selection, xfail, seed, repeat, timeoutMs }: RunOptions,
  hello: Hello,
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

/** Why an adapter could not be asked. */
export function startText({ failure, stderr }: StartFailure): string {
  return stderr === '' ? failure.problem : `${failure.problem}\nits stderr:\n${stderr}`;
}
