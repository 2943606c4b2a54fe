/**
 * A check by the kernel of the guest: its jobs, and how the answers are judged.
 * @module
 */

import type { KernelTopic } from '../../suite/kernel-runs.ts';
import { type CheckResult, skip } from '../external-checks/check-results.ts';
import type { Job, JobAnswer, Results } from './jobs.ts';

/** What the kernel did in one check. */
export interface Finding {
  readonly topic: KernelTopic;
  /** The id of the case, or what was tried. */
  readonly name: string;
  /** Undefined if the kernel may do anything. */
  readonly result: CheckResult | undefined;
  /** What the kernel did, in a few words: the error, or a digest that it measured. */
  readonly observed: string;
}

/** Jobs that belong together. */
export interface KernelCheck {
  readonly jobs: readonly Job[];
  /** The findings from the answers to all of the jobs, in their order. */
  judge(answers: readonly JobAnswer[]): readonly Finding[];
  /** The findings if the kernel stopped before it did all of the jobs. */
  readonly unanswered: readonly Pick<Finding, 'topic' | 'name'>[];
}

/** The findings of all checks. `answers` has fewer answers than there are jobs if the kernel stopped. */
export function judgeAll(checks: readonly KernelCheck[], answers: readonly JobAnswer[]): Finding[] {
  let at = 0;
  return checks.flatMap(check => {
    const own = answers.slice(at, at + check.jobs.length);
    at += check.jobs.length;
    if (own.length === check.jobs.length) return check.judge(own);
    const result = skip('the kernel stopped before this check');
    return check.unanswered.map(each => ({ ...each, result, observed: 'not run' }));
  });
}

/** The result of the job of `kind` that `answer` is about. Throws if the program of the guest failed. */
export function resultOf<Kind extends keyof Results>(
  kind: Kind,
  answer: JobAnswer | undefined,
): Results[Kind] {
  if (answer === undefined) throw new Error(`there is no answer to a job of kind ${kind}`);
  if ('failed' in answer)
    throw new Error(`the program of the guest failed in a job of kind ${kind}: ${answer.failed}`);
  return answer.result as Results[Kind];
}
