/**
 * The results of cases, with regard to their other runs, their controls and the list of known failures.
 * @module
 */

import { createHash } from 'node:crypto';
import type { Case } from '../../suite/case.ts';
import type { KnownFailure } from '../../suite/known-failures.ts';
import type { Suite } from '../../suite/read-suite.ts';
import type { CaseResult } from '../compare/judge-answer.ts';
import type { CaseEvent } from '../report/events.ts';
import { withRepeatedAnswers } from '../report/repeated-answers.ts';
import { type FilterReason, wasExcluded } from '../select.ts';
import { isFailure } from './adapter-session.ts';
import { type CaseRun, runResult } from './judge-received.ts';
import { type AnswerFingerprint, fingerprintDifference } from './repeat-check.ts';

/** All runs of a case: the first one, and those of later rounds. */
interface CaseRuns {
  readonly first: CaseRun;
  readonly repeated: readonly CaseRun[];
}

/** How the results of a run are evaluated. */
export interface EvaluationOptions {
  readonly suite: Pick<Suite, 'cases'>;
  readonly xfail: { readonly known: readonly KnownFailure[] } | undefined;
  readonly keep: boolean;
  /** How often each case was to be run. */
  readonly repeat: number;
}

/** The results of all cases of a run: of those in `rounds`, and of those in `filtered` or left when the run stopped. */
export function caseEvents(
  { suite, xfail, keep, repeat }: EvaluationOptions,
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
    return byId.has(control) || !wasExcluded(whyNotRun(control));
  };
  const events = [...suite.cases]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((test): CaseEvent => {
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
        ...answerOf(test, runs.first.fingerprint),
        durationMs: runs.first.durationMs,
        ...(keep && work !== undefined && { kept: work.path }),
      };
    });
  return withRepeatedAnswers(events);
}

/** The digests of an answer. An input that should have been rejected has no right result to compare it with. */
function answerOf({ expect }: Case, fingerprint: AnswerFingerprint | undefined): Pick<CaseEvent, 'answer'> {
  if (expect.outcome === 'reject' || fingerprint === undefined || fingerprint.parts.size === 0) return {};
  const digest = (part: string) => createHash('sha256').update(part).digest('hex').slice(0, 16);
  return { answer: Object.fromEntries([...fingerprint.parts].map(([name, part]) => [name, digest(part)])) };
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
