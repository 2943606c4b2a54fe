/**
 * The packages for npm with programs: `composefs-oci`, the library and its command, and `composefs-oci-conformance`,
 * the runner with everything that a run needs.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { below, filesIn, joinedFiles, type PackageFiles, textFile } from '../package-files.ts';
import { bundledFiles } from './bundle.ts';

const COMMAND = 'dist/reference/cli/main.js';
const RUNNER = 'dist/conformance/runner/main.js';

/** The entries of the library: from names of exports to modules without their extension. */
const ENTRIES: Readonly<Record<string, string>> = { '.': 'reference/index', './node': 'reference/node' };

/** The members of `package.json` that the packages have in common with the repository. */
interface RootManifest {
  readonly version: string;
  readonly author: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
}

/** The library and its command, made from the compiled project in `root`. */
export async function commandPackage(root: string): Promise<PackageFiles> {
  const manifest = rootManifest(root);
  const modules = Object.values(ENTRIES);
  const exported = Object.entries(ENTRIES).map(([name, module]) => [
    name,
    { types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` },
  ]);
  return joinedFiles(
    manifestFile(manifest, {
      name: 'composefs-oci',
      description: 'OCI images as composefs images: digests, EROFS images, sealing and verification',
      keywords: ['composefs', 'container', 'erofs', 'fs-verity', 'oci'],
      sideEffects: [`./${COMMAND}`, './dist/**/worker.js'],
      bin: { 'composefs-oci': COMMAND },
      exports: { ...Object.fromEntries(exported), './package.json': './package.json' },
    }),
    await bundledFiles(root, manifest.version, [...modules.map(module => `dist/${module}.js`), COMMAND]),
    below('dist', declarations(join(root, 'dist'), modules)),
    copied(root, {
      LICENSE: 'LICENSE',
      'README.md': 'conformance/release/packages/composefs-oci.md',
      'reference/README.md': 'reference/README.md',
    }),
  );
}

/** The runner, the vectors and the text that its reports cite, and the reference as an implementation to test. */
export async function runnerPackage(root: string): Promise<PackageFiles> {
  const manifest = rootManifest(root);
  const chapters = readdirSync(join(root, 'spec')).filter(name => /\.(md|json)$/.test(name));
  const folders = ['conformance/schema', 'conformance/runner/skeletons', 'vectors'];
  return joinedFiles(
    manifestFile(manifest, {
      name: 'composefs-oci-conformance',
      description: 'Tests an implementation of composefs-oci in any language against the test vectors',
      keywords: ['composefs', 'conformance', 'erofs', 'oci', 'test-vectors'],
      license: `${manifest.license} AND (0BSD OR CC0-1.0)`,
      bin: { 'composefs-oci-conformance': RUNNER },
    }),
    await bundledFiles(root, manifest.version, [RUNNER, COMMAND]),
    ...folders.map(folder => below(folder, filesIn(join(root, folder)))),
    copied(root, Object.fromEntries(chapters.map(name => [`spec/${name}`, `spec/${name}`]))),
    copied(root, {
      LICENSE: 'LICENSE',
      'README.md': 'conformance/release/packages/composefs-oci-conformance.md',
      'conformance/README.md': 'conformance/README.md',
    }),
  );
}

function rootManifest(root: string): RootManifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

function manifestFile(
  { version, author, license, engines }: RootManifest,
  members: Readonly<Record<string, unknown>>,
): PackageFiles {
  const { name, description, keywords, ...more } = members;
  const common = { version, author, license, type: 'module', engines };
  const manifest = { name, description, keywords, ...common, ...more };
  return textFile('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Files of the repository, by their paths in the package. */
function copied(root: string, files: Readonly<Record<string, string>>): PackageFiles {
  return new Map(Object.entries(files).map(([to, from]) => [to, readFileSync(join(root, from))]));
}

/** The declarations of `modules`, and all that they import. */
function declarations(dist: string, modules: readonly string[]): PackageFiles {
  const found = new Map<string, Uint8Array>();
  const pending = [...modules];
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    const file = `${module}.d.ts`;
    if (found.has(file)) continue;
    // What a user's compiler looks for has the extension of the file that runs.
    const text = readFileSync(join(dist, file), 'utf8').replace(/(['"])(\.[^'"]*)\.ts\1/g, '$1$2.js$1');
    found.set(file, Buffer.from(text));
    for (const [, , name = ''] of text.matchAll(/(['"])(\.[^'"]*)\.js\1/g))
      pending.push(join(dirname(module), name));
  }
  return found;
}
