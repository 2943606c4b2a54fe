/**
 * The result of one request: of an answer as it was received, or as it was recorded.
 * @module
 */

import type { Case } from '../../suite/case.ts';
import { DamagedSuite, pathsOf } from '../../suite/case-file.ts';
import { readExpected, type Suite } from '../../suite/read-suite.ts';
import { throwIfExhausted } from '../../suite/system-error.ts';
import { readAnswerFile } from '../compare/answer-file.ts';
import { type CaseResult, type JudgedAnswer, judgeAnswer } from '../compare/judge-answer.ts';
import { type Attempt, isFailure } from './adapter-session.ts';
import { type AnswerFingerprint, answerFingerprint } from './repeat-check.ts';

/** One run of a case: the attempt, its result without regard to other cases, and its duration. */
export interface CaseRun {
  readonly test: Case;
  readonly attempt: Attempt;
  /** What the adapter must not have done to the folder of the request. */
  readonly misuse: string | undefined;
  readonly result: CaseResult;
  /** Undefined if there is no answer. */
  readonly fingerprint: AnswerFingerprint | undefined;
  readonly durationMs: number;
}

/** An answer as it was received, or as it was recorded. */
export interface ReceivedAnswer {
  readonly reply: Attempt['reply'];
  /** What the adapter must not have done to the folder of the request. */
  readonly misuse: string | undefined;
  readonly readAnswer: JudgedAnswer['readAnswer'];
}

export function receivedAnswer({ reply, work }: Attempt): ReceivedAnswer {
  if (isFailure(reply) || work === undefined) {
    const readAnswer = async () => ({ problem: 'the request has no folder' });
    return { reply, misuse: undefined, readAnswer };
  }
  return {
    reply,
    misuse: work.misuse(),
    readAnswer: (path, most) => readAnswerFile(work.outDir, path, most),
  };
}

/** The result of an answer, and its fingerprint. */
export async function judgeReceived(
  test: Case,
  answer: ReceivedAnswer,
  suite: Suite,
): Promise<Pick<CaseRun, 'result' | 'fingerprint'>> {
  const { reply, misuse, readAnswer } = answer;
  if (isFailure(reply)) {
    return { result: noAnswer(test, reply.status, reply.problem), fingerprint: undefined };
  }
  const fingerprint = await answerFingerprint(test, answer, readAnswer);
  if (misuse !== undefined) return { result: noAnswer(test, 'protocol', misuse), fingerprint };
  const judged = { test, answer: reply, readAnswer, readExpected: expectedFileOf(test, suite) };
  return { result: await judgeAnswer(judged), fingerprint };
}

function expectedFileOf(test: Case, suite: Suite): JudgedAnswer['readExpected'] {
  return file =>
    readExpected(suite, test, file).catch(error => {
      throwIfExhausted(error);
      const paths = pathsOf(file).join(', ');
      throw new DamagedSuite(`${test.id}: cannot read the expected file ${paths}: ${error.message}`);
    });
}

/** The result of one run, with regard to what invalidated its answer later. */
export function runResult({ test, attempt, result }: CaseRun): CaseResult {
  const { invalidated } = attempt;
  return invalidated === undefined ? result : noAnswer(test, invalidated.status, invalidated.problem);
}

/** The result of a case without a valid answer. */
export function noAnswer(test: Case, status: 'crash' | 'timeout' | 'protocol', problem: string): CaseResult {
  // The part after a colon quotes the adapter, such as an id or a name, and differs between equal causes.
  return { status, cause: `${test.op} ${status}: ${problem.split(':')[0] ?? ''}`, message: problem };
}
