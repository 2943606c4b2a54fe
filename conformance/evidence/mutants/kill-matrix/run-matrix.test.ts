import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WorkDirectories } from '../../../runner/run/work-directory.ts';
import { packageRoot } from '../../../suite/package-root.ts';
import { readSuite } from '../../../suite/read-suite.ts';
import { MatrixRunner } from './run-matrix.ts';

const file = 'tree/regular-file.ts';
const before = 'INLINE_LIMIT = 64;';
let folder: string;
let work: WorkDirectories;
let runner: MatrixRunner;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kill-matrix-'));
  work = WorkDirectories.create(false);
  runner = new MatrixRunner(readSuite(join(packageRoot, 'vectors')), join(folder, 'copy'), work, 10_000);
});
afterAll(async () => {
  await runner.end();
  work.remove();
  rmSync(folder, { recursive: true });
});

test('a case that cites the requirement kills a mutant', async () => {
  const edits = [{ file, before, after: 'INLINE_LIMIT = 63;' }];
  const result = await runner.run({ requirement: 'TREE-004', name: 'x', edits });
  expect(result.killedBy.length).toBeGreaterThan(0);
  expect(result.failing).toEqual([]);
});

test('a case that does not cite it kills nothing', async () => {
  const edits = [{ file, before, after: 'INLINE_LIMIT = 63;' }];
  const result = await runner.run({ requirement: 'VERITY-001', name: 'x', edits });
  expect(result.killedBy).toEqual([]);
});

test('an equivalent change survives in the same process', async () => {
  const edits = [{ file, before, after: 'INLINE_LIMIT = 60 + 4;' }];
  const result = await runner.run({ requirement: 'TREE-004', name: 'x', edits });
  expect(result).toMatchObject({ killedBy: [], failing: [] });
  expect(result.stale).toBeUndefined();
});

test.each([
  ['ends when it is loaded', 'INLINE_LIMIT = process.exit(1);'],
  ['throws', 'INLINE_LIMIT = { valueOf: () => missing };'],
])('an adapter that %s kills nothing', async (_, after) => {
  const result = await runner.run({ requirement: 'TREE-004', name: 'x', edits: [{ file, before, after }] });
  expect(result).toMatchObject({ killedBy: [], failing: [] });
  expect(result.unanswered.length).toBeGreaterThan(0);
});

test('a change that does not apply is stale', async () => {
  const edits = [{ file, before: 'no such text', after: '' }];
  const result = await runner.run({ requirement: 'TREE-004', name: 'x', edits });
  expect(result.stale).toContain('0 times');
});
