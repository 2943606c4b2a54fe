/**
 * A digest of everything that decides what a run finds, apart from the kernel: the jobs with their files, the programs of
 * the guest, the checks, and the page whose commands are run. `.ci/kernel` repeats a run only if it changed.
 * @module
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import type { Job } from './jobs.ts';
import { walkPage } from './walk.ts';

const evidence = 'conformance/evidence';
const sources = [`${evidence}/kernel`, `${evidence}/external-checks`];

/** The SHA-256, in hexadecimal, of `jobs`, of their files in the folder `files`, and of the sources of the checks. */
export function inputsDigest(jobs: readonly Job[], files: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(jobs));
  addFolder(hash, files, () => true);
  const isSource = (path: string) => /\.(?:ts|py)$/.test(path) && !/\.test\.(?:helper\.)?ts$/.test(path);
  for (const folder of sources) addFolder(hash, join(packageRoot, folder), isSource);
  addFile(hash, walkPage, join(packageRoot, walkPage));
  return hash.digest('hex');
}

type Hash = ReturnType<typeof createHash>;

function addFolder(hash: Hash, folder: string, isIncluded: (path: string) => boolean): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const full = join(folder, path);
    if (isIncluded(path) && statSync(full).isFile()) addFile(hash, path, full);
  }
}

function addFile(hash: Hash, name: string, path: string): void {
  const content = readFileSync(path);
  hash.update(`${name}\0${content.length}\0`).update(content);
}
