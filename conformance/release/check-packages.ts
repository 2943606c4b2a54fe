/**
 * Uses the files of a release as their users do: each is unpacked with the tool of its language, compared with the
 * vectors file by file, and read by a program that runs the cases of `fsverity.digest`.
 * @module
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesIn } from './package-files.ts';

/** One language, and how its users get the vectors. */
interface Consumer {
  readonly language: string;
  /** Programs that it needs. */
  readonly programs: readonly string[];
  /** Prepares the folder with the example, and returns where the vectors are in it. */
  prepare(release: Release, folder: string): string;
  /** The command that runs the example in the folder. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
}

/** The folder of a release, and its version. */
export interface Release {
  readonly folder: string;
  readonly version: string;
}

/** What became of one language. */
export type PackageCheck =
  | { readonly language: string; readonly outcome: 'passed'; readonly line: string; readonly seconds: number }
  | { readonly language: string; readonly outcome: 'failed' | 'skipped'; readonly reason: string };

const unpack = (archive: string, folder: string) => execFileSync('tar', ['-xf', archive, '-C', folder]);

const consumers: readonly Consumer[] = [
  {
    language: 'C',
    programs: ['cc', 'xz'],
    prepare({ folder: release, version }, folder) {
      unpack(join(release, `vectors-${version}.tar.xz`), folder);
      return `vectors-${version}`;
    },
    command: ['sh', '-c', 'cc -o run run.c -lcrypto && ./run vectors-*'],
  },
  {
    language: 'Go',
    programs: ['go'],
    prepare({ folder: release, version }, folder) {
      unpack(join(release, `composefs-oci-vectors-go-${version}.tar.gz`), folder);
      renameSync(join(folder, `composefs-oci-vectors-go-${version}`), join(folder, 'vectors'));
      return 'vectors/vectors';
    },
    command: ['go', 'run', '.'],
  },
  {
    language: 'Rust',
    programs: ['cargo'],
    prepare({ folder: release, version }, folder) {
      unpack(join(release, `composefs-oci-vectors-${version}.crate`), folder);
      renameSync(join(folder, `composefs-oci-vectors-${version}`), join(folder, 'vectors'));
      return 'vectors/vectors';
    },
    command: ['cargo', 'run', '--quiet', '--release'],
  },
  {
    language: 'Python',
    programs: ['python3'],
    prepare({ folder: release, version }, folder) {
      const wheel = join(release, `composefs_oci_vectors-${version}-py3-none-any.whl`);
      execFileSync(
        'python3',
        ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-compile', '--target', 'packages', wheel],
        {
          cwd: folder,
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      return 'packages/composefs_oci_vectors/vectors';
    },
    command: ['python3', 'run.py'],
    environment: folder => ({ PYTHONPATH: join(folder, 'packages'), PYTHONDONTWRITEBYTECODE: '1' }),
  },
  {
    language: 'TypeScript',
    programs: ['npm'],
    prepare({ folder: release, version }, folder) {
      const archive = join(release, `composefs-oci-vectors-${version}.tgz`);
      execFileSync('npm', ['install', '--offline', '--no-save', '--silent', archive], { cwd: folder });
      return 'node_modules/composefs-oci-vectors/vectors';
    },
    command: ['node', 'run.mjs'],
  },
];

/** Checks every package of the release in `release.folder` against `vectors`, the folder of the repository. */
export function* checkPackages(root: string, release: Release): Generator<PackageCheck> {
  const expected = filesIn(join(root, 'vectors'));
  for (const consumer of consumers) {
    const { language } = consumer;
    const missing = consumer.programs.filter(program => !isInstalled(program));
    if (missing.length > 0) {
      yield { language, outcome: 'skipped', reason: `missing ${missing.join(', ')}` };
      continue;
    }
    const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-consumer-'));
    try {
      yield checkOne(consumer, root, release, folder, expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function checkOne(
  consumer: Consumer,
  root: string,
  release: Release,
  folder: string,
  expected: ReturnType<typeof filesIn>,
): PackageCheck {
  const { language, command, environment } = consumer;
  const start = performance.now();
  cpSync(join(root, 'conformance/release/consumers', language.toLowerCase()), folder, { recursive: true });
  try {
    const vectors = consumer.prepare(release, folder);
    const difference = differenceOf(expected, filesIn(join(folder, vectors)));
    if (difference !== undefined) return { language, outcome: 'failed', reason: difference };
    const [program, ...args] = command;
    const env = { ...process.env, ...environment?.(folder) };
    const line = execFileSync(program, args, { cwd: folder, env, encoding: 'utf8' }).trim();
    if (!/^[1-9][0-9]* passed, 0 failed, /.test(line)) return { language, outcome: 'failed', reason: line };
    return { language, outcome: 'passed', line, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { language, outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function differenceOf(
  expected: ReturnType<typeof filesIn>,
  found: ReturnType<typeof filesIn>,
): string | undefined {
  for (const [name, content] of expected) {
    const other = found.get(name);
    if (other === undefined) return `${name} is missing`;
    if (Buffer.compare(content, other) !== 0) return `${name} differs`;
  }
  const more = [...found.keys()].find(name => !expected.has(name));
  return more === undefined ? undefined : `${more} is too much`;
}

/** Whether the shell finds a program. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The version of the release in `folder`. */
export function releaseIn(folder: string): Release {
  const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8');
  const version = / {2}vectors-([0-9][^ ]*)\.tar\.xz$/m.exec(sums)?.[1];
  if (version === undefined) throw new Error(`${folder} has no release`);
  return { folder, version };
}
