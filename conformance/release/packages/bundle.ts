/**
 * Bundles the programs and entries of a package into few files that need no other package.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { joinedFiles, type PackageFiles, textFile } from '../package-files.ts';

/**
 * The modules at `entries`, such as `dist/reference/cli/main.js`, with everything that they import. The entries keep
 * their paths. What only some of them or some commands need is in files of its own, which are loaded when needed.
 */
export async function bundledFiles(
  root: string,
  version: string,
  entries: readonly string[],
): Promise<PackageFiles> {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map(entry => [entry, join(root, entry)])),
    cwd: root,
    platform: 'node',
    plugins: [workers(root), versionInCode(root, version)],
  });
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name]',
    chunkFileNames: 'dist/chunks/[name]-[hash].js',
    // Names stay, for traces of errors.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  await bundle.close();
  const chunks = output.filter(chunk => chunk.type === 'chunk');
  return joinedFiles(
    ...chunks.map(({ fileName, code }) => textFile(fileName, code)),
    textFile('THIRD-PARTY-LICENSES.txt', licencesOf(chunks)),
  );
}

/** Gives each worker thread a file of its own, at the path that it is started from in `dist/`. */
function workers(root: string): Plugin {
  return {
    name: 'workers',
    transform: {
      filter: { code: 'startWorker(import.meta.url' },
      handler(code, module) {
        const worker = join(dirname(module), 'worker.js');
        const file = this.emitFile({ type: 'chunk', id: worker, fileName: relative(root, worker) });
        const url = `import.meta.ROLLUP_FILE_URL_${file}`;
        return { code: code.replaceAll('startWorker(import.meta.url', `startWorker(${url}`) };
      },
    },
  };
}

/** Puts the version into the code, because `package.json` has another name in some packages. */
function versionInCode(root: string, version: string): Plugin {
  return {
    name: 'version',
    load(module) {
      if (module !== join(root, 'dist/reference/cli/version.js')) return null;
      return `export const version = ${JSON.stringify(version)};\n`;
    },
  };
}

/** The licences of the packages that `chunks` have code of. */
function licencesOf(chunks: readonly OutputChunk[]): string {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const folders = modules.flatMap(
    module => /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? [],
  );
  return [...new Set(folders)].sort().map(licenceText).join('\n');
}

function licenceText(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence that could be published`);
  const title = `${name} ${version}`;
  return `${title}\n${'='.repeat(title.length)}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
