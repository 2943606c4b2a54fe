/**
 * Builds a registry that has the referrers API, and oras, with go. It installs nothing system-wide and needs no root.
 * @module
 */

import { join } from 'node:path';
import { requireGo, runBuild } from './build-tool.ts';
import { completeFolder } from './complete-folder.ts';
import { orasVersion, registrySource } from './paths.ts';

/** Builds into `folder`, which must not exist yet. Throws {@link Unavailable}. */
export async function buildRegistry(folder: string, log: (step: string) => void): Promise<void> {
  await requireGo();
  await completeFolder(folder, async work => {
    // Without cgo, go is the only build dependency.
    const env = { GOBIN: work, CGO_ENABLED: '0' };
    log('building a registry with go');
    await runBuild('go', ['build', '-o', join(work, 'registry'), '.'], { cwd: registrySource, env });
    log(`building oras ${orasVersion} with go`);
    await runBuild('go', ['install', `oras.land/oras/cmd/oras@v${orasVersion}`], { env });
  });
}
