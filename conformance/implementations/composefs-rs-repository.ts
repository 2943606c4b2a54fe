/**
 * Repositories of cfsctl, one per request. `oci pull` does not read a blob again if the repository has the digest that
 * the image claims for it, so in a shared repository one answer could change another.
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, type ProgramResult, runProgram } from './run-program.ts';

/** A repository of cfsctl for one request. */
export interface Repository {
  /** A folder for files of the request. */
  readonly folder: string;
  /** The folder of the repository. */
  readonly path: string;
  /** Runs cfsctl on the repository. */
  readonly cfsctl: (...args: readonly string[]) => Promise<ProgramResult>;
}

/** Calls `use` with a new repository, and removes the repository afterwards. */
export async function inRepository<T>(
  program: Program,
  algorithm: string,
  use: (repository: Repository) => Promise<T>,
): Promise<T> {
  const folder = newFolder();
  try {
    const path = join(folder, 'repository');
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(join(path, 'meta.json'), metadata(algorithm));
    return await use({ folder, path, cfsctl: (...args) => runProgram(program, ['--repo', path, ...args]) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The only file that `cfsctl init --insecure` writes; writing it here saves a process. */
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

/** A path of a new folder, in memory if possible: cfsctl flushes to disk several times per image. */
function newFolder(): string {
  if (scratch === undefined) {
    const memory = '/dev/shm';
    const created = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'composefs-rs-'));
    // Also runs after a crash and on a timeout.
    process.on('exit', () => rmSync(created, { recursive: true, force: true }));
    process.once('SIGTERM', () => process.exit(1));
    scratch = created;
  }
  return join(scratch, String(folders++));
}
