/**
 * Whether the same request got the same answer again.
 * @module
 */

import { createHash } from 'node:crypto';
import { acceptedOf, type Case } from '../../suite/case.ts';
import { readAnswerFile } from '../compare/answer-file.ts';
import { limits } from '../limits.ts';
import { type Attempt, isFailure } from './worker.ts';

/** What of an answer has to come again. */
export interface Gist {
  /** What kind of answer it was, for people. */
  readonly answer: string;
  /** What the case asks for, by its name: a value, or the SHA-256 of a file. */
  readonly parts: ReadonlyMap<string, string>;
}

/**
 * The gist of an answer to `test`, read before the folder of the request goes; undefined where there was no answer.
 * Messages are for people, and what a case that accepts doesn't ask for is nobody's business: neither has to come
 * again.
 */
export async function gistOf(test: Case, { reply, work }: Attempt): Promise<Gist | undefined> {
  if (isFailure(reply) || work === undefined) return undefined;
  switch (reply.status) {
    case 'ok': {
      const { values = {}, files = {} } = reply;
      const asked = acceptedOf(test) ?? { values, files };
      const parts = new Map<string, string>();
      for (const name of Object.keys(asked.values ?? {})) parts.set(name, values[name] ?? '');
      for (const name of Object.keys(asked.files ?? {})) {
        parts.set(name, await fileDigest(work.outDir, files[name]));
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

/** How `later` differs from `first`, for people; undefined where it does not. */
export function gistDifference(first: Gist, later: Gist): string | undefined {
  if (first.answer !== later.answer) return `${first.answer} at first, then ${later.answer}`;
  const other = [...first.parts].find(([name, value]) => later.parts.get(name) !== value);
  return other === undefined ? undefined : `another ${other[0]}`;
}

async function fileDigest(outDir: string, path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  const file = await readAnswerFile(outDir, path, limits.fileBytes);
  return 'problem' in file ? '' : createHash('sha256').update(file.beginning).digest('hex');
}
