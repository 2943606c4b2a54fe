/**
 * Check of the page from a pulled image to a mounted root: its commands are run with a signed image of Debian.
 * @module
 */

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import { installDebianArchive, installStoreSystem } from '../../implementations/install/virtual-machine.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { fail, pass } from '../external-checks/check-results.ts';
import { type KernelCheck, resultOf } from './check.ts';
import { commandProblem, type PageCommand, pageCommands } from './page-commands.ts';

/** The page, from the top of the repository. */
export const walkPage = 'reference/store/README.md';
/** The case with the key that signs the image. */
const SIGNED = 'seal/signed';
const ALGORITHM = 'fsverity-sha256-12';
const SYSTEM = 'system';
const FOLDER = '/work';

/** The check of the page; its files are written to the empty folder `files`. Throws {@link Unavailable}. */
export async function walkCheck(
  suite: Suite,
  files: string,
  log: (step: string) => void,
): Promise<KernelCheck> {
  const root = join(files, SYSTEM);
  cpSync(await installStoreSystem(log), root, { recursive: true, verbatimSymlinks: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'run', FOLDER]) mkdirSync(join(root, name));
  installPackage(root);
  const archive = readFileSync(await installDebianArchive(log));
  sealedLayout(suite, archive, join(files, 'layout'), join(root, FOLDER));
  return pageCheck(pageCommands(readFileSync(join(packageRoot, walkPage), 'utf8')));
}

/** The check of the commands of a page. */
export function pageCheck(commands: readonly PageCommand[]): KernelCheck {
  const about = { topic: 'walk', name: walkPage } as const;
  return {
    jobs: [{ kind: 'shell', root: SYSTEM, folder: FOLDER, commands: commands.map(({ command }) => command) }],
    unanswered: [about],
    judge([answer]) {
      const { results } = resultOf('shell', answer);
      const problem = commands
        .map((command, i) => commandProblem(command, results[i]))
        .find(each => each !== undefined);
      const observed = `${results.length} of ${commands.length} commands`;
      return [{ ...about, result: problem === undefined ? pass : fail(problem), observed }];
    },
  };
}

/** Installs this package with its dependencies, as `npm install` does. */
function installPackage(root: string): void {
  const top = 'usr/lib/node_modules/composefs-oci';
  const list = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  const [, ...dependencies] = list.trim().split('\n');
  const paths = ['package.json', 'dist/reference', ...dependencies.map(each => relative(packageRoot, each))];
  for (const path of paths) cpSync(join(packageRoot, path), join(root, top, path), { recursive: true });
  const program = join(root, 'usr/local/bin/composefs-oci');
  mkdirSync(dirname(program), { recursive: true });
  symlinkSync(`/${top}/dist/reference/cli/main.js`, program);
  chmodSync(join(root, top, 'dist/reference/cli/main.js'), 0o755);
}

/** Writes the layout of an image with one layer, sealed and signed, and the certificate. */
function sealedLayout(suite: Suite, archive: Uint8Array, plain: string, work: string): void {
  const test = suite.cases.find(each => each.id === SIGNED);
  if (test === undefined) throw new Error(`${SIGNED} does not exist`);
  const keys = join(caseFolder(suite, test), 'in');
  const builder = new LayoutBuilder();
  builder.index(
    builder.image({ layers: [{ tar: archive, compression: 'gzip' }], descriptor: tag('latest') }),
  );
  for (const [path, content] of Object.entries(builder.files)) {
    mkdirSync(dirname(join(plain, path)), { recursive: true });
    writeFileSync(join(plain, path), content);
  }
  const certificate = join(keys, 'certificate.pem');
  execFileSync(process.execPath, [
    ...[join(packageRoot, 'dist/reference/cli/main.js'), 'seal', `oci:${plain}`, '--mode', 'inline'],
    ...['--algorithm', ALGORITHM, '--sign', join(keys, 'key.pem'), '--cert', certificate],
    ...['--output', `oci:${join(work, 'layout')}:latest`],
  ]);
  cpSync(certificate, join(work, 'cert.pem'));
}
