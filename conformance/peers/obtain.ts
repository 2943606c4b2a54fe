/**
 * Gets the peers from the Debian archive that this machine uses, into a folder of their own: apt works in a
 * private directory, nothing is installed, and no step needs root.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Peer, peerPackages, peers, type Versions } from './paths.ts';
import { debianSource, parseDeb822, parseList, type Source } from './source.ts';

/** The suite that has current versions of all peers. */
const SUITE = 'unstable';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Room for what apt and the loader print. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** This machine can't get the peers; the message says why. */
export class Unavailable extends Error {}

const execute = promisify(execFile);

/** Fills `folder`, which does not exist yet, and says what it does as it does it. Throws {@link Unavailable}. */
export async function obtain(folder: string, say: (step: string) => void): Promise<Versions> {
  const source = await findSource();
  for (const tool of ['apt-get', 'dpkg-deb']) await mustRun(tool);
  const work = `${folder}.${process.pid}`;
  try {
    const config = await privateApt(join(work, 'apt'), source);
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

async function findSource(): Promise<Source> {
  const release = existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : '';
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  if (value('ID') !== 'debian')
    throw new Unavailable('this is not Debian, so there is no source to get them from');
  const source = debianSource(await readSources('/etc/apt'), value('VERSION_CODENAME'));
  if (source === undefined) throw new Unavailable('/etc/apt names no source for Debian itself');
  return source;
}

async function readSources(folder: string): Promise<Source[]> {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? (await readdir(parts)).sort() : [];
  const files = [join(folder, 'sources.list'), ...names.map(name => join(parts, name))];
  const sources: Source[] = [];
  for (const file of files.filter(path => existsSync(path))) {
    const text = await readFile(file, 'utf8');
    if (file.endsWith('.sources')) sources.push(...parseDeb822(text));
    if (file.endsWith('.list')) sources.push(...parseList(text));
  }
  return sources;
}

async function mustRun(tool: string): Promise<void> {
  try {
    await execute(tool, ['--version']);
  } catch {
    throw new Unavailable(`${tool} is not there`);
  }
}

/** Makes a private directory for apt. Returns the path of its configuration. */
async function privateApt(folder: string, source: Source): Promise<string> {
  for (const name of ['etc', 'state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const list = join(folder, 'etc/sources.list');
  const status = join(folder, 'state/status');
  const config = join(folder, 'etc/apt.conf');
  await writeFile(list, `deb [signed-by=${source.signedBy ?? KEYRING}] ${source.uri} ${SUITE} main\n`);
  await writeFile(status, '');
  const settings: Readonly<Record<string, string>> = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferences': '-',
    'Dir::Etc::preferencesparts': '-',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': status,
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Log': join(folder, 'state'),
    // Translations of descriptions, which nobody reads here.
    'Acquire::Languages': 'none',
    // What the machine prefers for itself does not count here.
    'APT::Default-Release': '',
    // The directory belongs to this user: apt's own one could not write there, and would say so.
    'APT::Sandbox::User': 'root',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(config, lines.join(''));
  return config;
}

async function apt(config: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await execute('apt-get', ['-q', '-c', config, ...args], { env, maxBuffer: MAX_OUTPUT });
  } catch (error) {
    throw new Unavailable(`apt-get ${args[0]} failed:\n${outputOf(error)}`);
  }
}

function outputOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return stderr === '' ? String(error) : stderr;
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
