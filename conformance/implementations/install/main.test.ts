import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { composefsRsVersion, registryFolder } from './paths.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/implementations/install/main.js');

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'peers-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

function install(...args: string[]) {
  const env = { XDG_CACHE_HOME: cache, PATH: join(cache, 'nothing') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('without cargo composefs-rs is not built, and the message says what is missing', {
  timeout: 30_000,
}, () => {
  const { status, stdout, stderr } = install('composefs-rs');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^cannot install composefs-rs: missing cargo \(https:\/\/rustup\.rs\), cc /);
  expect(readdirSync(join(cache, 'composefs-oci'))).toEqual([]);
});

test.each(['registry', 'cosign'])('without go, %s is not built', { timeout: 30_000 }, set => {
  expect(install(set)).toEqual({
    status: 3,
    stdout: '',
    stderr: `cannot install ${set}: missing go (https://go.dev/dl)\n`,
  });
  expect(readdirSync(join(cache, 'composefs-oci'))).toEqual([]);
});

test('without a C compiler the lookup of labels is not built', { timeout: 30_000 }, () => {
  expect(install('libselinux')).toEqual({
    status: 3,
    stdout: '',
    stderr: 'cannot install libselinux: missing cc (Debian: apt install gcc)\n',
  });
  expect(readdirSync(join(cache, 'composefs-oci'))).toEqual([]);
});

test('the folder of the registry is named by the versions that it is built from', () => {
  expect(registryFolder()).toMatch(/\/registry-\d{8}-[0-9a-f]{12}-oras-\d+\.\d+\.\d+$/);
});

test('an implementation that is already built is not built again', { timeout: 30_000 }, () => {
  const bin = join(cache, 'composefs-oci', `composefs-rs-${composefsRsVersion}`, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'cfsctl'), '');
  expect(install('composefs-rs')).toEqual({
    status: 0,
    stdout: `composefs-rs is already built (remove it to build it again): ${join(bin, 'cfsctl')}\n`,
    stderr: '',
  });
});
