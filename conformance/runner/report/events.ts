/**
 * The canonical result of a run: events, one a line of JSON, as `conformance/schema/report.schema.json` states.
 * @module
 */

import type { ConformanceClass } from '../../suite/classes.ts';
import type { Difference } from '../compare/difference.ts';
import type { ImplementationName } from '../protocol/messages.ts';
import type { FilteredBy, Selection } from '../select.ts';

/** What can become of a case. */
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

/** What can become of a requirement. */
export const verdicts = ['satisfied', 'violated', 'untested', 'inconclusive'] as const;
export type Verdict = (typeof verdicts)[number];

/** The first line: what was asked of whom, and how. */
export interface Header {
  readonly event: 'header';
  readonly report: 1;
  readonly suite: { readonly version: string; readonly indexSha256: string; readonly cases: number };
  readonly specVersion: string;
  /** Cases that the runner is too old for. */
  readonly leftOut: readonly { readonly id: string; readonly because: string }[];
  readonly implementation: ImplementationName;
  /** What was given as `--impl`. */
  readonly command: string;
  /** What was given as `--vectors`. */
  readonly vectors: string | null;
  readonly operations: readonly string[];
  /** Declared operations that the suite does not have. */
  readonly unknownOperations: readonly string[];
  readonly features: readonly string[];
  readonly selection: Selection;
  readonly xfail: string | null;
  readonly seed: number;
  /** How often each case was asked. */
  readonly repeat: number;
  readonly jobs: number;
  readonly timeoutMs: number;
  /** Of one process; null where the platform offers no limit. */
  readonly memoryLimit: number | null;
  readonly platform: { readonly os: string; readonly arch: string; readonly node: string };
}

/** A line of the list of known failures, as far as a case is concerned. */
export interface Listed {
  readonly line: number;
  readonly status: string;
  readonly link: string;
  readonly reason: string;
}

/** One case. */
export interface CaseEvent {
  readonly event: 'case';
  readonly id: string;
  readonly title: string;
  readonly op: string;
  readonly requirements: readonly string[];
  readonly status: Status;
  /** Why it was not asked, of a filtered case. */
  readonly filtered?: FilteredBy;
  /** Why it is not a pass. For an xfail, how it fails. */
  readonly failure?: {
    readonly status: Exclude<Status, 'pass' | 'xfail' | 'xpass' | 'filtered'>;
    /** The same for cases that fail alike. */
    readonly cause: string;
    readonly message: string;
    readonly difference?: Difference;
    /** The end of what the process wrote there while it had the request. */
    readonly stderr?: string;
  };
  readonly listed?: Listed;
  /** The same request got another answer later. */
  readonly differently?: true;
  /** A rejection that counts, without a code. */
  readonly withoutReason?: true;
  readonly durationMs?: number;
  /** The folder of the request, where it is kept. */
  readonly kept?: string;
}

/** One requirement. */
export interface RequirementEvent {
  readonly event: 'requirement';
  readonly id: string;
  /** Unknown without `spec/requirements.json`; then it counts as MUST. */
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

/** One claimed conformance class: absolute requirements that cases or the runner can decide, by verdict. */
export interface ClassEvent {
  readonly event: 'class';
  readonly class: ConformanceClass;
  readonly requirements: Readonly<Record<Verdict, number>>;
  /** Requirements of the class that the runner can watch, and did not in this run. */
  readonly notWatched: number;
  /** Requirements of the class that only people decide, who read. */
  readonly byInspection: number;
}

/** The last line: the sums and the verdict. */
export interface Footer {
  readonly event: 'footer';
  readonly counts: Readonly<Record<Status, number>>;
  readonly rejectionsWithoutReason: number;
  /** Lines of the list of known failures that match no case. */
  readonly unusedXfail: readonly { readonly line: number; readonly pattern: string }[];
  readonly conformant: boolean;
  /** Why not; empty where it is. */
  readonly because: readonly string[];
  readonly exitCode: 0 | 1 | 4;
  readonly durationMs: number;
}

export type ReportEvent = Header | CaseEvent | RequirementEvent | ClassEvent | Footer;

/** The stream as text: one event a line. */
export function jsonLines(events: readonly ReportEvent[]): string {
  return events.map(event => `${JSON.stringify(event)}\n`).join('');
}
