/**
 * Downloads programs from the Debian archive that this machine uses, into a folder of their own.
 * @module
 */

import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completeFolder } from './complete-folder.ts';
import { findLoader, unpackDebianPackages, writeWrapper } from './debian-packages.ts';
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
  return completeFolder(folder, async work => {
    const versions = await unpackDebianPackages({ suite: SUITE, packages, folder: work, log });
    await writeWrappers(work);
    await writeFile(join(work, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    return versions;
  });
}

/** Writes a script for every program that runs it with the loader and the libraries that were downloaded with it. */
async function writeWrappers(folder: string): Promise<void> {
  const root = join(folder, 'root');
  const loader = await findLoader(root);
  await mkdir(join(folder, 'bin'));
  for (const name of debianPrograms) {
    await writeWrapper(folder, loader, name, await findProgram(root, name));
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
