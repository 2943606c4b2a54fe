/**
 * Builds cosign with go. It installs nothing system-wide and needs no root.
 * @module
 */

import { requireGo, runBuild } from './build-tool.ts';
import { completeFolder } from './complete-folder.ts';
import { cosignVersion } from './paths.ts';

/** Builds into `folder`, which must not exist yet. Throws {@link Unavailable}. */
export async function buildCosign(folder: string, log: (step: string) => void): Promise<void> {
  await requireGo();
  const module = `github.com/sigstore/cosign/v3/cmd/cosign@v${cosignVersion}`;
  await completeFolder(folder, async work => {
    log(`building cosign ${cosignVersion} with go`);
    // Without cgo, go is the only build dependency.
    await runBuild('go', ['install', module], { env: { GOBIN: work, CGO_ENABLED: '0' } });
  });
}
