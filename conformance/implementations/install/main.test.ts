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

function peers(...args: string[]) {
  const env = { XDG_CACHE_HOME: cache, PATH: join(cache, 'nothing') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('without cargo composefs-rs is not built, and what is missing is said', { timeout: 30_000 }, () => {
  const { status, stdout, stderr } = peers('composefs-rs');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^can not get composefs-rs: this is not there: cargo \(https:\/\/rustup\.rs\), cc /);
  expect(readdirSync(join(cache, 'composefs-oci'))).toEqual([]);
});

test('without go the registry is not built', { timeout: 30_000 }, () => {
  expect(peers('registry')).toEqual({
    status: 3,
    stdout: '',
    stderr: 'can not get registry: this is not there: go (https://go.dev/dl)\n',
  });
  expect(readdirSync(join(cache, 'composefs-oci'))).toEqual([]);
});

test('the registry is kept by the versions of what it is made of', () => {
  expect(registryFolder()).toMatch(/\/registry-\d{8}-[0-9a-f]{12}-oras-\d+\.\d+\.\d+$/);
});

test('what is there is not built again', { timeout: 30_000 }, () => {
  const bin = join(cache, 'composefs-oci', `composefs-rs-${composefsRsVersion}`, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'cfsctl'), '');
  expect(peers('composefs-rs')).toEqual({
    status: 0,
    stdout: `composefs-rs is there (remove it to build it anew): ${join(bin, 'cfsctl')}\n`,
    stderr: '',
  });
});
