/**
 * Uses the programs of a release as their users do: installed by npm without a network, as one file, and as an image.
 * @module
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled, type PackageCheck, type Release } from './check-packages.ts';

/** One way to use the programs. */
interface Use {
  readonly name: string;
  /** Programs that it needs. */
  readonly programs: readonly string[];
  /** Uses the release in an empty folder, and returns what it saw, or throws. */
  use(release: Release, folder: string): string;
}

/** The runner on all cases, with the reference as it is installed or contained. */
const uses: readonly Use[] = [
  {
    name: 'npm',
    programs: ['npm'],
    use({ folder: release, version }, folder) {
      writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
      const packages = ['composefs-oci', 'composefs-oci-conformance'].map(name => `${name}-${version}.tgz`);
      const paths = packages.map(name => join(release, name));
      execFileSync('npm', ['install', '--offline', '--silent', ...paths], { cwd: folder });
      const adapter = 'exec node_modules/.bin/composefs-oci adapter';
      return suite(folder, ['node_modules/.bin/composefs-oci-conformance', '--impl', adapter]);
    },
  },
  {
    name: 'one file',
    programs: [],
    use({ folder: release, version }, folder) {
      const file = join(release, `composefs-oci-conformance-${version}.mjs`);
      return suite(folder, [process.execPath, file]);
    },
  },
  {
    name: 'image',
    programs: ['skopeo'],
    use({ folder: release, version }, folder) {
      const archive = join(release, `composefs-oci-conformance-${version}.oci.tar`);
      // It checks every digest.
      execFileSync('skopeo', ['copy', '--quiet', '--all', `oci-archive:${archive}`, 'oci:layout:runner'], {
        cwd: folder,
      });
      const inspected = execFileSync('skopeo', ['inspect', '--config', '--raw', 'oci:layout:runner'], {
        cwd: folder,
      });
      const { config } = JSON.parse(inspected.toString());
      return `copied by skopeo, runs ${config.Entrypoint}`;
    },
  },
];

/** Checks every use of the release in `output`. */
export function* checkPrograms(output: string): Generator<PackageCheck> {
  const release = { folder: output, version: versionIn(output) };
  for (const { name, programs, use } of uses) {
    const missing = programs.filter(program => !isInstalled(program));
    if (missing.length > 0) {
      yield { name, outcome: 'skipped', reason: `missing ${missing.join(', ')}` };
      continue;
    }
    const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-programs-'));
    const start = performance.now();
    try {
      const line = use(release, folder);
      yield { name, outcome: 'passed', line, seconds: (performance.now() - start) / 1000 };
    } catch (error) {
      yield { name, outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Runs the runner on all cases, and returns how many passed. */
function suite(folder: string, command: readonly [program: string, ...args: string[]]): string {
  const [program, ...args] = command;
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };
  const options = { cwd: folder, env, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
  const { status, stdout, stderr } = spawnSync(program, [...args, '--reporter', 'jsonl'], options);
  if (status !== 0) throw new Error(`exit code ${status}\n${stderr}`);
  const { counts } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  return `${counts.pass} cases passed, ${counts.fail} failed`;
}

/** The version of the programs, which can differ from that of the vectors. */
function versionIn(folder: string): string {
  const version = readdirSync(folder).flatMap(
    name => /^composefs-oci-conformance-(.*)\.mjs$/.exec(name)?.[1] ?? [],
  );
  if (version[0] === undefined) throw new Error(`${folder} has no runner`);
  return version[0];
}
