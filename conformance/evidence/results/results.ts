/**
 * What the recorded runs in `conformance/results/` say, judged with the suite of today.
 * @module
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveImplementation } from '../../runner/known-implementations.ts';
import type { CaseEvent } from '../../runner/report/events.ts';
import { classCount, executedCases, implementationName, partsOf } from '../../runner/report/parts.ts';
import { judgeRecord } from '../../runner/run/judge-record.ts';
import { type RecordedAnswers, readRecord } from '../../runner/run/recorded-answers.ts';
import type { Case } from '../../suite/case.ts';
import { type AllConfirmations, byCase, type Confirmations, caseDigest } from '../../suite/confirmations.ts';
import { parseKnownFailures } from '../../suite/known-failures.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { readSums } from '../../suite/read-sums.ts';
import { readRequirements } from '../../suite/requirements.ts';

/** The folder of the recordings, from the top of the repository. */
export const resultsFolder = 'conformance/results';

/** One recording, judged. */
export interface Result {
  /** Name and version. */
  readonly implementation: string;
  readonly language: string;
  /** Of the recording, in UTC. */
  readonly date: string;
  readonly executed: number;
  readonly passed: number;
  readonly knownFailures: number;
  /** Cases with any other status. */
  readonly others: number;
  /** `store 72 of 72`, for each claimed class. */
  readonly classes: readonly string[];
  readonly conformant: boolean;
  readonly confirmations: Confirmations;
}

/** Judges all recordings in the repository `root`, in order of their folders. */
export async function judgeResults(root: string): Promise<Result[]> {
  const folder = join(root, resultsFolder);
  const names = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
  const results: Result[] = [];
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const scratch = mkdtempSync(join(tmpdir(), 'composefs-oci-results-'));
    try {
      results.push(await judgeResult(root, await readRecord(join(folder, name), scratch)));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return results;
}

async function judgeResult(root: string, recorded: RecordedAnswers): Promise<Result> {
  const suite = readSuite(join(root, 'vectors'));
  const requirements = readRequirements(join(root, 'spec/requirements.json'));
  const { xfail: path } = resolveImplementation(recorded.record.header.command);
  const xfail =
    path === undefined ? undefined : { path, known: parseKnownFailures(readFileSync(path, 'utf8'), path) };
  const events = await judgeRecord(recorded, { suite, requirements, vectors: undefined, xfail });
  const parts = partsOf(events);
  const count = (...statuses: readonly string[]) =>
    parts.cases.filter(({ status }) => statuses.includes(status)).length;
  const executed = executedCases(parts);
  const [passed, knownFailures] = [count('pass'), count('xfail')];
  return {
    implementation: implementationName(parts.header),
    language: parts.header.implementation.language ?? '',
    date: recorded.record.time.slice(0, 10),
    executed,
    passed,
    knownFailures,
    others: executed - passed - knownFailures,
    classes: parts.classes.map(event => `${event.class} ${classCount(event)}`),
    conformant: parts.footer.conformant,
    confirmations: confirmationsOf(root, recorded, parts.cases, suite.cases),
  };
}

/** The cases in which the implementation was asked what the suite asks today. */
function confirmationsOf(
  root: string,
  { answers }: RecordedAnswers,
  events: readonly CaseEvent[],
  cases: readonly Case[],
): Confirmations {
  const sums = byCase(readSums(join(root, 'vectors')));
  const withoutCode = new Set(
    answers.flatMap(({ case: id, reply }) =>
      'status' in reply && reply.status === 'rejected' && reply.reason === undefined ? [id] : [],
    ),
  );
  const byId = new Map(cases.map(test => [test.id, test]));
  const found = {
    passes: {} as Record<string, string>,
    passesWithoutCode: {} as Record<string, string>,
    fails: {} as Record<string, string>,
    undecided: {} as Record<string, string>,
  };
  for (const { id, status, failure } of events) {
    const test = byId.get(id);
    if (test === undefined || status === 'filtered') continue;
    const list = listOf(status === 'pass' ? undefined : (failure?.status ?? status), withoutCode.has(id));
    found[list][id] = caseDigest(test, sums.get(id) ?? new Map());
  }
  return found;
}

/** The confirmations of all implementations but the reference, which confirms every case. */
export function allConfirmations(results: readonly Result[]): AllConfirmations {
  const others = results.filter(({ implementation }) => !implementation.startsWith('composefs-oci '));
  return Object.fromEntries(
    others.map(({ implementation, confirmations }) => [implementation, confirmations]),
  );
}

/** The list for a case with this failure, or that passes. */
function listOf(failure: string | undefined, isWithoutCode: boolean): keyof Confirmations {
  if (failure === undefined) return isWithoutCode ? 'passesWithoutCode' : 'passes';
  return failure === 'unsupported' || failure === 'inconclusive' ? 'undecided' : 'fails';
}
