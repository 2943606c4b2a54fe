/**
 * The canonical report of a run: events as JSON Lines, defined by `conformance/schema/report.schema.json`.
 * @module
 */

import type { ConformanceClass } from '../../suite/classes.ts';
import type { Difference } from '../compare/difference.ts';
import type { ImplementationName } from '../protocol/messages.ts';
import type { FilterReason, Selection, Shard } from '../select.ts';

/** The statuses of a case. */
export const statuses = [
  'pass',
  'fail',
  'xfail',
  'xpass',
  'crash',
  'timeout',
  'protocol',
  'unsupported',
  'filtered',
  'inconclusive',
] as const;
export type Status = (typeof statuses)[number];

/** The verdicts on a requirement. */
export const verdicts = ['satisfied', 'violated', 'untested', 'inconclusive'] as const;
export type Verdict = (typeof verdicts)[number];

/** The first line: the implementation, the suite and the options of the run. */
export interface Header {
  readonly event: 'header';
  readonly report: 1;
  readonly suite: { readonly version: string; readonly indexSha256: string; readonly cases: number };
  readonly specVersion: string;
  /** Cases that the runner is too old to read. */
  readonly leftOut: readonly { readonly id: string; readonly because: string }[];
  readonly implementation: ImplementationName;
  /** The value of `--impl`. */
  readonly command: string;
  /** The value of `--vectors`. */
  readonly vectors: string | null;
  readonly operations: readonly string[];
  /** Declared operations that the suite does not have. */
  readonly unknownOperations: readonly string[];
  readonly features: readonly string[];
  readonly selection: Selection;
  /** The part of the cases that was run; null for all. */
  readonly shard: Shard | null;
  /** The record that the answers are from; null if the implementation was run. */
  readonly recorded: { readonly time: string; readonly answersSha256: string } | null;
  readonly xfail: string | null;
  readonly seed: number;
  /** How often each case was run. */
  readonly repeat: number;
  readonly jobs: number;
  readonly timeoutMs: number;
  /** The limit of one process in bytes; null if there is none. */
  readonly memoryLimit: number | null;
  readonly platform: { readonly os: string; readonly arch: string; readonly node: string };
}

/** The line of the list of known failures that matches a case. */
export interface ListedFailure {
  readonly line: number;
  readonly status: string;
  readonly link: string;
  readonly reason: string;
}

/** The result of one case. */
export interface CaseEvent {
  readonly event: 'case';
  readonly id: string;
  readonly title: string;
  readonly op: string;
  readonly requirements: readonly string[];
  readonly status: Status;
  /** Why the case was not run; only if it is filtered. */
  readonly filtered?: FilterReason;
  /** Why the case does not pass; also present if that is a known failure. */
  readonly failure?: {
    readonly status: Exclude<Status, 'pass' | 'xfail' | 'xpass' | 'filtered'>;
    /** Equal for failures that are reported as one cause. */
    readonly cause: string;
    readonly message: string;
    readonly difference?: Difference;
    /** The requirements that the failure can violate, if they are not all that the case cites. */
    readonly violates?: readonly string[];
    /** The end of what the process wrote to stderr during the request. */
    readonly stderr?: string;
  };
  readonly listed?: ListedFailure;
  /** Present if a repetition had a different answer. */
  readonly differently?: true;
  /** Present if the case passes with a rejection without an error code. */
  readonly withoutReason?: true;
  /**
   * The answer of a case that expects acceptance: the first 16 hex digits of the SHA-256 of each expected value and
   * file.
   */
  readonly answer?: Readonly<Record<string, string>>;
  /** A case that expects a different result and had the same answer, so that passing proves nothing. */
  readonly sameAnswerAs?: string;
  readonly durationMs?: number;
  /** The folder of the request, if it is kept. */
  readonly kept?: string;
}

/** The verdict on one requirement. */
export interface RequirementEvent {
  readonly event: 'requirement';
  readonly id: string;
  /** Null without `spec/requirements.json`; then the requirement counts as MUST. */
  readonly level: string | null;
  readonly file: string | null;
  readonly classes: readonly string[];
  readonly verdict: Verdict;
  readonly cases: {
    readonly passed: number;
    readonly failed: number;
    readonly inconclusive: number;
    readonly filtered: number;
  };
}

/** One claimed conformance class: the verdicts on the absolute requirements that cases or the runner test. */
export interface ClassEvent {
  readonly event: 'class';
  readonly class: ConformanceClass;
  readonly requirements: Readonly<Record<Verdict, number>>;
  /** Requirements of the class that the runner can observe, but did not observe in this run. */
  readonly notWatched: number;
  /** Requirements of the class that only a person can verify, by inspection. */
  readonly byInspection: number;
  /** Operations and features that the class requires and hello does not declare. */
  readonly undeclared: readonly string[];
}

/** Why a run stopped before its last case. */
export interface Stop {
  /**
   * `timeouts`: the adapter does not answer any more.
   * `environment`: the system does not let the runner continue, for example because the disk is full.
   * `bug`: the runner itself failed.
   */
  readonly by: 'timeouts' | 'environment' | 'bug';
  readonly message: string;
}

/** The last line: totals, and whether the implementation conforms. */
export interface Footer {
  readonly event: 'footer';
  readonly counts: Readonly<Record<Status, number>>;
  readonly rejectionsWithoutReason: number;
  /** Lines of the list of known failures that match no case. */
  readonly unusedXfail: readonly { readonly line: number; readonly pattern: string }[];
  readonly conformant: boolean;
  /** Why the implementation does not conform; empty if it does. */
  readonly because: readonly string[];
  /** Null if the run did not stop early. */
  readonly stopped: Stop | null;
  readonly exitCode: 0 | 1 | 3 | 4 | 5;
  readonly durationMs: number;
}

export type ReportEvent = Header | CaseEvent | RequirementEvent | ClassEvent | Footer;

/** Events as JSON Lines. */
export function jsonLines(events: readonly ReportEvent[]): string {
  return events.map(event => `${JSON.stringify(event)}\n`).join('');
}
