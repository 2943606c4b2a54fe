/**
 * The paths of the files in real packages, from the lists of contents in a Debian archive.
 * @module
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { apt, findAptSource, privateApt, requireProgram } from '../../implementations/install/apt.ts';
import { Unavailable } from '../../implementations/install/unavailable.ts';

/** Prints a file decompressed, whatever apt has compressed it with. */
const HELPER = '/usr/lib/apt/apt-helper';

const TARGET = 'Contents-deb';
/** Makes apt download the lists, which it does not do by default. */
const settings: Readonly<Record<string, string>> = {
  [`Acquire::IndexTargets::deb::${TARGET}::MetaKey`]: '$(COMPONENT)/Contents-$(ARCHITECTURE)',
  [`Acquire::IndexTargets::deb::${TARGET}::ShortDescription`]: 'Contents',
  [`Acquire::IndexTargets::deb::${TARGET}::Description`]: 'Contents',
  [`Acquire::IndexTargets::deb::${TARGET}::KeepCompressed`]: 'true',
  'Acquire::IndexTargets::deb::Packages::DefaultEnabled': 'false',
};

/** The files of each package, as relative paths with one character per byte. */
export type PackageFiles = ReadonlyMap<string, readonly string[]>;

/**
 * The files of the packages of this machine's release. apt works in `folder`, which is then removed. Throws
 * {@link Unavailable}.
 */
export async function debianPackages(folder: string): Promise<PackageFiles> {
  await requireProgram('apt-get');
  const source = await findAptSource();
  const suite = source.suites[0];
  if (suite === undefined) throw new Unavailable('the Debian source of this machine has no suite');
  try {
    const config = await privateApt({ folder, source, suite, settings });
    await apt(config, ['update']);
    const lists = await apt(config, ['indextargets', '--format', '$(FILENAME)', `Created-By: ${TARGET}`]);
    const packages = new Map<string, string[]>();
    for (const list of lists.split('\n').filter(line => line !== '')) await readList(list, packages);
    if (packages.size === 0) throw new Unavailable('apt downloaded no list of package contents');
    return packages;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readList(path: string, packages: Map<string, string[]>): Promise<void> {
  const helper = spawn(HELPER, ['cat-file', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_, reject) => helper.once('error', reject));
  helper.stdout.setEncoding('latin1');
  const read = (async () => {
    for await (const line of createInterface({ input: helper.stdout })) {
      for (const [name, file] of parseLine(line)) {
        const files = packages.get(name);
        if (files === undefined) packages.set(name, [file]);
        else files.push(file);
      }
    }
  })();
  await Promise.race([read, failed]);
}

/** Parses one line of a list: returns the path with each package that has it, without section and component. */
export function parseLine(line: string): (readonly [name: string, path: string])[] {
  const [, path, locations] = /^(.*\S)\s+(\S+)$/.exec(line) ?? [];
  if (path === undefined || locations === undefined || path.startsWith('/') || path.endsWith('/')) return [];
  if (path.split('/').some(name => name === '' || name === '.' || name === '..')) return [];
  return locations.split(',').map(location => [location.slice(location.lastIndexOf('/') + 1), path]);
}

/**
 * The paths of enough packages for at least `inodes` inodes, including directories. The packages are taken in the order
 * of the SHA-256 of their names, so the sample is the same on every machine with the same lists.
 */
export function samplePaths(packages: PackageFiles, inodes: number): Set<string> {
  const order = (name: string) => createHash('sha256').update(name).digest('hex');
  const names = [...packages.keys()].map(name => [order(name), name] as const).sort();
  const paths = new Set<string>();
  const directories = new Set<string>(['']);
  for (const [, name] of names) {
    if (paths.size + directories.size >= inodes) break;
    for (const path of packages.get(name) ?? []) {
      paths.add(path);
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
        directories.add(path.slice(0, at));
    }
  }
  return paths;
}
