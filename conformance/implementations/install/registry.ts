/**
 * Builds a registry that has the referrers API, and oras, with go. Nothing is installed, and no step needs root.
 * @module
 */

import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, runs } from './build-tool.ts';
import { orasVersion, registrySource } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** Fills `folder`, which does not exist yet. Throws {@link Unavailable}. */
export async function buildRegistry(folder: string, say: (step: string) => void): Promise<void> {
  if (!(await runs('go', 'version'))) throw new Unavailable('this is not there: go (https://go.dev/dl)');
  const work = `${folder}.${process.pid}`;
  // Without C there is nothing that a machine could lack besides go.
  const env = { GOBIN: work, CGO_ENABLED: '0' };
  try {
    await mkdir(work);
    say('building a registry with go');
    await build('go', ['build', '-o', join(work, 'registry'), '.'], { cwd: registrySource, env });
    say(`building oras ${orasVersion} with go`);
    await build('go', ['install', `oras.land/oras/cmd/oras@v${orasVersion}`], { env });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
