/**
 * Downloads programs from the Debian archive that this machine uses, into a folder of their own.
 * @module
 */

import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLibraries, findLoader, unpackDebianPackages, wrapperScript } from './debian-packages.ts';
import { type DebianProgram, debianPrograms, type PackageVersions, packageOfProgram } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** The Debian suite that has current versions of all programs. */
const SUITE = 'unstable';

/** Fills `folder`, or replaces it when everything is there, and logs each step. Throws {@link Unavailable}. */
export async function installDebianPrograms(
  folder: string,
  log: (step: string) => void,
): Promise<PackageVersions> {
  const packages = [...new Set(Object.values(packageOfProgram))];
  const work = `${folder}.${process.pid}`;
  try {
    const versions = await unpackDebianPackages({ suite: SUITE, packages, folder: work, log });
    await writeWrappers(work);
    await writeFile(join(work, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
    return versions;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes a script for every program that runs it with the loader and the libraries that were downloaded with it. */
async function writeWrappers(folder: string): Promise<void> {
  const root = join(folder, 'root');
  const loader = await findLoader(root);
  await mkdir(join(folder, 'bin'));
  for (const name of debianPrograms) {
    const program = await findProgram(root, name);
    await checkLibraries(loader, join(root, program));
    const script = wrapperScript(loader, join('root', program));
    await writeFile(join(folder, 'bin', name), script, { mode: 0o755 });
  }
}

async function findProgram(root: string, name: DebianProgram): Promise<string> {
  const found = ['usr/bin', 'usr/sbin', 'bin', 'sbin']
    .map(folder => join(folder, name))
    .find(path => existsSync(join(root, path)));
  if (found === undefined)
    throw new Unavailable(`the package ${packageOfProgram[name]} does not contain ${name}`);
  return found;
}
