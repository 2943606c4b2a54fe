/**
 * Debian packages from the archive that this machine uses, unpacked into a folder with the libraries that they need,
 * and the dynamic loader that runs their programs with these libraries.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { apt, errorOutput, findAptSource, privateApt, requireProgram } from './apt.ts';
import type { PackageVersions } from './paths.ts';
import { Unavailable } from './unavailable.ts';

const execute = promisify(execFile);

/** The packages to unpack, and where to. */
export interface PackageRequest {
  /** The suite to take them from. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** A folder, which gets the unpacked packages in `root`. */
  readonly folder: string;
  readonly log: (step: string) => void;
}

/** Downloads and unpacks packages with all that they depend on. Returns their versions. Throws {@link Unavailable}. */
export async function unpackDebianPackages({
  suite,
  packages,
  folder,
  log,
}: PackageRequest): Promise<PackageVersions> {
  const source = await findAptSource();
  for (const tool of ['apt-get', 'dpkg-deb']) await requireProgram(tool);
  const config = await privateApt({ folder: join(folder, 'apt'), source, suite });
  log(`reading the list of packages in ${suite}`);
  await apt(config, ['update']);
  log(`downloading ${packages.join(', ')} and the libraries they need`);
  await apt(config, ['install', '--download-only', '--no-install-recommends', '--yes', ...packages]);
  const versions = await unpack(join(folder, 'apt/cache/archives'), join(folder, 'root'));
  await rm(join(folder, 'apt'), { recursive: true });
  return versions;
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

/** A dynamic loader, and the folders of the libraries that it loads; all paths are relative to `root`. */
export interface Loader {
  readonly root: string;
  readonly program: string;
  readonly libraries: readonly string[];
}

/** The loader of the C library below `root`. Throws {@link Unavailable}. */
export async function findLoader(root: string): Promise<Loader> {
  // Releases before Debian 13 have libraries in /lib as well.
  const tops = ['usr/lib', 'lib'].filter(top => existsSync(join(root, top)));
  for (const top of tops) {
    const found = (await readdir(join(root, top), { recursive: true })).find(path =>
      /^[^/]+-linux-[^/]+\/ld[^/]*\.so\.\d+$/.test(path),
    );
    if (found === undefined) continue;
    // Programs of systemd load a library of their own from a folder of its own.
    const folders = tops.flatMap(each => ['', 'systemd'].map(sub => join(each, dirname(found), sub)));
    return {
      root,
      program: join(top, found),
      libraries: folders.filter(folder => existsSync(join(root, folder))),
    };
  }
  throw new Unavailable('the downloaded C library has no dynamic loader');
}

/** A shell script that runs `program`, a path relative to the parent folder of the script, with the loader. */
export function wrapperScript(loader: Loader, program: string): string {
  const below = (path: string) => `"$top/root/${path}"`;
  const libraries = loader.libraries.map(folder => `$top/root/${folder}`).join(':');
  return [
    '#!/bin/sh',
    'top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 127',
    `exec ${below(loader.program)} --library-path "${libraries}" "$top/${program}" "$@"\n`,
  ].join('\n');
}

/** Writes the script `bin/NAME` in `folder`, which runs `program`, a path below the root of the loader, with it. */
export async function writeWrapper(
  folder: string,
  loader: Loader,
  name: string,
  program: string,
): Promise<void> {
  await checkLibraries(loader, join(loader.root, program));
  await writeFile(join(folder, 'bin', name), wrapperScript(loader, join('root', program)), { mode: 0o755 });
}

/** Checks that the program at `path` finds every library, and finds it below the root, not on the machine. */
export async function checkLibraries({ root, program, libraries }: Loader, path: string): Promise<void> {
  const search = libraries.map(folder => join(root, folder)).join(':');
  let stdout: string;
  try {
    ({ stdout } = await execute(join(root, program), ['--library-path', search, '--list', path]));
  } catch (error) {
    throw new Unavailable(`${path} does not load:\n${errorOutput(error)}`);
  }
  const foreign = stdout.split('\n').filter(line => line.includes('=>') && !line.includes(`=> ${root}/`));
  if (foreign.length > 0)
    throw new Unavailable(`${path} needs libraries that were not downloaded:\n${foreign.join('\n')}`);
}
