/**
 * Gets the peers from the Debian archive that this machine uses, into a folder of their own.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { apt, findSource, mustRun, outputOf, privateApt } from './apt.ts';
import { type Peer, peerPackages, peers, type Versions } from './paths.ts';
import { Unavailable } from './unavailable.ts';

/** The suite that has current versions of all peers. */
const SUITE = 'unstable';

const execute = promisify(execFile);

/** Fills `folder`, which does not exist yet, and says what it does as it does it. Throws {@link Unavailable}. */
export async function obtain(folder: string, say: (step: string) => void): Promise<Versions> {
  const source = await findSource();
  for (const tool of ['apt-get', 'dpkg-deb']) await mustRun(tool);
  const work = `${folder}.${process.pid}`;
  try {
    const config = await privateApt({ folder: join(work, 'apt'), source, suite: SUITE });
    say(`reading the list of packages in ${SUITE}`);
    await apt(config, ['update']);
    say(`downloading ${wanted().join(', ')} and the libraries they need`);
    await apt(config, ['install', '--download-only', '--no-install-recommends', '--yes', ...wanted()]);
    const versions = await unpack(join(work, 'apt/cache/archives'), join(work, 'root'));
    await wrap(work);
    await writeFile(join(work, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
    await rm(join(work, 'apt'), { recursive: true });
    await rename(work, folder);
    return versions;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function wanted(): string[] {
  return [...new Set(Object.values(peerPackages))];
}

/** Unpacks every package in `archives` into `root`. Returns their versions. */
async function unpack(archives: string, root: string): Promise<Versions> {
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

/** Writes a script for every peer that runs it with the loader and the libraries it came with. */
async function wrap(folder: string): Promise<void> {
  const root = join(folder, 'root');
  const loader = await findLoader(root);
  await mkdir(join(folder, 'bin'));
  for (const peer of peers) {
    const program = await findProgram(root, peer);
    await checkLibraries(root, loader, program);
    const below = (path: string) => `"$top/root/${path}"`;
    const script = [
      '#!/bin/sh',
      'top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 127',
      `exec ${below(loader)} --library-path ${below(dirname(loader))} ${below(program)} "$@"`,
    ];
    await writeFile(join(folder, 'bin', peer), `${script.join('\n')}\n`, { mode: 0o755 });
  }
}

/** The dynamic loader, below `root`; its folder has the libraries too. */
async function findLoader(root: string): Promise<string> {
  const found = (await readdir(join(root, 'usr/lib'), { recursive: true })).find(path =>
    /^[^/]+-linux-[^/]+\/ld[^/]*\.so\.\d+$/.test(path),
  );
  if (found === undefined) throw new Unavailable('the C library that came has no loader');
  return join('usr/lib', found);
}

async function findProgram(root: string, peer: Peer): Promise<string> {
  const found = ['usr/bin', 'usr/sbin', 'bin', 'sbin']
    .map(folder => join(folder, peer))
    .find(path => existsSync(join(root, path)));
  if (found === undefined) throw new Unavailable(`the package ${peerPackages[peer]} has no ${peer}`);
  return found;
}

/** Every library of `program` is there, and none of them is the machine's. */
async function checkLibraries(root: string, loader: string, program: string): Promise<void> {
  const at = (path: string) => join(root, path);
  const args = ['--library-path', at(dirname(loader)), '--list', at(program)];
  let stdout: string;
  try {
    ({ stdout } = await execute(at(loader), args));
  } catch (error) {
    throw new Unavailable(`${program} does not load:\n${outputOf(error)}`);
  }
  const foreign = stdout.split('\n').filter(line => line.includes('=>') && !line.includes(`=> ${root}/`));
  if (foreign.length > 0) throw new Unavailable(`${program} lacks libraries:\n${foreign.join('\n')}`);
}
