/**
 * apt in a private directory, with the Debian archive that this machine uses. It installs nothing on the machine and
 * needs no root.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AptSource, debianSource, parseDeb822, parseList } from './apt-sources.ts';
import { Unavailable } from './unavailable.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** The most output of a tool that is kept, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

const execute = promisify(execFile);

/** The source that this machine gets Debian itself from. Throws {@link Unavailable}. */
export async function findAptSource(): Promise<AptSource> {
  const source = debianSource(await readSources('/etc/apt'), await debianCodename());
  if (source === undefined) throw new Unavailable('/etc/apt lists no source for this Debian release');
  return source;
}

/** The code name of this machine's Debian release. Throws {@link Unavailable}. */
export async function debianCodename(): Promise<string> {
  const release = existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : '';
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  if (value('ID') !== 'debian')
    throw new Unavailable('this machine does not run Debian, so it has no Debian archive to download from');
  return value('VERSION_CODENAME');
}

async function readSources(folder: string): Promise<AptSource[]> {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? (await readdir(parts)).sort() : [];
  const files = [join(folder, 'sources.list'), ...names.map(name => join(parts, name))];
  const sources: AptSource[] = [];
  for (const file of files.filter(path => existsSync(path))) {
    const text = await readFile(file, 'utf8');
    if (file.endsWith('.sources')) sources.push(...parseDeb822(text));
    if (file.endsWith('.list')) sources.push(...parseList(text));
  }
  return sources;
}

/** Throws {@link Unavailable} if the program is not installed. */
export async function requireProgram(tool: string): Promise<void> {
  try {
    await execute(tool, ['--version']);
  } catch {
    throw new Unavailable(`missing ${tool}`);
  }
}

/** A private apt: its folder, the source and suite that it reads, and more of its settings. */
export interface PrivateApt {
  readonly folder: string;
  readonly source: AptSource;
  readonly suite: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Creates a private directory for apt. Returns the path of its configuration. */
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
    // No translations of package descriptions.
    'Acquire::Languages': 'none',
    // The release that the machine prefers for itself does not matter here.
    'APT::Default-Release': '',
    // The directory belongs to this user: apt's own user could not write there, and apt would warn about that.
    'APT::Sandbox::User': 'root',
    ...more,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(config, lines.join(''));
  return config;
}

/** Runs apt-get and returns its output. Throws {@link Unavailable} if it fails. */
export async function apt(config: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  try {
    const { stdout } = await execute('apt-get', ['-q', '-c', config, ...args], {
      env,
      maxBuffer: MAX_OUTPUT,
    });
    return stdout;
  } catch (error) {
    throw new Unavailable(`apt-get ${args[0]} failed:\n${errorOutput(error)}`);
  }
}

/** The stderr of a tool that failed. */
export function errorOutput(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return stderr === '' ? String(error) : stderr;
}
