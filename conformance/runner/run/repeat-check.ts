/**
 * Compares the answers to the same request in different rounds of a run.
 * @module
 */

import { createHash } from 'node:crypto';
import { type Case, expectedResult } from '../../suite/case.ts';
import type { JudgedAnswer } from '../compare/judge-answer.ts';
import { limits } from '../limits.ts';
import { type Attempt, isFailure } from './adapter-session.ts';

/** The parts of an answer that must be equal in every round. */
export interface AnswerFingerprint {
  /** The kind of answer, for people. */
  readonly answer: string;
  /** The results that the case expects by name: a value, or the SHA-256 of a file. */
  readonly parts: ReadonlyMap<string, string>;
}

/**
 * The fingerprint of an answer to `test`; undefined if there was no answer. Must be called before the folder of the
 * request is removed. Messages may differ, and so may results that an accepting case does not expect.
 */
export async function answerFingerprint(
  test: Case,
  { reply }: Pick<Attempt, 'reply'>,
  readAnswer: JudgedAnswer['readAnswer'],
): Promise<AnswerFingerprint | undefined> {
  if (isFailure(reply)) return undefined;
  switch (reply.status) {
    case 'ok': {
      const { values = {}, files = {} } = reply;
      // SEAL-040: signing the same digest again does not give the same signature.
      if (test.expect.outcome === 'accept' && test.expect.signedBy !== undefined) {
        return { answer: 'accepted', parts: new Map() };
      }
      const compared = expectedResult(test) ?? { values, files };
      const parts = new Map<string, string>();
      for (const name of Object.keys(compared.values ?? {})) parts.set(name, values[name] ?? '');
      for (const name of Object.keys(compared.files ?? {})) {
        parts.set(name, await fileDigest(readAnswer, files[name]));
      }
      return { answer: 'accepted', parts };
    }
    case 'rejected': {
      const { stage, reason } = reply;
      return {
        answer: `rejected (${stage}${reason === undefined ? '' : ` ${reason}`})`,
        parts: new Map(),
      };
    }
    case 'unsupported':
      return { answer: `unsupported (${reply.feature})`, parts: new Map() };
    case 'error':
      return { answer: 'error', parts: new Map() };
  }
}

/** How `later` differs from `first`, for people; undefined if they are equal. */
export function fingerprintDifference(
  first: AnswerFingerprint,
  later: AnswerFingerprint,
): string | undefined {
  if (first.answer !== later.answer) return `first ${first.answer}, then ${later.answer}`;
  const other = [...first.parts].find(([name, value]) => later.parts.get(name) !== value);
  return other === undefined ? undefined : `different ${other[0]}`;
}

async function fileDigest(readAnswer: JudgedAnswer['readAnswer'], path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  const file = await readAnswer(path, limits.fileBytes);
  return 'problem' in file ? '' : createHash('sha256').update(file.beginning).digest('hex');
}
