import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { base, writeLayout } from '../store/stores.test.helper.ts';

const program = new URL('../../dist/reference/cli/main.js', import.meta.url).pathname;

let folder: string;
let manifest: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-cli-'));
  [manifest = ''] = writeLayout(join(folder, 'layout'), {
    t: { layers: [{ tar: base, compression: 'gzip' }] },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

function store(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'store', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('an image goes into a store, is found, checked and removed', () => {
  expect(store('init', 's')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(store('init', 's')).toMatchObject({ status: 1, stderr: expect.stringMatching(/REQUEST_FILE/) });
  const imported = JSON.parse(store('import', 's', 'oci:layout', '--name', 'a/b', '--json').stdout);
  expect(imported).toMatchObject({ name: 'a/b', manifest });
  const [{ digest }] = imported.images;
  const found = JSON.parse(store('find', 's', digest, '--verify', '--json').stdout);
  expect(found.images).toMatchObject([{ manifest, role: 'merged', format: 'v1', verified: true }]);
  expect(store('find', 's', '0'.repeat(128))).toEqual({ status: 1, stdout: '', stderr: '' });
  expect(store('find', 's', 'A')).toMatchObject({ status: 1, stderr: expect.stringMatching(/STORE_DIGEST/) });
  expect(store('list', 's').stdout).toMatch(/name a\/b\n.*platform linux\/amd64\n.*layers 1, 0 of them kept/);
  expect(store('export', 's', 'a/b', '--output', 'oci:out')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/--keep-blobs.*STORE_BLOB/),
  });
  store('import', 's', 'oci:layout', '--name', 'a/b', '--keep-blobs');
  expect(store('export', 's', 'a/b', '--output', 'oci:out').stdout).toBe(`manifest ${manifest}\n`);
  expect(store('mount', 's', 'a/b', '/mnt').stdout).toContain(`/images/${digest} /mnt\n`);
  store('gc', 's');
  expect(store('fsck', 's')).toMatchObject({ status: 0, stdout: expect.stringMatching(/nothing is wrong/) });
  writeFileSync(join(folder, 's/stray'), '');
  expect(store('fsck', 's')).toMatchObject({ status: 1, stdout: expect.stringMatching(/^stray stray\n/) });
  expect(store('untag', 's', 'a/b').status).toBe(0);
  expect(store('untag', 's', 'a/b')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/STORE_UNKNOWN/),
  });
  const dry = JSON.parse(store('gc', 's', '--dry-run', '--json').stdout);
  expect(JSON.parse(store('gc', 's', '--json').stdout)).toEqual({ ...dry, dryRun: false });
  expect(store('list', 's')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('something that is not a store is rejected', () => {
  expect(store('fsck', 'layout')).toMatchObject({ status: 1, stderr: expect.stringMatching(/STORE_META/) });
});
