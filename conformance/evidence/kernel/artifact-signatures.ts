/**
 * Checks of the signatures in artifacts: the blobs that `composefs-oci seal --mode artifact` writes, as they are.
 * @module
 */

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Algorithm, algorithm } from '../../../reference/fsverity/algorithm.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import type { KernelCheck } from './check.ts';
import { mergedImage, rightSignatures, type SignedBytes } from './signatures.ts';

/** Cases with a layout, a private key and its certificate. RSA signatures are the same in each run. */
const cases = {
  'RSA 2048 with SHA-256': { id: 'seal/artifact-signed', algorithm: 'fsverity-sha256-12' },
  'RSA 2048 with SHA-512': { id: 'seal/signed-sha512', algorithm: 'fsverity-sha512-12' },
} as const;

const program = join(packageRoot, 'dist/reference/cli/main.js');
const ARTIFACT_TYPE = 'application/vnd.composefs.metadata.v1';

/** One check for each key; the files are written to `files`. The jobs of `signatureChecks` come first. */
export async function artifactSignatureChecks(suite: Suite, files: string): Promise<KernelCheck[]> {
  const checks: KernelCheck[] = [];
  for (const [kind, { id, algorithm: name }] of Object.entries(cases)) {
    const test = suite.cases.find(each => each.id === id);
    if (test === undefined) throw new Error(`${id} does not exist`);
    const folder = join(caseFolder(suite, test), 'in');
    const found = {
      algorithm: algorithm(name),
      certificate: new X509Certificate(readFileSync(join(folder, 'certificate.pem'))).raw,
      signedFiles: await sealedFiles(folder, algorithm(name)),
    };
    const title = `the right signatures in an artifact, ${kind}`;
    checks.push(rightSignatures(files, title, `artifact-${checks.length}`, found));
  }
  return checks;
}

/** Seals the layout in `folder`, and returns manifest, config and image with their signatures in the artifact. */
async function sealedFiles(folder: string, name: Algorithm): Promise<SignedBytes[]> {
  const work = mkdtempSync(join(tmpdir(), 'composefs-oci-artifact-'));
  try {
    const layout = join(work, 'layout');
    execFileSync(process.execPath, [
      ...[program, 'seal', `oci:${join(folder, 'layout')}`, '--mode', 'artifact', '--algorithm', name],
      ...['--sign', join(folder, 'key.pem'), '--cert', join(folder, 'certificate.pem')],
      ...['--output', `oci:${layout}`],
    ]);
    const blob = ({ digest }: { readonly digest: string }) =>
      readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
    const index: { manifests: { artifactType?: string; digest: string }[] } = JSON.parse(
      readFileSync(join(layout, 'index.json'), 'utf8'),
    );
    const found = index.manifests.find(({ artifactType }) => artifactType === ARTIFACT_TYPE);
    if (found === undefined) throw new Error('seal wrote no artifact');
    const artifact: Artifact = JSON.parse(blob(found).toString());
    const manifest = blob(artifact.subject);
    const bytes: Readonly<Record<string, Uint8Array>> = {
      [`composefs.manifest.${name}`]: manifest,
      [`composefs.config.${name}`]: blob(JSON.parse(manifest.toString()).config),
      [`composefs.merged.erofs.v1.${name}`]: await mergedImage(layout, name),
    };
    return artifact.layers.map(layer => {
      const [[key, digest] = ['', '']] = Object.entries(layer.annotations);
      const content = bytes[key];
      if (content === undefined) throw new Error(`unexpected entry ${key}`);
      return { bytes: content, digest, signature: blob(layer) };
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}

interface Artifact {
  readonly subject: { readonly digest: string };
  readonly layers: readonly {
    readonly digest: string;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}
