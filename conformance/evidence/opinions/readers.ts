/**
 * Readers in Go and Python: one process answers the questions about all cases.
 * @module
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { type Answer, combined, type Subject } from './witness.ts';

/** A process that reads questions, a kind and a path, and writes answers. */
export interface Reader {
  readonly command: readonly [program: string, ...args: string[]];
}

/** A question to a reader: the kind of a file, and its path; sometimes also the path of a file that belongs to it. */
export type Question = readonly [kind: string, path: string, other?: string];

const folder = join(packageRoot, 'conformance/evidence/opinions');

/** The source of the reader in Go, a Go module. */
export const goSource = join(folder, 'go');

/** The reader in Python. */
export const pythonReader: Reader = {
  command: ['python3', '-B', join(folder, 'python/read_inputs.py')],
};

/** Asks the questions about each subject. */
export async function askReader(
  reader: Reader,
  subjects: readonly Subject[],
  questionsOf: (subject: Subject) => readonly Question[],
): Promise<(Answer | undefined)[]> {
  const questions = subjects.map(questionsOf);
  const answers = await exchange(reader, questions.flat());
  let next = 0;
  return questions.map(({ length }) => {
    const from = next;
    next += length;
    return combined(answers.slice(from, next));
  });
}

/** One answer to each question. Throws an Error if there are fewer: something other than an input is wrong then. */
async function exchange(
  { command: [program, ...args] }: Reader,
  questions: readonly Question[],
): Promise<(Answer | undefined)[]> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stdin.end(questions.map(question => `${question.join('\t')}\n`).join(''));
  const code = await ended;
  const lines = stdout.split('\n').slice(0, -1);
  if (code !== 0 || lines.length !== questions.length) {
    throw new Error(`${program} answered ${lines.length} of ${questions.length} questions`);
  }
  return lines.map(line => {
    const { opinion, entries }: { opinion: Answer['opinion'] | 'none'; entries: number | null } =
      JSON.parse(line);
    return opinion === 'none' ? undefined : { opinion, ...(entries !== null && { entries }) };
  });
}
