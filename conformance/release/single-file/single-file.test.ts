import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { countsIn, smallCases, smallRunner } from '../packages/small-runner.test.helper.ts';
import { singleFile } from './single-file.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'composefs-oci-one-file-'));
  writeFileSync(join(folder, 'runner.mjs'), singleFile(packageRoot, await smallRunner()));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }), 60_000);

function run(cache: string, ...args: readonly string[]) {
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, cache) };
  return spawnSync(process.execPath, ['runner.mjs', ...args], { cwd: folder, encoding: 'utf8', env });
}

test('one file has the runner, its vectors and the reference', () => {
  const { status, stdout, stderr } = run('cache', '--reporter', 'jsonl');
  expect([status, stderr]).toEqual([0, '']);
  expect(countsIn(stdout)).toMatchObject({ pass: smallCases, fail: 0 });
  expect(run('cache', '--help').stdout).toContain('node runner.mjs --impl ./my-adapter');
  // The second run takes what the first one unpacked.
  const unpacked = readdirSync(join(folder, 'cache/composefs-oci')).filter(name => name !== 'compiled');
  expect(unpacked).toEqual([expect.stringMatching(/^conformance-[0-9a-f]{16}$/)]);
});

test('without a folder for its files it does not start, and says why', () => {
  const { status, stdout, stderr } = run('runner.mjs', '--help');
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^could not start: ENOTDIR: .*\n$/);
});
