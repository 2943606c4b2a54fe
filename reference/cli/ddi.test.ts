import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testKeys } from '../../conformance/generate/builder/test-keys.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';

const program = join(packageRoot, 'dist/reference/cli/main.js');
const erofs = execFileSync(process.execPath, [program, 'mkfs', '-', '--output', '-'], {
  input: '/ 0 40755 2 0 0 0 0.0 - - -\n',
});
const rootHash = '3c6fbc05813731d4f3f43df9e55478c0afa8191cd12561d59f810635bd0abfd0';
const { rsa, otherRsa } = testKeys;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ddi-'));
  writeFileSync(path('in.erofs'), erofs);
  writeFileSync(path('key.pem'), rsa.key);
  writeFileSync(path('cert.pem'), rsa.certificate);
  writeFileSync(path('other.pem'), otherRsa.certificate);
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (name: string) => join(directory, name);

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'ddi', ...args], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a disk image is written, and verified', () => {
  expect(run('in.erofs', '--output', 'out.raw')).toEqual({ status: 0, stdout: `${rootHash}\n`, stderr: '' });
  expect(run('--verify', 'out.raw', '--output', 'back.erofs')).toEqual({
    status: 0,
    stdout: `verified\nroot hash ${rootHash}\nnot signed\n`,
    stderr: '',
  });
  expect(readFileSync(path('back.erofs')).equals(erofs)).toBe(true);
});

test('a signed disk image says whether its signer is trusted', () => {
  expect(run('in.erofs', '--output', 'out.raw', '--sign', 'key.pem', '--cert', 'cert.pem').status).toBe(0);
  const lines = (...args: string[]) => run('--verify', 'out.raw', ...args).stdout.split('\n')[2];
  expect(lines('--cert', 'cert.pem', '--require-signature')).toBe('signed by a certificate of --cert');
  expect(lines()).toMatch(/not checked: give the certificates/);
  expect(lines('--cert', 'other.pem')).toMatch(/not checked: it is by another certificate/);
  expect(run('--verify', 'out.raw', '--cert', 'other.pem', '--require-signature')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^error: ddi: out\.raw: .*\(DDI_SIGNER\)\n$/),
  });
});

test('--json prints one object, also for a rejection', () => {
  const written = run('in.erofs', '--output', 'out.raw', '--json');
  const { size } = statSync(path('out.raw'));
  expect(JSON.parse(written.stdout)).toEqual({ rootHash, signed: false, output: 'out.raw', size });
  expect(JSON.parse(run('--verify', 'out.raw', '--json').stdout)).toEqual({
    verdict: 'verified',
    rootHash,
    signed: false,
    size,
    imageSize: erofs.length,
  });
  const rejected = run('--verify', 'in.erofs', '--json');
  expect(rejected.status).toBe(1);
  expect(JSON.parse(rejected.stdout).error).toMatchObject({
    code: 'DDI_SIZE',
    stage: 'ddi',
    file: 'in.erofs',
  });
});

test('nothing is written if the image is rejected, and a file that exists stays as it is', () => {
  writeFileSync(path('out.raw'), 'before');
  writeFileSync(path('bad.erofs'), erofs.subarray(1));
  expect(run('bad.erofs', '--output', 'out.raw')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: erofs: bad\.erofs/),
  });
  expect(readFileSync(path('out.raw'), 'latin1')).toBe('before');
  expect(run('--verify', 'bad.erofs', '--output', 'new.erofs').status).toBe(1);
  expect(existsSync(path('new.erofs'))).toBe(false);
});

test('the input can be the output', () => {
  expect(run('in.erofs', '--output', 'in.erofs').status).toBe(0);
  expect(run('--verify', 'in.erofs', '--output', 'in.erofs').status).toBe(0);
  expect(readFileSync(path('in.erofs')).equals(erofs)).toBe(true);
});

test.each([
  [['in.erofs'], /give --output FILE for the disk image, or --verify/],
  [['in.erofs', '--output', 'x', '--sign', 'key.pem'], /--sign and --cert must be given together/],
  [['in.erofs', '--output', 'x', '--require-signature'], /--require-signature needs --verify/],
  [['--verify', 'x', '--require-signature'], /--require-signature needs --cert/],
  [['--verify', 'x', '--sign', 'key.pem', '--cert', 'cert.pem'], /--sign is for writing/],
  [['in.erofs', '--output', '-', '--json'], /--json needs --output FILE/],
])('the command line %j is wrong', (args, message) => {
  expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
});

test('a disk image can go to stdout', () => {
  const script = `"$0" "$1" ddi in.erofs --output - > piped; "$0" "$1" ddi in.erofs --output whole; cmp piped whole`;
  const { status } = spawnSync('bash', ['-e', '-c', script, process.execPath, program], { cwd: directory });
  expect(status).toBe(0);
});
