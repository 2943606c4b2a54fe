import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';

const program = join(packageRoot, 'dist/reference/cli/main.js');

function chunked(slug: string, ...args: readonly string[]) {
  const layout = `oci:${join(packageRoot, 'vectors/cases/verify', slug, 'in/layout')}`;
  return spawnSync(process.execPath, [program, 'chunked', ...args, layout], { encoding: 'utf8' });
}

test('prints positions and the result of each check', () => {
  const { stdout, stderr, status } = chunked('toc');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toMatch(
    /^image sha256:[0-9a-f]{64}\nlayer 0 sha256:[0-9a-f]{64}: agrees\n {2}table of contents at offset [0-9]+: [0-9]+ bytes, [0-9]+ decompressed\n {2}tar-split data at offset [0-9]+: [0-9]+ bytes, [0-9]+ decompressed\n {2}annotations {2}ok\n {2}positions {4}ok\n {2}checksum {5}ok\n {2}format {7}ok\n {2}entries {6}ok\n {2}chunks {7}ok\n {2}tar-split {4}ok\n {2}4 entries, 2 chunks, diff_id sha256:[0-9a-f]{64}\n$/,
  );
});

test('says which check failed, and why', () => {
  const { stdout, status } = chunked('toc-entry-mode');
  expect(status).toBe(1);
  expect(stdout).toContain(': rejected\n');
  expect(stdout).toContain('  format       ok\n  entries      failed\n  chunks       not checked\n');
  expect(stdout).toContain('entry "usr/greeting": the table of contents has a different mode (TOC_ENTRY)\n');
});

test('a layer without annotations has no table of contents', () => {
  expect(chunked('toc-without-annotations').stdout).toMatch(/: no table of contents\n$/);
});

test('prints JSON', () => {
  const [image] = JSON.parse(chunked('toc', '--json').stdout).images;
  expect(image.layers).toMatchObject([{ layer: 0, verdict: 'agrees', binding: 'digest', entries: 4 }]);
  const [wrong] = JSON.parse(chunked('toc-entry-mode', '--json').stdout).images;
  expect(wrong.layers).toMatchObject([
    {
      verdict: 'rejected',
      passed: ['annotations', 'positions', 'checksum', 'format'],
      error: { code: 'TOC_ENTRY', stage: 'toc', layer: 0, entry: 'usr/greeting' },
    },
  ]);
});
