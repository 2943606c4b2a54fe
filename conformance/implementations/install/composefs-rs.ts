/**
 * Builds composefs-rs with cargo into a folder of its own. Nothing is installed, and no step needs root.
 * @module
 */

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, runs } from './build-tool.ts';
import { composefsRsVersion } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** Fills `folder`, which does not exist yet. Takes minutes; cargo says on stderr what it does. Throws {@link Unavailable}. */
export async function buildComposefsRs(folder: string, say: (step: string) => void): Promise<void> {
  await checkTools();
  const work = `${folder}.${process.pid}`;
  try {
    say(`building composefs-ctl ${composefsRsVersion} with cargo, which takes minutes`);
    await cargoInstall(work);
    await rm(join(work, 'target'), { recursive: true, force: true });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What the build needs is there, before anything is downloaded. */
async function checkTools(): Promise<void> {
  const missing: string[] = [];
  for (const [tool, hint] of [
    ['cargo', 'https://rustup.rs'],
    ['cc', 'Debian: apt install gcc'],
  ] as const) {
    if (!(await runs(tool, '--version'))) missing.push(`${tool} (${hint})`);
  }
  if (!(await hasOpenSsl()))
    missing.push('the headers of OpenSSL (Debian: apt install libssl-dev pkg-config)');
  if (missing.length > 0) throw new Unavailable(`this is not there: ${missing.join(', ')}`);
}

/** Where openssl-sys looks: its own variable, pkg-config, the place of the system. */
async function hasOpenSsl(): Promise<boolean> {
  if (process.env['OPENSSL_DIR'] !== undefined) return true;
  return (await runs('pkg-config', '--exists', 'openssl')) || existsSync('/usr/include/openssl/ssl.h');
}

function cargoInstall(root: string): Promise<void> {
  const what = ['composefs-ctl', '--version', `=${composefsRsVersion}`, '--locked', '--bin', 'cfsctl'];
  const where = ['--root', root, '--target-dir', join(root, 'target'), '--no-track'];
  return build('cargo', ['install', ...what, ...where]);
}
