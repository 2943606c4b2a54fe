import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mapImage } from '../../generate/image-map/decode.ts';
import type { Case } from '../../suite/case.ts';
import { fieldsOf } from '../../suite/image-map.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readExpected, readSuite } from '../../suite/read-suite.ts';
import { textReport } from '../report/text.ts';
import { run, writeSuite } from '../run/tiny-suite.test.helper.ts';
import { readAnswerFile } from './answer-file.ts';
import { type DumpfilePart, definingRequirement, violatedBy } from './dumpfile-fields.ts';
import { judgeAnswer } from './judge-answer.ts';

const outDir = realpathSync(mkdtempSync(join(tmpdir(), 'judge-')));
afterAll(() => rmSync(outDir, { recursive: true }));
const readAnswer = (path: string, most: number) => readAnswerFile(outDir, path, most);

const suite = readSuite(join(packageRoot, 'vectors'));

/** The result of the case `id` if the answer has the expected image after `change`, with or without image maps. */
async function judgeImage(id: string, change: (image: Buffer) => void, maps = true) {
  const test = suite.cases.find(test => test.id === id);
  if (test?.expect.outcome !== 'accept') throw new Error(`${id} does not expect acceptance`);
  const image = Buffer.from(await readExpected(suite, test, 'expect/image.erofs'));
  change(image);
  writeFileSync(join(outDir, 'image'), image);
  const result = await judgeAnswer({
    test,
    answer: {
      type: 'done',
      id: '1',
      status: 'ok',
      values: test.expect.values ?? {},
      files: { image: 'image' },
    },
    readAnswer,
    readExpected: path => {
      if (!maps && typeof path === 'string' && path.endsWith('.json')) throw new Error('no such file');
      return readExpected(suite, test, path);
    },
  });
  return { test, result };
}

/** Sets the link count of the hard link to 1. */
function miscount(image: Buffer): void {
  const fields = fieldsOf(mapImage(image));
  const field = fields.find(({ start, name }) => name === 'i_nlink' && image[start] === 3);
  image[field?.start ?? 0] = 1;
}

it('names the field of an image that differs, and its requirement', async () => {
  const { result } = await judgeImage('erofs/hardlink', miscount);
  expect(result).toMatchObject({
    status: 'fail',
    cause: 'erofs.write image inode i_nlink',
    difference: { where: 'inode 161 /a', field: 'i_nlink', requirement: 'EROFS-017' },
  });
});

it('shows bytes if the vectors have no map', async () => {
  const { result } = await judgeImage('erofs/hardlink', miscount, false);
  expect(result).toMatchObject({
    status: 'fail',
    message: expect.stringMatching(/^image @0x\w+: bytes: expected 0300\w+, got 0100\w+$/),
  });
});

it('is reported as shown in conformance/README.md', async () => {
  const { test, result } = await judgeImage('erofs/hardlink', miscount);
  if (result.status !== 'fail') throw new Error('the answer passes');
  const { events } = await run(writeSuite(outDir), 'honest.mjs', { name: './my-adapter' });
  const report = textReport([
    ...events.filter(({ event }) => event === 'header' || event === 'footer'),
    { event: 'case', ...test, status: 'fail', failure: result },
    ...['EROFS-015', 'EROFS-017'].map(id => ({
      event: 'requirement' as const,
      id,
      level: 'MUST',
      file: 'spec/erofs.md',
      classes: ['writer'],
      verdict: 'violated' as const,
      cases: { passed: 0, failed: 1, inconclusive: 0, filtered: 0 },
    })),
  ]);
  const readme = readFileSync(join(packageRoot, 'conformance/README.md'), 'utf8');
  const shown = /<!-- example: failure -->\n```text\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(report).toContain(shown);
});

describe('a case that allows both outcomes', () => {
  const both = suite.cases.filter(({ expect }) => expect.outcome === 'either');

  /** The status if the case `test` is rejected with `stage` and `reason`. */
  async function rejected(test: Case, stage: string, reason?: string) {
    const answer = { type: 'done', id: '1', status: 'rejected', stage, ...(reason && { reason }) } as const;
    return judgeAnswer({ test, answer, readAnswer, readExpected: path => readExpected(suite, test, path) });
  }

  it.each(both.map(test => [test.id, test] as const))(
    'passes only with its own rejection: %s',
    async (_, test) => {
      if (test.expect.outcome !== 'either') throw new Error('not a case of both outcomes');
      const { stage, reasons } = test.expect.ifReject;
      expect(await rejected(test, stage, reasons[0])).toEqual({ status: 'pass' });
      expect(await rejected(test, stage)).toEqual({ status: 'pass' });
      // A program that fails on its own files did not decide anything.
      expect(await rejected(test, 'request', 'REQUEST_FILE')).toMatchObject({ status: 'fail' });
      expect(await rejected(test, 'request')).toMatchObject({ status: 'fail' });
      expect(await rejected(test, stage, 'DUMPFILE_LINE')).toMatchObject({
        status: 'fail',
        message: `rejection: expected acceptance or ${stage} ${reasons[0]}, got ${stage} DUMPFILE_LINE`,
      });
    },
  );
});

describe('a difference in a dumpfile', () => {
  /** The result of the case `id` if the expected dumpfile is returned after `change`. */
  async function judgeText(id: string, change: (text: string) => string) {
    const test = suite.cases.find(each => each.id === id);
    if (test?.expect.outcome !== 'accept') throw new Error(`${id} does not expect acceptance`);
    const [[name, path] = ['', '']] = Object.entries(test.expect.files ?? {});
    const text = Buffer.from(await readExpected(suite, test, path)).toString('latin1');
    writeFileSync(join(outDir, 'text'), change(text), 'latin1');
    const answer = { type: 'done', id: '1', status: 'ok', files: { [name]: 'text' } } as const;
    return judgeAnswer({ test, answer, readAnswer, readExpected: file => readExpected(suite, test, file) });
  }

  it('violates the requirement of the field if the case cites none that can be at fault', async () => {
    // The case is about the order of lines.
    expect(
      await judgeText('dumpfile/children-in-order', text => text.replace(' 0.0 ', ' 1.0 ')),
    ).toMatchObject({
      difference: { field: 'MTIME', requirement: 'DUMP-011' },
      violates: ['DUMP-011'],
    });
  });

  it('violates only what can be at fault of the requirements of the case', async () => {
    const change = (text: string) => text.replace(' 104755 ', ' 755 ');
    expect(await judgeText('dumpfile/every-kind', change)).toMatchObject({
      difference: { field: 'MODE', requirement: 'DUMP-008' },
      violates: ['DUMP-008'],
    });
  });

  it('violates what the case cites about the content of the tree', async () => {
    const result = await judgeText('layers/end-of-two-blocks', text => text.replace(' 0.0 ', ' 1.0 '));
    expect(result).toMatchObject({ difference: { field: 'MTIME', requirement: 'DUMP-011' } });
    // Any of them can be at fault.
    expect(result).not.toHaveProperty('violates');
  });

  it('has no requirements of dumpfiles in other documents', async () => {
    const result = await judgeText('seal/signed', text => text.replace('2', '3'));
    expect(result).toMatchObject({ status: 'fail', difference: { name: 'manifest' } });
    expect(result).not.toHaveProperty('difference.requirement');
    expect(result).not.toHaveProperty('violates');
  });
});

describe('the requirement that defines each part of a dumpfile', () => {
  it.each(Object.entries(definingRequirement))('concerns this part: %s, %s', (part, id) => {
    expect(violatedBy(part as DumpfilePart, [id, 'DUMP-999'])).toEqual([id, 'DUMP-999']);
  });
});
