/**
 * Adds the kernels that confirmed a case in a recorded run to its provenance.
 * @module
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hex } from '../../reference/bytes.ts';
import { fsverityDigest } from '../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../reference/hash/node/sha2.ts';
import { type Case, expectedResult } from '../suite/case.ts';
import { byKernel, type KernelRun, kernelRunsFolder } from '../suite/kernel-runs.ts';
import type { Files } from './files.ts';

/** The recorded runs in the repository `root`, the oldest kernel first; none if it has no such folder. */
export async function readKernelRuns(root: string): Promise<KernelRun[]> {
  const folder = join(root, kernelRunsFolder);
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const texts = await Promise.all(
    names.filter(name => name.endsWith('.json')).map(name => readFile(join(folder, name), 'utf8')),
  );
  return texts.map((text): KernelRun => JSON.parse(text)).sort(byKernel);
}

/**
 * `test` with the kernels of `runs` that confirmed it. A run that measured another digest was about another image and
 * says nothing. `files` are those of the vectors.
 */
export function withKernelRuns(test: Case, files: Files, runs: readonly KernelRun[]): Case {
  const measured = measuredValue(test, files);
  if (measured === undefined) return test;
  const kernels = runs.filter(({ findings }) =>
    [findings.images[test.id], findings.trees[test.id], findings['disk images'][test.id]].some(
      finding => finding === `pass: ${measured}` || finding?.startsWith(`pass: ${measured}, `),
    ),
  );
  const { provenance } = test;
  const names = kernels.map(({ kernel }) => `linux ${kernel}`);
  const confirmedBy = [...new Set([...provenance.confirmedBy, ...names])];
  return { ...test, provenance: { ...provenance, confirmedBy } };
}

/** The digest of the image, the SHA-256 of the dumpfile, or the root hash of the disk image that the case accepts. */
function measuredValue(test: Case, files: Files): string | undefined {
  const expected = expectedResult(test);
  if (expected === undefined) return undefined;
  const { digest, rootHash } = expected.values ?? {};
  if (test.op === 'layers.tree') {
    const dumpfile = files.get(`cases/${test.id}/${String(expected.files?.['dumpfile'])}`);
    return dumpfile && createHash('sha256').update(dumpfile).digest('hex');
  }
  if (test.op !== 'erofs.read') return digest ?? rootHash;
  const image = files.get(`cases/${test.id}/${String(test.input['image'])}`);
  return image && hex(fsverityDigest(image, 'fsverity-sha256-12', nodeSha2));
}
