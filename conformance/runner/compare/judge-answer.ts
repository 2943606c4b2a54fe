/**
 * Compares an answer with the expectation of its case.
 * @module
 */

import { type Case, type CaseFile, expectedRejection, expectedResult } from '../../suite/case.ts';
import { mappedImage, readImageMap } from '../../suite/read-image-map.ts';
import { limits } from '../limits.ts';
import type { DoneMessage } from '../protocol/messages.ts';
import type { AnswerFile } from './answer-file.ts';
import { bytesDifference, type Difference, differenceText } from './difference.ts';
import { diskImageDifference } from './disk-image-difference.ts';
import { type DumpfileDifference, dumpfileDifference } from './dumpfile-difference.ts';
import { violatedBy } from './dumpfile-fields.ts';
import { imageDifference } from './image-difference.ts';
import { withSignatureOf } from './signed-disk-image.ts';
import { withSignaturesOf } from './signed-documents.ts';
import { storeAnswerDifference } from './store-difference.ts';

/** The result of one case. */
export type CaseResult = { readonly status: 'pass' } | FailedCase;

/** A case that does not pass. */
export interface FailedCase {
  readonly status: 'fail' | 'crash' | 'timeout' | 'protocol' | 'unsupported';
  /** Equal for failures that are reported as one cause. */
  readonly cause: string;
  /** Text for people, usually one line. */
  readonly message: string;
  readonly difference?: Difference;
  /** The requirements that the failure can violate, if they are not all that the case cites. */
  readonly violates?: readonly string[];
}

/** An answer, and what it is compared with. */
export interface JudgedAnswer {
  readonly test: Case;
  readonly answer: DoneMessage;
  /** Reads at most `most` bytes of a file that the answer names. */
  readonly readAnswer: (path: string, most: number) => Promise<AnswerFile>;
  readonly readExpected: (file: CaseFile) => Promise<Uint8Array>;
}

/** Compares one answer with the expectation of its case. */
export async function judgeAnswer(judged: JudgedAnswer): Promise<CaseResult> {
  const { test, answer } = judged;
  switch (answer.status) {
    case 'unsupported':
      return {
        status: 'unsupported',
        cause: `${test.op} unsupported ${answer.feature}`,
        message: `answered unsupported (${answer.feature}), but hello declares everything that the case needs`,
      };
    case 'error':
      return failed(test, 'error', `answered error: ${answer.message}`);
    case 'rejected':
      return judgeRejection(test, answer);
    case 'ok':
      return judgeResult(judged, answer);
  }
}

function judgeRejection(test: Case, answer: Extract<DoneMessage, { status: 'rejected' }>): CaseResult {
  const { stage, reason, message } = answer;
  const got = `${stage}${reason === undefined ? '' : ` ${reason}`}`;
  const explained = message === undefined ? got : `${got}: ${message}`;
  const expected = expectedRejection(test);
  if (expected === undefined) {
    return failed(test, `rejects with ${got}`, `rejected (${explained}), expected acceptance`);
  }
  const right = stage === expected.stage && (reason === undefined || expected.reasons.includes(reason));
  if (right) return { status: 'pass' };
  const want = `${expected.stage} ${expected.reasons.join(' or ')}`;
  const or = test.expect.outcome === 'either' ? 'acceptance or ' : '';
  return failed(
    test,
    `rejects with ${got} and not ${want}`,
    `rejection: expected ${or}${want}, got ${explained}`,
  );
}

type Values = Readonly<Record<string, string>>;
type OkMessage = Extract<DoneMessage, { status: 'ok' }>;

/**
 * The expected values, and a function that reads the expected files; in a case with signatures that differ from one
 * signing to the next, with those of the answer. A result if these signatures are wrong.
 */
async function expectedOf(
  { test, readAnswer, readExpected }: JudgedAnswer,
  { files = {} }: OkMessage,
): Promise<{ readonly values: Values; readonly read: JudgedAnswer['readExpected'] } | CaseResult> {
  const { expect } = test;
  const { values = {}, files: paths = {} } = expectedResult(test) ?? {};
  const path = files[test.op === 'ddi.write' ? 'ddi' : 'manifest'];
  const asExpected = { values, read: readExpected };
  if (expect.outcome !== 'accept' || expect.signedBy === undefined || path === undefined) return asExpected;
  const answered = await readAnswer(path, limits.fileBytes);
  if ('problem' in answered) return asExpected;
  const names = Object.keys(paths);
  const contents = await Promise.all(Object.values(paths).map(readExpected));
  const documents = Object.fromEntries(names.map((name, i) => [name, contents[i] ?? new Uint8Array()]));
  const certificate = Buffer.from(await readExpected(expect.signedBy)).toString('latin1');
  const unsigned = { values, files: documents };
  const signed =
    test.op === 'ddi.write'
      ? withSignatureOf(answered.beginning, unsigned, certificate)
      : withSignaturesOf(answered.beginning, unsigned, certificate);
  if ('problem' in signed) return failed(test, 'signature', signed.problem);
  const byPath = new Map(Object.entries(paths).map(([name, from]) => [from, signed.files[name]]));
  return { values: signed.values, read: async from => byPath.get(from) ?? readExpected(from) };
}

