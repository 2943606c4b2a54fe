/**
 * Uses the files of a release as their users do: in a folder that has nothing else, it runs the commands of
 * `examples/README.md`, and compares each package with the vectors file by file.
 * @module
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { filesIn } from './package-files.ts';

/** A section of the page, and what it leads to. */
interface Section {
  readonly heading: string;
  /** Programs that it needs. */
  readonly programs: readonly string[];
  /** The folder of the vectors that it unpacked or installed, if it did. */
  vectors?(version: string, folder: string): string;
  /** A line that its commands print; by default, the one that the page shows for every example. */
  readonly line?: string;
}

/** The folder of a release, and its version. */
export interface Release {
  readonly folder: string;
  readonly version: string;
}

/** What became of one section or program. */
export type PackageCheck =
  | { readonly name: string; readonly outcome: 'passed'; readonly line: string; readonly seconds: number }
  | { readonly name: string; readonly outcome: 'failed' | 'skipped'; readonly reason: string };

const sections: readonly Section[] = [
  { heading: 'C', programs: ['cc', 'xz'], vectors: version => `vectors-${version}` },
  { heading: 'Go', programs: ['go'], vectors: () => 'examples/go/vectors/vectors' },
  { heading: 'Rust', programs: ['cargo'], vectors: () => 'examples/rust/vectors/vectors' },
  {
    heading: 'Python',
    programs: ['python3'],
    vectors(_, folder) {
      const code = 'import composefs_oci_vectors as vectors; print(vectors.folder(), end="")';
      return execFileSync('environment/bin/python', ['-c', code], { cwd: folder, encoding: 'utf8' });
    },
  },
  {
    heading: 'JavaScript',
    programs: ['npm'],
    vectors: () => 'examples/typescript/node_modules/composefs-oci-vectors/vectors',
  },
  {
    heading: '3. Run the suite in CI',
    programs: ['git', 'python3'],
    line: 'the adapter follows the protocol',
  },
];

/** Checks every section of the page with the release, whose vectors have to be those of the repository in `root`. */
export function* checkPackages(root: string, release: Release): Generator<PackageCheck> {
  const page = readFileSync(join(root, 'conformance/release/examples/README.md'), 'utf8');
  const expected = filesIn(join(root, 'vectors'));
  for (const section of sections) {
    const { heading: name } = section;
    const missing = section.programs.filter(program => !isInstalled(program));
    if (missing.length > 0) {
      yield { name, outcome: 'skipped', reason: `missing ${missing.join(', ')}` };
      continue;
    }
    const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-user-'));
    const start = performance.now();
    try {
      for (const file of readdirSync(release.folder))
        symlinkSync(join(release.folder, file), join(folder, file));
      const line = checkSection(page, section, folder);
      const seconds = (performance.now() - start) / 1000;
      const vectors = section.vectors?.(release.version, folder);
      const difference = vectors && differenceOf(expected, filesIn(resolve(folder, vectors)));
      if (difference) yield { name, outcome: 'failed', reason: difference };
      else yield { name, outcome: 'passed', line, seconds };
    } catch (error) {
      yield { name, outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Runs the commands of a section, and returns the line that shows that they worked. */
function checkSection(page: string, section: Section, folder: string): string {
  const expected = section.line ?? blocksBelow(page, '2. Run the vectors', 'text')[0]?.content.trim();
  // Nothing that a package needs may come from elsewhere; Cargo alone needs a crate.
  const env = {
    ...process.env,
    npm_config_offline: 'true',
    PIP_NO_INDEX: '1',
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  const blocks = [
    ...blocksBelow(page, '1. Get the files', 'sh'),
    ...blocksBelow(page, section.heading, 'sh'),
  ];
  let output = '';
  for (const { fails, content } of blocks) {
    const options = { cwd: folder, env, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
    const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', content], options);
    if (status !== (fails ? 1 : 0)) throw new Error(`exit code ${status} of\n${content}${stdout}${stderr}`);
    output += stdout;
  }
  const line = output.split('\n').find(each => each === expected);
  if (line === undefined) throw new Error(`it did not print ${expected}\n${output}`);
  return line;
}

/** The blocks of a language below a heading of the page, up to the next heading. */
function blocksBelow(
  page: string,
  heading: string,
  language: string,
): { readonly fails: boolean; readonly content: string }[] {
  const text = page.split(/^##+ /m).find(section => section.startsWith(`${heading}\n`)) ?? '';
  return [...text.matchAll(/^```(\w+)( fails)?\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , fails, content = '']) => ({ fails: fails !== undefined, content }));
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
  // pip compiles the Python of the vectors.
  const more = [...found.keys()].find(name => !expected.has(name) && !name.includes('__pycache__/'));
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
