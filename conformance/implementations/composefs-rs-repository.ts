/**
 * Repositories of cfsctl, one a request: `oci pull` does not read again what a repository has by the digest that an
 * image claims, so that in a common one an answer could change another.
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, type Program, run } from './run-program.ts';

/** A repository. */
export interface Repository {
  /** A folder for what belongs to the request. */
  readonly folder: string;
  /** Runs cfsctl on the repository. */
  readonly ask: (...args: readonly string[]) => Promise<Ended>;
}

/** What `use` makes of a new repository, which is gone afterwards. */
export async function inRepository<T>(
  cfsctl: Program,
  algorithm: string,
  use: (repository: Repository) => Promise<T>,
): Promise<T> {
  const folder = newFolder();
  try {
    const path = join(folder, 'repository');
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(join(path, 'meta.json'), metadata(algorithm));
    return await use({ folder, ask: (...args) => run(cfsctl, ['--repo', path, ...args]) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All that `cfsctl init --insecure` writes, which is spared a process. */
function metadata(algorithm: string): string {
  return JSON.stringify({
    version: 1,
    algorithm,
    features: { compatible: [], 'read-only-compatible': ['v1_erofs'], incompatible: [] },
    erofs_formats: { default: 1 },
  });
}

let scratch: string | undefined;
let folders = 0;

/** A path in memory where there is such a file system: cfsctl waits for the disk several times an image. */
function newFolder(): string {
  if (scratch === undefined) {
    const memory = '/dev/shm';
    const made = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'composefs-rs-'));
    // After a crash and at a timeout too.
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    process.once('SIGTERM', () => process.exit(1));
    scratch = made;
  }
  return join(scratch, String(folders++));
}
