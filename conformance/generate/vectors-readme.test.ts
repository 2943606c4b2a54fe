import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from '../suite/case.ts';
import { fieldsOf, type ImageMap } from '../suite/image-map.ts';

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
  const features = ['digest.sha256-12', 'digest.sha512-12'];
  const selected = all.filter(({ op, needs }) => {
    return op === 'fsverity.digest' && needs.every(name => features.includes(name));
  }).length;
  expect(await run(vectors)).toEqual({
    code: 0,
    output: `${selected} passed, 0 failed, ${all.length - selected} left out\n`,
  });
});

test('the runner in the README fails a wrong digest and a missing rejection', async () => {
  const all = await cases();
  const accepted = all.find(
    ({ op, expect: { outcome } }) => op === 'fsverity.digest' && outcome === 'accept',
  );
  if (accepted === undefined) throw new Error('the suite has no accepted fsverity.digest case');
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

test('the look-up in the README finds the field of a byte', { timeout: 60_000 }, async () => {
  const readme = await readFile(join(vectors, 'README.md'), 'utf8');
  const section = readme.split('\n## Image maps\n')[1] ?? '';
  const code = /^```python\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? '';
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(15);
  const lookup = join(scratch, 'lookup.py');
  await writeFile(lookup, code);

  const [, path, offset, answer] = /^\$ python3 lookup.py (\S+) (\S+)\n(.*)$/m.exec(section) ?? [];
  if (path === undefined || offset === undefined)
    throw new Error('vectors/README.md has no example of lookup.py');
  expect(execFileSync('python3', [lookup, join(vectors, path), offset], { encoding: 'utf8' })).toBe(
    `${answer}\n`,
  );

  // One process for all bytes: the first and the last byte of each field.
  const file = join(vectors, 'cases/erofs/many-kinds-of-places/expect/image.map.json');
  const all = fieldsOf(JSON.parse(await readFile(file, 'utf8')) as ImageMap);
  const fields = all.filter((_, i) => i % 29 === 0);
  const offsets = fields.flatMap(({ start, size }) => [start, start + size - 1]);
  const loop = 'import sys\nfor offset in sys.argv.pop().split(","):\n    sys.argv[2:] = [offset]\n';
  await writeFile(lookup, `${loop}${code.trim().replace(/^/gm, '    ')}\n`);
  const output = execFileSync('python3', [lookup, file, offsets.join()], { encoding: 'utf8' });
  expect(output.trimEnd().split('\n').map(ending)).toEqual(
    fields.flatMap(({ name, requirement }) => Array(2).fill(`${name}\t${requirement}`)),
  );
});

/** The last two columns of a line. */
function ending(line: string): string {
  return line.split('\t').slice(-2).join('\t');
}
