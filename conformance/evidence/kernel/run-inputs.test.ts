import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import type { Job } from './jobs.ts';
import { inputsDigest } from './run-inputs.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

test('the digest of a run changes with its jobs and their files', () => {
  const job: Job = { kind: 'blocks', file: 'a' };
  writeFileSync(join(folder.path, 'a'), 'x');
  const first = inputsDigest([job], folder.path);
  expect(inputsDigest([job], folder.path)).toBe(first);
  expect(inputsDigest([{ ...job, file: 'b' }], folder.path)).not.toBe(first);
  writeFileSync(join(folder.path, 'a'), 'y');
  expect(inputsDigest([job], folder.path)).not.toBe(first);
});
