/**
 * Downloads programs from the Debian archive that this machine uses, into a folder of their own.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { apt, errorOutput, findAptSource, privateApt, requireProgram } from './apt.ts';
import { type DebianProgram, debianPrograms, type PackageVersions, packageOfProgram } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** The Debian suite that has current versions of all programs. */
const SUITE = 'unstable';

const execute = promisify(execFile);

/** Fills `folder`, which must not exist yet, and logs each step. Throws {@link Unavailable}. */
export async function installDebianPrograms(
  folder: string,
  log: (step: string) => void,
): Promise<PackageVersions> {
  const source = await findAptSource();
  for (const tool of ['apt-get', 'dpkg-deb']) await requireProgram(tool);
  const packages = [...new Set(Object.values(packageOfProgram))];
  const work = `${folder}.${process.pid}`;
  try {
    const config = await privateApt({ folder: join(work, 'apt'), source, suite: SUITE });
    log(`reading the list of packages in ${SUITE}`);
    await apt(config, ['update']);
    log(`downloading ${packages.join(', ')} and the libraries they need`);
    await apt(config, ['install', '--download-only', '--no-install-recommends', '--yes', ...packages]);
    const versions = await unpack(join(work, 'apt/cache/archives'), join(work, 'root'));
    await writeWrappers(work);
    await writeFile(join(work, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
    await rm(join(work, 'apt'), { recursive: true });
    await rename(work, folder);
    return versions;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Unpacks every package in `archives` into `root`. Returns their versions. */
async function unpack(archives: string, root: string): Promise<PackageVersions> {
  await mkdir(root);
  const versions: Record<string, string> = {};
  for (const name of (await readdir(archives)).filter(file => file.endsWith('.deb')).sort()) {
    const archive = join(archives, name);
    await execute('dpkg-deb', ['-x', archive, root]);
    const { stdout } = await execute('dpkg-deb', ['-f', archive, 'Package', 'Version']);
    const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(stdout)?.[1] ?? '';
    versions[field('Package')] = field('Version');
  }
  return versions;
}

/** Writes a script for every program that runs it with the loader and the libraries that were downloaded with it. */
async function writeWrappers(folder: string): Promise<void> {
  const root = join(folder, 'root');
  const loader = await findLoader(root);
  await mkdir(join(folder, 'bin'));
  for (const name of debianPrograms) {
    const program = await findProgram(root, name);
    await checkLibraries(root, loader, program);
    const below = (path: string) => `"$top/root/${path}"`;
    const script = [
      '#!/bin/sh',
      'top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 127',
      `exec ${below(loader)} --library-path ${below(dirname(loader))} ${below(program)} "$@"`,
    ];
    await writeFile(join(folder, 'bin', name), `${script.join('\n')}\n`, { mode: 0o755 });
  }
}

/** The path of the dynamic loader, relative to `root`; its folder has the libraries too. */
async function findLoader(root: string): Promise<string> {
  const found = (await readdir(join(root, 'usr/lib'), { recursive: true })).find(path =>
    /^[^/]+-linux-[^/]+\/ld[^/]*\.so\.\d+$/.test(path),
  );
  if (found === undefined) throw new Unavailable('the downloaded C library has no dynamic loader');
  return join('usr/lib', found);
}

async function findProgram(root: string, name: DebianProgram): Promise<string> {
  const found = ['usr/bin', 'usr/sbin', 'bin', 'sbin']
    .map(folder => join(folder, name))
    .find(path => existsSync(join(root, path)));
  if (found === undefined)
    throw new Unavailable(`the package ${packageOfProgram[name]} does not contain ${name}`);
  return found;
}

/** Checks that `program` finds every library, and finds it below `root`, not on the machine. */
async function checkLibraries(root: string, loader: string, program: string): Promise<void> {
  const at = (path: string) => join(root, path);
  const args = ['--library-path', at(dirname(loader)), '--list', at(program)];
  let stdout: string;
  try {
    ({ stdout } = await execute(at(loader), args));
  } catch (error) {
    throw new Unavailable(`${program} does not load:\n${errorOutput(error)}`);
  }
  const foreign = stdout.split('\n').filter(line => line.includes('=>') && !line.includes(`=> ${root}/`));
  if (foreign.length > 0)
    throw new Unavailable(`${program} needs libraries that were not downloaded:\n${foreign.join('\n')}`);
}
