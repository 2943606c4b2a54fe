/**
 * The paths of real packages, from the lists that a Debian archive has of what is in each package.
 * @module
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { apt, findSource, mustRun, privateApt } from '../../implementations/install/apt.ts';
import { Unavailable } from '../../implementations/install/unavailable.ts';

/** Prints a file as it is uncompressed, whatever apt has compressed it with. */
const HELPER = '/usr/lib/apt/apt-helper';

const TARGET = 'Contents-deb';
/** Has apt get the lists; it would not by itself. */
const settings: Readonly<Record<string, string>> = {
  [`Acquire::IndexTargets::deb::${TARGET}::MetaKey`]: '$(COMPONENT)/Contents-$(ARCHITECTURE)',
  [`Acquire::IndexTargets::deb::${TARGET}::ShortDescription`]: 'Contents',
  [`Acquire::IndexTargets::deb::${TARGET}::Description`]: 'Contents',
  [`Acquire::IndexTargets::deb::${TARGET}::KeepCompressed`]: 'true',
  'Acquire::IndexTargets::deb::Packages::DefaultEnabled': 'false',
};

/** What a package has, as relative paths of one byte a character. */
export type Packages = ReadonlyMap<string, readonly string[]>;

/**
 * What is in the packages of this machine's release. apt works in `folder`, which is removed. Throws
 * {@link Unavailable}.
 */
export async function debianPackages(folder: string): Promise<Packages> {
  await mustRun('apt-get');
  const source = await findSource();
  const suite = source.suites[0];
  if (suite === undefined) throw new Unavailable('the source of Debian names no suite');
  try {
    const config = await privateApt({ folder, source, suite, settings });
    await apt(config, ['update']);
    const lists = await apt(config, ['indextargets', '--format', '$(FILENAME)', `Created-By: ${TARGET}`]);
    const packages = new Map<string, string[]>();
    for (const list of lists.split('\n').filter(line => line !== '')) await readList(list, packages);
    if (packages.size === 0) throw new Unavailable('apt has got no list of contents');
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

/** One line of a list: each package that has the path, and the path. Section and component are left out. */
export function parseLine(line: string): (readonly [name: string, path: string])[] {
  const [, path, places] = /^(.*\S)\s+(\S+)$/.exec(line) ?? [];
  if (path === undefined || places === undefined || path.startsWith('/') || path.endsWith('/')) return [];
  if (path.split('/').some(name => name === '' || name === '.' || name === '..')) return [];
  return places.split(',').map(place => [place.slice(place.lastIndexOf('/') + 1), path]);
}

/**
 * The paths of as many packages as it takes for at least `inodes` inodes, directories counted. The packages come in
 * the order of the SHA-256 of their names: a sample, and the same one for everybody who has the same lists.
 */
export function samplePaths(packages: Packages, inodes: number): Set<string> {
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
