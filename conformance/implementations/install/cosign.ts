/**
 * Builds cosign with go. It installs nothing system-wide and needs no root.
 * @module
 */

import { mkdir, rename, rm } from 'node:fs/promises';
import { runBuild, succeeds } from './build-tool.ts';
import { cosignVersion } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** Builds into `folder`, which must not exist yet. Throws {@link Unavailable}. */
export async function buildCosign(folder: string, log: (step: string) => void): Promise<void> {
  if (!(await succeeds('go', 'version'))) throw new Unavailable('missing go (https://go.dev/dl)');
  const work = `${folder}.${process.pid}`;
  const module = `github.com/sigstore/cosign/v3/cmd/cosign@v${cosignVersion}`;
  try {
    await mkdir(work);
    log(`building cosign ${cosignVersion} with go`);
    // Without cgo, go is the only build dependency.
    await runBuild('go', ['install', module], { env: { GOBIN: work, CGO_ENABLED: '0' } });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
