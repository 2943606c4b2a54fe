import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkDirectories } from '../../runner/run/work-directory.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite, type Suite } from '../../suite/read-suite.ts';
import { casesInOrder, Judge } from './judge.ts';
import { compiledReference } from './program-copy.ts';

const vectors = readSuite(join(packageRoot, 'vectors'));
/** A few cases, so that a survivor takes little time. */
const suite: Suite = { ...vectors, cases: vectors.cases.filter(({ id }) => /^cmdline\//.test(id)) };

const module = 'seal/cmdline.js';
/** A text in it. */
const ORIGINAL = 'digest.length !== algorithmParameters[algorithm].digestSize';
const original = readFileSync(join(compiledReference, module), 'utf8');

let folder: string;
let work: WorkDirectories;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  work = WorkDirectories.create(false);
});
afterAll(() => {
  work.remove();
  rmSync(folder, { recursive: true });
});

/** The judge and its death sentence for the module with `from` replaced by `to`. */
async function judged(name: string, from: string, to: string, used: Suite = suite) {
  expect(original.split(from)).toHaveLength(2);
  const judge = await Judge.create(used, join(folder, name), work, { usual: 4000, second: 10_000 });
  const death = await judge.judge({ module, source: original.replace(from, () => to) });
  return { judge, death };
}

describe('a judge', () => {
  test('kills a mutant by a case that fails', async () => {
    const { judge, death } = await judged('killed', ORIGINAL, `1 + ${ORIGINAL}`);
    expect(death).toMatchObject({ by: expect.stringMatching(/^cmdline\//), status: 'fail' });
    expect(judge.notCounted).toEqual([]);
    // The change does not outlive its judgement.
    expect(await judge.judge({ module, source: original })).toBeUndefined();
  });

  test('lets an equivalent mutant survive', async () => {
    const { death } = await judged('survivor', ORIGINAL, `0 + ${ORIGINAL}`);
    expect(death).toBeUndefined();
  });

  test('kills a mutant that does not start', async () => {
    const { death } = await judged('crash', ORIGINAL, `${ORIGINAL} )`);
    expect(death).toMatchObject({ status: 'crash' });
  });

  test('kills a mutant that hangs, if it also hangs the second time', async () => {
    const judge = await Judge.create(suite, join(folder, 'hang'), work, { usual: 300, second: 1500 });
    const source = `${original}\nexport { wait };\nfunction wait() { for (;;); }\n`;
    const hanging = source.replace(/export function parseCommandLine\([^)]*\) \{/, head => `${head} wait();`);
    expect(hanging).not.toBe(source);
    expect(await judge.judge({ module, source: hanging })).toMatchObject({ status: 'timeout' });
  });

  test('does not count cases that the unchanged program fails', async () => {
    const cases = suite.cases.map(test => ({
      ...test,
      control: null,
      expect: { outcome: 'reject', stage: 'verify', reasons: ['VERIFY_MISMATCH'] } as const,
    }));
    const { judge, death } = await judged('broken', ORIGINAL, `0 + ${ORIGINAL}`, {
      ...suite,
      cases: cases.slice(0, 3),
    });
    expect(death).toBeUndefined();
    expect(judge.notCounted).toHaveLength(3);
  });
});

test('cases that infect a mutant are run first, and then those about the chapter of the module', () => {
  const infecting = new Set(['cmdline/order', 'image/layers-1024']);
  const [first, second, ...rest] = casesInOrder(vectors.cases, 'seal/pkcs7.js', infecting);
  expect(new Set([first?.id, second?.id])).toEqual(infecting);
  const areas = rest.map(({ id }) => id.split('/')[0]);
  const others = areas.findIndex(area => area !== 'seal' && area !== 'verify');
  expect(others).toBeGreaterThan(100);
  expect(areas.slice(others)).not.toContain('seal');
  expect(areas).toHaveLength(vectors.cases.length - 2);
});
