/**
 * What an answer is worth: by the expectation of its case, and by nothing else.
 * @module
 */

import { acceptedOf, type Case } from '../../suite/case.ts';
import { readMap } from '../../suite/read-image-map.ts';
import type { Done } from '../protocol/messages.ts';
import { readAnswerFile } from './answer-file.ts';
import { type Difference, differenceText } from './difference.ts';
import { imageDifference } from './image-difference.ts';
import { dumpfileDifference } from './text-difference.ts';

/** What an answer is worth. */
export type Judgement =
  | { readonly status: 'pass' }
  | {
      readonly status: 'fail' | 'crash' | 'timeout' | 'protocol' | 'unsupported';
      /** The same for failures that have the same cause. */
      readonly cause: string;
      /** One line for people. */
      readonly message: string;
      readonly difference?: Difference;
    };

/** An answer and what it is held against. */
export interface Answered {
  readonly test: Case;
  readonly done: Done;
  readonly outDir: string;
  readonly readExpected: (path: string) => Promise<Uint8Array>;
}

/** Judges one answer. */
export async function judge(answered: Answered): Promise<Judgement> {
  const { test, done } = answered;
  switch (done.status) {
    case 'unsupported':
      return {
        status: 'unsupported',
        cause: `${test.op} unsupported ${done.feature}`,
        message: `answered unsupported (${done.feature}), and hello declares all that the case needs`,
      };
    case 'error':
      return failed(test, 'error', `answered error: ${done.message}`);
    case 'rejected':
      return judgeRejection(test, done);
    case 'ok':
      return judgeResult(answered, done);
  }
}

function judgeRejection(test: Case, done: Extract<Done, { status: 'rejected' }>): Judgement {
  const { expect } = test;
  const { stage, reason, message } = done;
  const got = `${stage}${reason === undefined ? '' : ` ${reason}`}`;
  const said = message === undefined ? '' : `: ${message}`;
  switch (expect.outcome) {
    case 'accept':
      return failed(test, `rejects with ${got}`, `rejected (${got}), expected it to be accepted${said}`);
    case 'either':
      return { status: 'pass' };
    case 'reject': {
      const right = stage === expect.stage && (reason === undefined || expect.reasons.includes(reason));
      if (right) return { status: 'pass' };
      const want = `${expect.stage} ${expect.reasons.join(' or ')}`;
      return failed(
        test,
        `rejects with ${got} and not ${want}`,
        `rejection: expected ${want}, got ${got}${said}`,
      );
    }
  }
}

async function judgeResult(
  { test, outDir, readExpected }: Answered,
  { values = {}, files = {} }: Extract<Done, { status: 'ok' }>,
): Promise<Judgement> {
  const expected = acceptedOf(test);
  const differences: Judgement[] = [];
  // Whatever else is wrong, an answer that names a file that it must not name is none.
  for (const [name, path] of Object.entries(files)) {
    const expectedPath = expected?.files?.[name];
    const want = expectedPath === undefined ? undefined : await readExpected(expectedPath);
    const file = await readAnswerFile(outDir, path, want?.length ?? 0);
    if ('problem' in file) {
      return { status: 'protocol', cause: `${test.op} file ${name}`, message: file.problem };
    }
    if (want === undefined || expectedPath === undefined) continue;
    const { beginning, size } = file;
    if (size === want.length && Buffer.compare(want, beginning) === 0) continue;
    const difference =
      name === 'image'
        ? imageDifference(
            { name, expected: want, got: beginning, size },
            await readMap(expectedPath, want, readExpected),
          )
        : dumpfileDifference(name, want, beginning, size);
    if (difference !== undefined) differences.push(differs(test, difference, path));
  }
  if (expected === undefined) return acceptedWrongly(test);
  for (const name of Object.keys(expected.files ?? {})) {
    if (files[name] === undefined)
      differences.push(failed(test, `no file ${name}`, `the answer has no file ${name}`));
  }
  for (const [name, want] of Object.entries(expected.values ?? {})) {
    const got = values[name];
    if (got === undefined)
      differences.push(failed(test, `no value ${name}`, `the answer has no value ${name}`));
    else if (got !== want) differences.push(differs(test, { name, field: '', expected: want, got }, name));
  }
  return differences[0] ?? { status: 'pass' };
}

function acceptedWrongly(test: Case): Judgement {
  const { expect } = test;
  const missing = expect.outcome === 'reject' ? `${expect.stage} ${expect.reasons.join(' or ')}` : '';
  return failed(test, `lacks ${missing}`, `accepted, expected a rejection: ${missing}`);
}

function differs(test: Case, difference: Difference, file: string): Judgement {
  const structure = difference.where?.split(' ')[0] ?? '';
  const field = difference.field.replace(/\d+/g, 'N');
  const cause = [test.op, difference.name, structure, field].filter(word => word !== '').join(' ');
  return { status: 'fail', cause, message: differenceText(difference, file), difference };
}

function failed(test: Case, cause: string, message: string): Judgement {
  return { status: 'fail', cause: `${test.op} ${cause}`, message };
}
