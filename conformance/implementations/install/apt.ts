/**
 * apt in a private directory, on the Debian archive that this machine uses: nothing is installed, and no step needs
 * root.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianSource, parseDeb822, parseList, type Source } from './source.ts';
import { Unavailable } from './unavailable.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Room for what the tools print. */
const MAX_OUTPUT = 64 * 1024 * 1024;

const execute = promisify(execFile);

/** Where this machine gets Debian itself from. Throws {@link Unavailable}. */
export async function findSource(): Promise<Source> {
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

/** Throws {@link Unavailable} where there is no such tool. */
export async function mustRun(tool: string): Promise<void> {
  try {
    await execute(tool, ['--version']);
  } catch {
    throw new Unavailable(`${tool} is not there`);
  }
}

/** A private apt: where it works, what it gets, and what else it is told. */
export interface PrivateApt {
  readonly folder: string;
  readonly source: Source;
  readonly suite: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Makes a private directory for apt. Returns the path of its configuration. */
export async function privateApt({ folder, source, suite, settings: more }: PrivateApt): Promise<string> {
  for (const name of ['etc', 'state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const list = join(folder, 'etc/sources.list');
  const status = join(folder, 'state/status');
  const config = join(folder, 'etc/apt.conf');
  await writeFile(list, `deb [signed-by=${source.signedBy ?? KEYRING}] ${source.uri} ${suite} main\n`);
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
    ...more,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(config, lines.join(''));
  return config;
}

/** Runs apt-get, and returns what it prints. Throws {@link Unavailable} where it fails. */
export async function apt(config: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  try {
    const { stdout } = await execute('apt-get', ['-q', '-c', config, ...args], {
      env,
      maxBuffer: MAX_OUTPUT,
    });
    return stdout;
  } catch (error) {
    throw new Unavailable(`apt-get ${args[0]} failed:\n${outputOf(error)}`);
  }
}

/** What a tool that failed has said. */
export function outputOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return stderr === '' ? String(error) : stderr;
}
