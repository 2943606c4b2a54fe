/**
 * What programs satisfy that do nothing with their input. Each requirement that one of them satisfies is a hole of the
 * suite, and is listed here with a reason, or has to get a case that tells the program from an implementation.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Case, type CaseFile, expectedResult, type Operation, operations } from '../../suite/case.ts';
import { readCaseFile } from '../../suite/case-file.ts';
import { needsOf } from '../../suite/classes.ts';
import { optionalFeatures } from '../../suite/features.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, readExpected, readSuite } from '../../suite/read-suite.ts';
import { readRequirements } from '../../suite/requirements.ts';
import { readAnswerFile } from '../compare/answer-file.ts';
import { judgeAnswer } from '../compare/judge-answer.ts';
import type { DoneMessage } from '../protocol/messages.ts';
import { caseEvents } from '../run/case-events.ts';
import type { CaseRun } from '../run/judge-received.ts';
import { answerFingerprint } from '../run/repeat-check.ts';
import { headerOf } from './header.test.helper.ts';
import { verdictsOf } from './verdicts.ts';

const suite = readSuite(join(packageRoot, 'vectors'));
const requirements = readRequirements(join(packageRoot, 'spec/requirements.json'));
const outDir = realpathSync(mkdtempSync(join(tmpdir(), 'null-')));
afterAll(() => rmSync(outDir, { recursive: true }));

const features = [...optionalFeatures, ...Object.values(needsOf).flatMap(needs => needs.features)];

/** An answer without the members of the protocol that are the same in all. `files` are contents. */
type NullAnswer =
  | { readonly status: 'rejected'; readonly stage: string; readonly reason?: string }
  | {
      readonly status: 'ok';
      readonly values?: Readonly<Record<string, string>>;
      readonly files?: Readonly<Record<string, Uint8Array>>;
    };

/** The requirements that a program satisfies which declares `declared` and answers each case with `answer`. */
async function satisfied(
  declared: readonly Operation[],
  answer: (test: Case) => NullAnswer,
): Promise<string[]> {
  const tests = suite.cases.filter(({ op }) => declared.includes(op));
  const runs: CaseRun[] = [];
  for (const test of tests) runs.push(await runOf(test, answer(test)));
  // Every case is repeated, so that equal requests are observed as well.
  const filtered = new Map(
    suite.cases
      .filter(test => !tests.includes(test))
      .map(({ id, op }) => [id, { by: 'operation', name: op }] as const),
  );
  const options = { suite, xfail: undefined, keep: false, repeat: 2 };
  const cases = caseEvents(options, [runs, runs], filtered);
  const header = { ...headerOf(declared), features, repeat: 2 };
  const results = { header, cases, requirements, unusedXfail: [], stopped: null, durationMs: 1 };
  return verdictsOf(results)
    .requirements.filter(({ verdict }) => verdict === 'satisfied')
    .map(({ id }) => id);
}

async function runOf(test: Case, answer: NullAnswer): Promise<CaseRun> {
  const reply: DoneMessage = { type: 'done', id: '1', ...protocolAnswer(answer) };
  const readAnswer = (path: string, most: number) => readAnswerFile(outDir, path, most);
  const judged = {
    test,
    answer: reply,
    readAnswer,
    readExpected: (file: CaseFile) => readExpected(suite, test, file),
  };
  const result = await judgeAnswer(judged);
  const attempt: CaseRun['attempt'] = { reply, work: undefined, stderr: '' };
  const fingerprint = await answerFingerprint(test, attempt, readAnswer);
  return { test, attempt, misuse: undefined, result, fingerprint, durationMs: 0 };
}

/** The answer with its files in {@link outDir}, named by their content. */
function protocolAnswer(answer: NullAnswer) {
  if (answer.status === 'rejected') return answer;
  const files = Object.entries(answer.files ?? {}).map(([name, content]) => {
    const file = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(outDir, file), content);
    return [name, file];
  });
  return { ...answer, files: Object.fromEntries(files) };
}

