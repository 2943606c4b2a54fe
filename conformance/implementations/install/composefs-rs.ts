/**
 * Builds composefs-rs with cargo into a folder of its own. It installs nothing system-wide and needs no root.
 * @module
 */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runBuild, succeeds } from './build-tool.ts';
import { completeFolder } from './complete-folder.ts';
import { composefsRsVersion } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/**
 * Builds into `folder`, which must not exist yet. It takes minutes; cargo prints its progress on stderr. Throws
 * {@link Unavailable}.
 */
export async function buildComposefsRs(folder: string, log: (step: string) => void): Promise<void> {
  await checkBuildDependencies();
  await completeFolder(folder, async work => {
    log(`building composefs-ctl ${composefsRsVersion} with cargo, which takes minutes`);
    await cargoInstall(work);
    await rm(join(work, 'target'), { recursive: true, force: true });
  });
}

/** Fails early, before anything is downloaded. */
async function checkBuildDependencies(): Promise<void> {
  const missing: string[] = [];
  for (const [tool, hint] of [
    ['cargo', 'https://rustup.rs'],
    ['cc', 'Debian: apt install gcc'],
  ] as const) {
    if (!(await succeeds(tool, '--version'))) missing.push(`${tool} (${hint})`);
  }
  if (!(await hasOpenSsl())) missing.push('the OpenSSL headers (Debian: apt install libssl-dev pkg-config)');
  if (missing.length > 0) throw new Unavailable(`missing ${missing.join(', ')}`);
}

/** Looks where openssl-sys looks: its own variable, pkg-config, the system's include folder. */
async function hasOpenSsl(): Promise<boolean> {
  if (process.env['OPENSSL_DIR'] !== undefined) return true;
  return (await succeeds('pkg-config', '--exists', 'openssl')) || existsSync('/usr/include/openssl/ssl.h');
}

function cargoInstall(root: string): Promise<void> {
  const crate = ['composefs-ctl', '--version', `=${composefsRsVersion}`, '--locked', '--bin', 'cfsctl'];
  const folders = ['--root', root, '--target-dir', join(root, 'target'), '--no-track'];
  return runBuild('cargo', ['install', ...crate, ...folders]);
}
