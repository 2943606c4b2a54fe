/**
 * `--judge`: judges a recorded run again, without the implementation.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import type { CaseEvent, Header, ReportEvent } from '../report/events.ts';
import { verdictsOf } from '../report/verdicts.ts';
import { casesInShard, type FilterReason, isSelected, undeclaredNeed } from '../select.ts';
import { caseEvents } from './case-events.ts';
import { type CaseRun, judgeReceived } from './judge-received.ts';
import { type AnswerLine, requestDigest } from './record-format.ts';
import type { RecordedAnswers } from './recorded-answers.ts';
import { type RunOptions, suiteHeader, unusedLines } from './run-suite.ts';

/** What to judge the answers with. */
export type JudgeOptions = Pick<RunOptions, 'suite' | 'requirements' | 'vectors' | 'xfail'>;

/** The report of a recorded run with the suite of `options`, which can be a later one than that of the run. */
export async function judgeRecord(
  { record, answers, readFile }: RecordedAnswers,
  options: JudgeOptions,
): Promise<ReportEvent[]> {
  const { suite, requirements, xfail } = options;
  const { hello, stopped, durationMs } = record;
  const header: Header = {
    ...record.header,
    ...suiteHeader(options, hello),
    recorded: { time: record.time, answersSha256: record.answers.sha256 },
  };
  const { selection, shard, repeat } = header;
  const inShard = shard === null ? undefined : casesInShard(suite.cases, shard);
  const byCase = new Map<string, AnswerLine[]>();
  for (const answer of answers) byCase.set(answer.case, [...(byCase.get(answer.case) ?? []), answer]);
  const filtered = new Map<string, FilterReason>();
  const rounds: CaseRun[][] = Array.from({ length: repeat }, () => []);
  for (const test of suite.cases) {
    const lines = byCase.get(test.id) ?? [];
    const reason = whyNotJudged(test, lines);
    if (reason !== undefined) {
      filtered.set(test.id, reason);
      continue;
    }
    for (const line of lines) rounds[line.round]?.push(await judgedAgain(test, line));
  }

  function whyNotJudged(test: Case, lines: readonly AnswerLine[]): FilterReason | undefined {
    if (!isSelected(test, selection, requirements)) return { by: 'selection' };
    const undeclared = undeclaredNeed(test, hello);
    if (undeclared !== undefined) return undeclared;
    if (inShard?.has(test.id) === false) return { by: 'shard' };
    if (lines.length === 0) return stopped === null ? { by: 'record' } : { by: 'stop' };
    const request = requestDigest(suite, test);
    return lines.every(line => line.request === request) ? undefined : { by: 'record' };
  }

  async function judgedAgain(test: Case, line: AnswerLine): Promise<CaseRun> {
    const { reply, stderr, invalidated, misuse } = line;
    const attempt = { reply, work: undefined, stderr, ...(invalidated && { invalidated }) };
    const answer = {
      reply,
      misuse: misuse ?? undefined,
      readAnswer: (path: string, most: number) => readFile(line, path, most),
    };
    const judged = await judgeReceived(test, answer, suite);
    return { test, attempt, misuse: answer.misuse, ...judged, durationMs: line.durationMs };
  }

  const cases: CaseEvent[] = caseEvents({ suite, xfail, keep: false, repeat }, rounds, filtered);
  const results = { header, cases, requirements, unusedXfail: unusedLines(options), stopped, durationMs };
  const verdicts = verdictsOf(results);
  return [header, ...cases, ...verdicts.requirements, ...verdicts.classes, verdicts.footer];
}