/** Results that cases of `operation` expect: the first, the last, and the one that most cases expect. */
function expectedAnswers(operation: Operation): NullAnswer[] {
  const found = new Map<string, { readonly answer: NullAnswer; readonly cases: number }>();
  for (const test of suite.cases.filter(({ op }) => op === operation)) {
    const expected = expectedResult(test);
    if (expected === undefined) continue;
    const files = Object.entries(expected.files ?? {}).map(([name, file]) => {
      return [name, readCaseFile(caseFolder(suite, test), file)] as const;
    });
    const answer = { status: 'ok', values: expected.values ?? {}, files: Object.fromEntries(files) } as const;
    const key = createHash('sha256').update(JSON.stringify(expected.values ?? {}));
    for (const [name, content] of files) key.update(name).update(content);
    const id = key.digest('hex');
    found.set(id, { answer, cases: (found.get(id)?.cases ?? 0) + 1 });
  }
  const all = [...found.values()];
  const most = all.reduce((best, each) => (each.cases > best.cases ? each : best));
  return [...new Set([all[0], all.at(-1), most])].flatMap(each => (each === undefined ? [] : [each.answer]));
}

const stages = [
  ...new Set(suite.cases.flatMap(({ expect }) => (expect.outcome === 'reject' ? [expect.stage] : []))),
];

describe('a program that does nothing with its input satisfies no requirement', () => {
  it.each(stages)('if it rejects everything at stage %s without an error code', async stage => {
    expect(await satisfied(operations, () => ({ status: 'rejected', stage }))).toEqual([]);
  });

  it('if it rejects everything as the case expects, or at the stage of the operation', async () => {
    const answer = ({ expect }: Case): NullAnswer => {
      if (expect.outcome === 'accept') return { status: 'rejected', stage: 'request' };
      const { stage } = expect.outcome === 'either' ? expect.ifReject : expect;
      return { status: 'rejected', stage };
    };
    expect(await satisfied(operations, answer)).toEqual([]);
  });

  it('if it accepts everything without a result', async () => {
    expect(await satisfied(operations, () => ({ status: 'ok' }))).toEqual([]);
  });

  it.each(operations)(
    'if it answers every request with the same result: %s',
    { timeout: 120_000 },
    async op => {
      for (const answer of expectedAnswers(op)) expect(await satisfied([op], () => answer)).toEqual([]);
    },
  );
});

/** Requirements that a program satisfies which returns its input, by operation, and why they have no other case. */
const floor = {
  'dumpfile.canonical': {
    'DUMP-004':
      'a dash in the input is a dash in the output; layers/printed-escapes decides it for a tree builder',
    'DUMP-010': 'the input has the number as well; layers/printed-types decides it for a tree builder',
    'DUMP-029': 'a canonical time has the same digits; erofs.write decides what a parser makes of them',
    'DUMP-033': 'it only requires to accept, and a program that returns its input does',
    'DUMP-042': 'it only requires to accept, and a program that returns its input does',
    'DUMP-044': 'it allows to accept, and a program that returns its input does',
  },
} as const;

it('a program that returns its input satisfies only what is listed here', async () => {
  const echo = (test: Case): NullAnswer => {
    const [path] = Object.values(test.input);
    if (typeof path !== 'string' || test.op === 'image.digest' || 'layout' in test.input)
      return { status: 'ok' };
    const content = readFileSync(join(caseFolder(suite, test), path));
    const digest = createHash('sha256').update(content).digest('hex');
    return {
      status: 'ok',
      values: { digest, digests: content.toString('latin1') },
      files: { dumpfile: content, image: content },
    };
  };
  expect(await satisfied(operations, echo)).toEqual([]);
  expect(await satisfied(['dumpfile.canonical'], echo)).toEqual(Object.keys(floor['dumpfile.canonical']));
});
