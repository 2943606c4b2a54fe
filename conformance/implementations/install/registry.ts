/**
 * Builds a registry that has the referrers API, and oras, with go. It installs nothing system-wide and needs no root.
 * @module
 */

import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runBuild, succeeds } from './build-tool.ts';
import { orasVersion, registrySource } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** Builds into `folder`, which must not exist yet. Throws {@link Unavailable}. */
export async function buildRegistry(folder: string, log: (step: string) => void): Promise<void> {
  if (!(await succeeds('go', 'version'))) throw new Unavailable('missing go (https://go.dev/dl)');
  const work = `${folder}.${process.pid}`;
  // Without cgo, go is the only build dependency.
  const env = { GOBIN: work, CGO_ENABLED: '0' };
  try {
    await mkdir(work);
    log('building a registry with go');
    await runBuild('go', ['build', '-o', join(work, 'registry'), '.'], { cwd: registrySource, env });
    log(`building oras ${orasVersion} with go`);
    await runBuild('go', ['install', `oras.land/oras/cmd/oras@v${orasVersion}`], { env });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
