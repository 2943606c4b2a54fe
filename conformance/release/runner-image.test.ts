import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../suite/package-root.ts';
import { smallRunner } from './packages/small-runner.test.helper.ts';
import { runnerImage } from './runner-image.ts';

let folder: string;
let archive: Uint8Array;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'composefs-oci-runner-image-'));
  archive = await runnerImage('1.2.3', await smallRunner());
  writeFileSync(join(folder, 'runner.oci.tar'), archive);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  const program = join(packageRoot, 'dist/reference/cli/main.js');
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' });
}

test('the image has the same bytes each time', async () => {
  expect(Buffer.compare(await runnerImage('1.2.3', await smallRunner()), archive)).toBe(0);
});

test('the image is sealed for each platform, and lint has no warning', () => {
  expect(run('lint', 'oci-archive:runner.oci.tar:1.2.3')).toMatchObject({
    status: 0,
    stdout: 'no warnings\n',
  });
  const { status, stdout } = run('verify', 'oci-archive:runner.oci.tar:1.2.3', '--json');
  expect(status).toBe(0);
  for (const architecture of ['amd64', 'arm64']) expect(stdout).toContain(`"linux/${architecture}"`);
});

test('the command of the image leads to the program', () => {
  const { stdout } = run('tree', 'oci-archive:runner.oci.tar', '--platform', 'linux/arm64');
  const lines = stdout.split('\n');
  const program = '/usr/lib/composefs-oci-conformance/dist/conformance/runner/main.js';
  expect(lines.filter(line => line.startsWith(`${program} `))).toEqual([
    expect.stringMatching(/^\S+ \d+ 100755 1 0 0 /),
  ]);
  expect(lines.filter(line => line.startsWith('/usr/bin/'))).toEqual([
    expect.stringMatching(
      /^\/usr\/bin\/composefs-oci-conformance \d+ 120777 1 0 0 .* \.\.\/lib\/composefs-oci-conformance\/dist\/conformance\/runner\/main\.js /,
    ),
  ]);
});
