/**
 * Builds the program that looks up labels with libselinux: once with the libselinux of this machine's Debian release,
 * and once with the newest one. It installs nothing system-wide and needs no root.
 * @module
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianCodename } from './apt.ts';
import { runBuild, succeeds } from './build-tool.ts';
import { completeFolder } from './complete-folder.ts';
import {
  checkLibraries,
  findLoader,
  type Loader,
  unpackDebianPackages,
  wrapperScript,
} from './debian-packages.ts';
import { labelLookupSource, type PackageVersions } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** The suite with the newest libselinux. */
const NEWEST = 'unstable';
const LIBRARY = 'libselinux1';
const HEADERS = 'libselinux1-dev';
/** The program, which is compiled once and runs with each of the libraries. */
const PROGRAM = 'look_up_labels';

/** Fills `folder`, which must not exist yet, and logs each step. Throws {@link Unavailable}. */
export async function installLibselinux(
  folder: string,
  log: (step: string) => void,
): Promise<PackageVersions> {
  if (!(await succeeds('cc', '--version'))) throw new Unavailable('missing cc (Debian: apt install gcc)');
  const release = await debianCodename();
  return completeFolder(folder, async work => {
    const unpacked = async (suite: string, packages: readonly string[]) => {
      const versions = await unpackDebianPackages({ suite, packages, folder: join(work, suite), log });
      return { version: versions[LIBRARY] ?? '', loader: await findLoader(join(work, suite, 'root')) };
    };
    const own = await unpacked(release, [LIBRARY, HEADERS]);
    log('compiling the lookup of labels');
    await compile(own.loader, join(work, PROGRAM));
    await addWrapper(work, release, own.loader);
    const newest = await unpacked(NEWEST, [LIBRARY]);
    await addWrapper(work, NEWEST, newest.loader);
    const versions = { [release]: own.version, [NEWEST]: newest.version };
    await writeFile(join(work, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
    return versions;
  });
}

/** Compiles with the headers of libselinux below the root, and with the C library of this machine. */
function compile({ root, libraries }: Loader, program: string): Promise<void> {
  return runBuild('cc', [
    ...['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'],
    ...['-idirafter', join(root, 'usr/include'), '-o', program, labelLookupSource],
    // What libselinux itself needs is found when the program runs.
    '-Wl,--allow-shlib-undefined',
    ...libraries.map(folder => `-L${join(root, folder)}`),
    '-l:libselinux.so.1',
  ]);
}

/** Writes the script that runs the program with the libraries of `suite`. */
async function addWrapper(folder: string, suite: string, loader: Loader): Promise<void> {
  await checkLibraries(loader, join(folder, PROGRAM));
  const bin = join(folder, suite, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, PROGRAM), wrapperScript(loader, `../${PROGRAM}`), { mode: 0o755 });
}
