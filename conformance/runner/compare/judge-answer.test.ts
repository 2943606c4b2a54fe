import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { mapImage } from '../../generate/image-map/decode.ts';
import { fieldsOf } from '../../suite/image-map.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readExpected, readSuite } from '../../suite/read-suite.ts';
import { textReport } from '../report/text.ts';
import { run, writeSuite } from '../run/tiny-suite.test.helper.ts';
import { judge } from './judge-answer.ts';

const outDir = mkdtempSync(join(tmpdir(), 'judge-'));
afterAll(() => rmSync(outDir, { recursive: true }));

const suite = readSuite(join(packageRoot, 'vectors'));

/** What `image` is worth as the answer to the case `id`, under vectors that have maps or have none. */
async function judgeImage(id: string, change: (image: Buffer) => void, maps = true) {
  const test = suite.cases.find(test => test.id === id);
  if (test?.expect.outcome !== 'accept') throw new Error('the case is another one');
  const image = Buffer.from(await readExpected(suite, test, 'expect/image.erofs'));
  change(image);
  writeFileSync(join(outDir, 'image'), image);
  const judgement = await judge({
    test,
    done: {
      type: 'done',
      id: '1',
      status: 'ok',
      values: test.expect.values ?? {},
      files: { image: 'image' },
    },
    outDir,
    readExpected: path => {
      if (!maps && path.endsWith('.json')) throw new Error('no such file');
      return readExpected(suite, test, path);
    },
  });
  return { test, judgement };
}

/** Counts one name of the hard link. */
function miscount(image: Buffer): void {
  const fields = fieldsOf(mapImage(image));
  const field = fields.find(({ start, name }) => name === 'i_nlink' && image[start] === 3);
  image[field?.start ?? 0] = 1;
}

it('names the field of an image that differs, and the requirement that decides it', async () => {
  const { judgement } = await judgeImage('erofs/hardlink', miscount);
  expect(judgement).toMatchObject({
    status: 'fail',
    cause: 'erofs.write image inode i_nlink',
    difference: { where: 'inode 161 /a', field: 'i_nlink', requirement: 'EROFS-017' },
  });
});

it('gives the bytes where the vectors have no map', async () => {
  const { judgement } = await judgeImage('erofs/hardlink', miscount, false);
  expect(judgement).toMatchObject({
    status: 'fail',
    message: expect.stringMatching(/^image @0x\w+: bytes: expected 0300\w+, got 0100\w+$/),
  });
});

it('is reported as conformance/README.md shows', async () => {
  const { test, judgement } = await judgeImage('erofs/hardlink', miscount);
  if (judgement.status !== 'fail') throw new Error('it passes');
  const { events } = await run(writeSuite(outDir), 'honest.mjs', { name: './my-adapter' });
  const report = textReport([
    ...events.filter(({ event }) => event === 'header' || event === 'footer'),
    { event: 'case', ...test, status: 'fail', failure: judgement },
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
