import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from './case.ts';

const vectors = join(import.meta.dirname, '../../vectors');
let scratch: string;
let runner: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'readme-'));
  const readme = await readFile(join(vectors, 'README.md'), 'utf8');
  runner = join(scratch, 'runner.py');
  await writeFile(runner, /^```python\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? '');
});
afterAll(() => rm(scratch, { recursive: true }));

function run(folder: string): Promise<{ code: unknown; output: string }> {
  return new Promise(resolve => {
    execFile('python3', [runner, folder], (error, stdout) =>
      resolve({ code: error?.code ?? 0, output: stdout }),
    );
  });
}

async function cases(): Promise<Case[]> {
  const index: { cases: Case[] } = JSON.parse(await readFile(join(vectors, 'index.json'), 'utf8'));
  return index.cases;
}

test('the runner in the README passes every case of its operation', { timeout: 60_000 }, async () => {
  const all = await cases();
  const own = all.filter(({ op }) => op === 'fsverity.digest').length;
  expect(await run(vectors)).toEqual({
    code: 0,
    output: `${own} passed, 0 failed, ${all.length - own} left out\n`,
  });
});

test('the runner in the README fails a digest that is wrong and a refusal that is none', async () => {
  const all = await cases();
  const accepted = all.find(
    ({ op, expect: { outcome } }) => op === 'fsverity.digest' && outcome === 'accept',
  );
  if (accepted === undefined) throw new Error('no case to change');
  const changed: Case[] = [
    { ...accepted, expect: { outcome: 'accept', values: { digest: '0'.repeat(64) } } },
    { ...accepted, expect: { outcome: 'reject', stage: 'request', reasons: ['REQUEST_ALGORITHM'] } },
    { ...accepted, params: { algorithm: 'md5' } },
  ];
  const folder = join(scratch, 'vectors');
  await cp(join(vectors, 'cases', accepted.id), join(folder, 'cases', accepted.id), { recursive: true });
  await writeFile(join(folder, 'index.json'), JSON.stringify({ version: '0.0.0', cases: changed }));
  const { code, output } = await run(folder);
  expect(code).toBe(1);
  expect(output).toContain('0 passed, 3 failed, 0 left out');
});
