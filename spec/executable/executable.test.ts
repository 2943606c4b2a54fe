import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../../conformance/evidence/processes.ts';
import { python } from '../../conformance/evidence/real-images/python.ts';

const spec = join(import.meta.dirname, '..');
const vectors = join(spec, '../vectors');

/** What a program prints. */
interface Report {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: Readonly<Record<string, string>>;
}

function run(program: string): { status: number | null; report: Report } {
  const { status, stdout, stderr } = spawnSync(python, ['-B', program, vectors], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return { status, report: JSON.parse(stdout) };
}

describe.skipIf(!isInstalled(python))('the Python of the chapters', () => {
  test.each([
    ['fsverity.py', 41],
    ['merge.py', 93],
    ['placement.py', 130],
    ['selinux.py', 325],
    ['xxh32.py', 131],
  ])('%s passes at least %d cases', (program, least) => {
    const { status, report } = run(join(spec, 'executable', program));
    expect(report.failed).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(least);
    expect(status).toBe(0);
  });

  describe('with a wrong line', () => {
    let copy: string;
    beforeEach(() => {
      copy = join(mkdtempSync(join(tmpdir(), 'executable-')), 'spec');
      cpSync(spec, copy, { recursive: true });
    });
    afterEach(() => rmSync(join(copy, '..'), { recursive: true }));

    test.each([
      ['fsverity.py', 'fsverity.md', 'len(data).to_bytes(8, "little")', 'bytes(8)', 'fsverity/hello: '],
      ['merge.py', 'merge.md', 'directory.children.clear()', 'pass', 'merge/opaque-first: '],
      ['placement.py', 'erofs.md', 'if total >= 4096:', 'if total > 4096:', 'erofs/symlink-4064: '],
      [
        'selinux.py',
        'selinux.md',
        '(exact or fits_2 or [None])[-1]',
        '(fits_2 or [None])[-1]',
        'selinux/root-before-pattern: ',
      ],
      ['xxh32.py', 'erofs.md', 'len(data) >= 16', 'len(data) > 16', 'values: '],
    ])('%s fails', (program, chapter, right, wrong, failed) => {
      const path = join(copy, chapter);
      writeFileSync(path, readFileSync(path, 'utf8').replace(right, wrong));
      const { status, report } = run(join(copy, 'executable', program));
      expect(report.failed).toContainEqual(expect.stringContaining(failed));
      expect(status).toBe(1);
    });
  });
});
