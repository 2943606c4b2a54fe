/**
 * Bundles the programs and entries of a package into few files that need no other package.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { joinedFiles, type PackageFiles, textFile } from '../package-files.ts';

/** The compiled files of a checkout, and the version of its packages. */
export interface CompiledProject {
  /** The folder with `dist/`. */
  readonly root: string;
  readonly version: string;
}

/**
 * The modules at `entries`, such as `reference/cli/main.js`, with everything that they import, as files below `dist/`.
 * The entries keep their paths. What only one of them or one command needs is in a file of its own, which is loaded
 * when it is needed.
 */
export async function bundledFiles(
  project: CompiledProject,
  entries: readonly string[],
): Promise<PackageFiles> {
  const dist = join(project.root, 'dist');
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map(entry => [entry, join(dist, entry)])),
    cwd: project.root,
    platform: 'node',
    plugins: [workers(dist), versionOf(project)],
  });
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name]',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // Names stay, for traces of errors.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  await bundle.close();
  const chunks = output.filter(chunk => chunk.type === 'chunk');
  return joinedFiles(
    ...chunks.map(({ fileName, code }) => textFile(`dist/${fileName}`, code)),
    textFile('THIRD-PARTY-LICENSES.txt', licencesOf(project.root, chunks)),
  );
}

/** Gives each worker thread a file of its own with the path that it has in `dist`, from where it is started. */
function workers(dist: string): Plugin {
  return {
    name: 'workers',
    transform: {
      filter: { code: 'startWorker(import.meta.url' },
      handler(code, module) {
        const worker = join(dirname(module), 'worker.js');
        const file = this.emitFile({ type: 'chunk', id: worker, fileName: relative(dist, worker) });
        const url = `import.meta.ROLLUP_FILE_URL_${file}`;
        return { code: code.replaceAll('startWorker(import.meta.url', `startWorker(${url}`) };
      },
    },
  };
}

/** Puts the version into the code, because `package.json` has another name in some packages. */
function versionOf({ root, version }: CompiledProject): Plugin {
  return {
    name: 'version',
    load(module) {
      if (module !== join(root, 'dist/reference/cli/version.js')) return null;
      return `export const version = ${JSON.stringify(version)};\n`;
    },
  };
}

/** The licences of the packages that `chunks` have code of. */
function licencesOf(root: string, chunks: readonly OutputChunk[]): string {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds.map(id => relative(root, id)));
  const packages = new Set(
    modules.flatMap(module => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? []),
  );
  return [...packages].sort().map(folder => licenceText(join(root, folder))).join('\n');
}

function licenceText(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence that could be published`);
  const title = `${name} ${version}`;
  return `${title}\n${'='.repeat(title.length)}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
