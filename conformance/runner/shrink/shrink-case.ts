/**
 * Shrinks the input of a case that fails, as long as the implementation differs from the reference in the same way.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, expectedResult } from '../../suite/case.ts';
import { readCaseFile } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { limits } from '../limits.ts';
import { type AdapterSession, isFailure } from '../run/adapter-session.ts';
import { receivedAnswer } from '../run/judge-received.ts';
import type { WorkDirectories } from '../run/work-directory.ts';
import { type InputPart, inputBytes, shrinkInput } from './shrink-input.ts';

/** The largest input that is shrunk. */
const INPUT_MAX = 1024 * 1024;

/** A complete answer: a result with the contents of its files, a rejection, or none. */
export type CompleteAnswer =
  | {
      readonly kind: 'accepted';
      readonly values: Readonly<Record<string, string>>;
      readonly files: ReadonlyMap<string, Uint8Array>;
    }
  | { readonly kind: 'rejected'; readonly stage: string; readonly reason: string | undefined }
  | { readonly kind: 'none'; readonly status: string };

/** The smallest input found, and what the reference answers to it. */
export interface ShrunkCase {
  readonly parts: readonly InputPart[];
  readonly expected: Exclude<CompleteAnswer, { kind: 'none' }>;
  /** Bytes before and after. */
  readonly sizes: readonly [before: number, after: number];
}

/** The sessions that are asked. */
export interface ShrinkSessions {
  readonly reference: AdapterSession;
  readonly implementation: AdapterSession;
  readonly work: WorkDirectories;
}

/** Shrinks `test`; a string that says why it cannot be shrunk. */
export async function shrinkCase(
  test: Case,
  suite: Suite,
  sessions: ShrinkSessions,
): Promise<ShrunkCase | string> {
  const parts = partsOf(test, suite);
  if (typeof parts === 'string') return parts;
  const { reference, implementation, work } = sessions;
  const compare = async (candidate: readonly InputPart[]) => {
    const expected = await ask(reference, test, candidate, work);
    const got = await ask(implementation, test, candidate, work);
    return { expected, difference: differenceOf(test, expected, got) };
  };
  const { difference } = await compare(parts);
  if (difference === undefined)
    return 'the implementation does not differ from the reference on this input alone';
  const smallest = await shrinkInput(parts, async candidate => {
    return (await compare(candidate)).difference === difference;
  });
  const { expected } = await compare(smallest);
  if (expected.kind === 'none') return 'the reference has no answer';
  return { parts: smallest, expected, sizes: [sizeOf(parts), sizeOf(smallest)] };
}

/** The inputs of `test`, or why they cannot be shrunk. */
function partsOf(test: Case, suite: Suite): InputPart[] | string {
  if (test.expect.outcome === 'accept' && test.expect.signedBy !== undefined)
    return 'its signatures differ from one answer to the next';
  const folder = caseFolder(suite, test);
  const parts: InputPart[] = [];
  for (const [name, value] of Object.entries(test.input)) {
    if (typeof value === 'string') {
      if (statSync(join(folder, value)).isDirectory())
        return 'its input is a layout, in which digests bind every byte';
      parts.push({ name, bytes: readFileSync(join(folder, value)) });
    } else if ('sparse' in value) {
      parts.push({ name, bytes: readCaseFile(folder, value) });
    } else if ('generate' in value) {
      return 'its input is too long to be stored';
    } else {
      for (const { path, mediaType } of value)
        parts.push({ name, mediaType, bytes: readFileSync(join(folder, path)) });
    }
  }
  return sizeOf(parts) > INPUT_MAX ? `its input is longer than ${INPUT_MAX} bytes` : parts;
}

async function ask(
  session: AdapterSession,
  test: Case,
  parts: readonly InputPart[],
  work: WorkDirectories,
): Promise<CompleteAnswer> {
  const attempt = await session.request(test, () => work.prepareBytes(inputBytes(parts)));
  try {
    const { reply, readAnswer } = receivedAnswer(attempt);
    if (isFailure(reply)) return { kind: 'none', status: reply.status };
    if (reply.status === 'rejected') return { kind: 'rejected', stage: reply.stage, reason: reply.reason };
    if (reply.status !== 'ok') return { kind: 'none', status: reply.status };
    const files = new Map<string, Uint8Array>();
    for (const [name, path] of Object.entries(reply.files ?? {})) {
      const file = await readAnswer(path, limits.fileBytes);
      if ('problem' in file) return { kind: 'none', status: 'protocol' };
      files.set(name, file.beginning);
    }
    return { kind: 'accepted', values: reply.values ?? {}, files };
  } finally {
    attempt.work?.remove();
  }
}

/**
 * How two answers differ, without their contents: the kinds of both, and the names of the results that differ.
 * Undefined if they agree, or if the reference has no answer.
 */
export function differenceOf(test: Case, expected: CompleteAnswer, got: CompleteAnswer): string | undefined {
  if (expected.kind === 'none') return undefined;
  if (expected.kind === 'accepted' && got.kind === 'accepted') {
    const wanted = expectedResult(test) ?? expected;
    const names = [
      ...Object.keys(wanted.values ?? {}).filter(name => expected.values[name] !== got.values[name]),
      ...(wanted.files instanceof Map ? [...wanted.files.keys()] : Object.keys(wanted.files ?? {})).filter(
        name => digestOf(expected.files.get(name)) !== digestOf(got.files.get(name)),
      ),
    ];
    return names.length === 0 ? undefined : `different ${names.join(', ')}`;
  }
  if (expected.kind === 'rejected' && got.kind === 'rejected') {
    const agrees =
      got.stage === expected.stage && (got.reason === undefined || got.reason === expected.reason);
    return agrees ? undefined : `${textOf(expected)}: ${textOf(got)}`;
  }
  return `${textOf(expected)}: ${textOf(got)}`;
}

function textOf(answer: CompleteAnswer): string {
  switch (answer.kind) {
    case 'accepted':
      return 'accepted';
    case 'rejected':
      return `rejected ${answer.stage} ${answer.reason ?? ''}`;
    case 'none':
      return answer.status;
  }
}

function digestOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex');
}

function sizeOf(parts: readonly InputPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