async function judgeResult(judged: JudgedAnswer, answer: OkMessage): Promise<CaseResult> {
  const { test, readAnswer } = judged;
  const { values = {}, files = {} } = answer;
  const expected = expectedResult(test);
  const given = await expectedOf(judged, answer);
  if ('status' in given) return given;
  const { read: readExpected } = given;
  const expectedFiles = expected?.files ?? {};
  const differences: CaseResult[] = [];
  // An unacceptable file is a protocol error, which takes precedence over all differences.
  for (const [name, path] of Object.entries(files)) {
    // An adapter chooses the name, which can be that of a member of every object.
    const expectedPath = Object.hasOwn(expectedFiles, name) ? expectedFiles[name] : undefined;
    const want = expectedPath === undefined ? undefined : await readExpected(expectedPath);
    // Two stores of different lengths can be equal.
    const most = want !== undefined && name === 'store' ? limits.fileBytes : (want?.length ?? 0);
    const file = await readAnswer(path, most);
    if ('problem' in file) {
      return { status: 'protocol', cause: `${test.op} file ${name}`, message: file.problem };
    }
    if (want === undefined || expectedPath === undefined) continue;
    const { beginning, size } = file;
    if (size === want.length && Buffer.compare(want, beginning) === 0) continue;
    const images = { name, expected: want, got: beginning, size };
    if (expectedPath === mappedImage(test)) {
      const difference = imageDifference(images, await readImageMap(expectedPath, want, readExpected));
      if (difference !== undefined) differences.push(differs(test, difference, path));
      continue;
    }
    if (test.op === 'ddi.write' || test.op === 'ddi.read') {
      const difference = name === 'ddi' ? diskImageDifference(images) : bytesDifference(images);
      differences.push(differs(test, difference, path));
      continue;
    }
    const inStore = await storeAnswerDifference(test.op, images);
    if (inStore !== undefined) {
      if (inStore !== 'none') differences.push(differs(test, inStore, path));
      continue;
    }
    const found = dumpfileDifference(name, want, beginning, size);
    if (found !== undefined) differences.push(textDiffers(test, found, path));
  }
  if (expected === undefined) return acceptedWrongly(test);
  for (const name of Object.keys(expectedFiles)) {
    if (files[name] === undefined)
      differences.push(failed(test, `no file ${name}`, `the answer has no file ${name}`));
  }
  for (const [name, want] of Object.entries(given.values)) {
    const got = values[name];
    if (got === undefined)
      differences.push(failed(test, `no value ${name}`, `the answer has no value ${name}`));
    else if (got !== want) differences.push(differs(test, { name, field: '', expected: want, got }, name));
  }
  return differences[0] ?? { status: 'pass' };
}

function acceptedWrongly(test: Case): CaseResult {
  const rejection = expectedRejection(test);
  const missing = rejection === undefined ? '' : `${rejection.stage} ${rejection.reasons.join(' or ')}`;
  return failed(test, `lacks ${missing}`, `accepted, expected a rejection (${missing})`);
}

function differs(test: Case, difference: Difference, file: string): FailedCase {
  const structure = difference.where?.split(' ')[0] ?? '';
  const field = difference.field.replace(/\d+/g, 'N');
  const cause = [test.op, difference.name, structure, field].filter(word => word !== '').join(' ');
  return { status: 'fail', cause, message: differenceText(difference, file), difference };
}

/** A difference in a dumpfile or, without the requirements of a dumpfile, in a document. */
function textDiffers(test: Case, found: DumpfileDifference, file: string): CaseResult {
  const { part, requirement, ...difference } = found;
  if (difference.name !== 'dumpfile') return differs(test, difference, file);
  const violates = violatedBy(part, test.requirements);
  const result = differs(test, { ...difference, requirement }, file);
  return violates.length === test.requirements.length ? result : { ...result, violates };
}

function failed(test: Case, cause: string, message: string): CaseResult {
  return { status: 'fail', cause: `${test.op} ${cause}`, message };
}
