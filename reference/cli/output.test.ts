import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

// The built program: `npm test` builds it first.
const program = join(dirname(fileURLToPath(import.meta.url)), '../../dist/reference/cli/main.js');
const dumpfile = '/ 0 40755 2 0 0 0 0.0 - - -\n';

const image = execFileSync(process.execPath, [program, 'mkfs', '-', '--output', '-'], { input: dumpfile });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'output-'));
  writeFileSync(path('in.dump'), dumpfile);
  writeFileSync(path('in.erofs'), image);
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (name: string) => join(directory, name);

/** Runs a script of bash, in which `c` is the program. */
function bash(script: string): string {
  const all = `set -e -o pipefail; c() { ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"; }; ${script}`;
  return execFileSync('bash', ['-c', all], { cwd: directory, encoding: 'latin1', timeout: 30_000 });
}

test.each(['-', '/dev/stdout', '/proc/self/fd/1', 'link'])('--output %s is stdout, also a pipe', output => {
  symlinkSync('/proc/self/fd/1', path('link'));
  expect(bash(`c dump in.erofs --output ${output} | cat`)).toBe(dumpfile);
  expect(bash(`c mkfs in.dump --output ${output} | cat`)).toBe(image.toString('latin1'));
  expect(lstatSync(path('link')).isSymbolicLink()).toBe(true);
  expect(readdirSync(directory).sort()).toEqual(['in.dump', 'in.erofs', 'link']);
});

test('--output /dev/stdout appends to a file that the shell has opened for that', () => {
  bash('echo before > log; c dump in.erofs --output /dev/stdout >> log; echo after >> log');
  expect(readFileSync(path('log'), 'latin1')).toBe(`before\n${dumpfile}after\n`);
});

test('--json cannot share stdout with the result', () => {
  for (const [command, input] of [
    ['mkfs', 'in.dump'],
    ['dump', 'in.erofs'],
  ] as const) {
    const args = [program, command, input, '--output', '/dev/stdout', '--json'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('--json needs --output FILE')]);
  }
});

test('--output writes to a FIFO, and to the input of a command', () => {
  expect(bash('mkfifo f; c dump in.erofs --output f & cat f; wait')).toBe(dumpfile);
  expect(lstatSync(path('f')).isFIFO()).toBe(true);
  expect(bash('{ c dump in.erofs --output >(cat >&3); } 3>&1 | cat')).toBe(dumpfile);
  bash('c dump in.erofs --output /dev/fd/3 3> three');
  expect(readFileSync(path('three'), 'latin1')).toBe(dumpfile);
});

test('--output creates what a dangling link leads to', () => {
  symlinkSync('missing', path('second'));
  symlinkSync(path('second'), path('first'));
  bash('c dump in.erofs --output first');
  expect(readFileSync(path('missing'), 'latin1')).toBe(dumpfile);
  expect(lstatSync(path('second')).isSymbolicLink()).toBe(true);
});

test.each([0o600, 0o640, 0o666])('a file that is replaced passes on its mode %o', mode => {
  writeFileSync(path('old'), 'old');
  chmodSync(path('old'), mode);
  bash('c dump in.erofs --output old');
  expect(readFileSync(path('old'), 'latin1')).toBe(dumpfile);
  expect(statSync(path('old')).mode & 0o777).toBe(mode);
});

test('a write that fails leaves the old file and nothing else', () => {
  writeFileSync(path('old'), 'old');
  // A limit on the size of files is for a test what a full disk is for a user.
  const script = `trap '' XFSZ; ulimit -f 8; c mkfs in.dump --output old 2>&1 || echo "status $?"`;
  expect(bash(script)).toMatch(/^error: request: old: EFBIG.* \(REQUEST_FILE\)\nstatus 74\n$/);
  expect(readFileSync(path('old'), 'latin1')).toBe('old');
  expect(readdirSync(directory).sort()).toEqual(['in.dump', 'in.erofs', 'old']);
});
