/**
 * Checks of images by the library of podman: it builds the tree of a layer, from its table of contents if it has one,
 * and mkcomposefs computes the digest of the image. Its dumpfiles differ from those of the standard in a few known ways
 * (spec/upstream.md, "containers/storage"), which are corrected here.
 * @module
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Case, expectedResult } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { buildStorageLibrary, type StorageLibrary, storageVersion } from '../storage-library.ts';
import { type CheckResult, type CheckRow, fail, pass, skip } from './check-results.ts';
import { NOT_INSTALLED, run, runAt } from './fsck-and-fsverity.ts';

/** One image in the codings of its layer, with and without a table of contents and published digests. */
const codings = ['none', 'gzip', 'zstd', 'zstd-chunked', 'none-sealed', 'zstd-chunked-sealed'] as const;

/** The row of the library. */
export async function storageRow(suite: Suite): Promise<CheckRow> {
  const scratch = mkdtempSync(join(tmpdir(), 'storage-trees-'));
  try {
    const library = await buildStorageLibrary(scratch);
    const results = codings.map(coding => {
      const test = suite.cases.find(({ id }) => id === `image/coding-${coding}`);
      if (test === undefined) throw new Error(`there is no case image/coding-${coding}`);
      if (library === undefined) return [test.id, skip('this machine has no go')] as const;
      const folder = join(scratch, coding);
      mkdirSync(folder);
      return [test.id, checkTree(library, suite, test, folder)] as const;
    });
    const checker = `containers/storage ${storageVersion()}`;
    return { checker, what: 'trees of layers', results: new Map(results) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function checkTree(library: StorageLibrary, suite: Suite, test: Case, folder: string): CheckResult {
  const objects = join(folder, 'objects');
  mkdirSync(objects);
  const { blob, annotations } = layerOf(join(caseFolder(suite, test), 'in/layout'));
  const annotationsFile = join(folder, 'annotations.json');
  writeFileSync(annotationsFile, JSON.stringify(annotations));
  const built = runAt(library.path, ['dump', blob, annotationsFile, objects]);
  if (built.status !== 0) return fail(built.message);
  const dumpfile = join(folder, 'dumpfile');
  writeFileSync(
    dumpfile,
    standardDumpfile(built.stdout, path => readFileSync(join(objects, path))),
    'latin1',
  );
  const options = ['--min-version=1', '--max-version=1', '--print-digest-only', '--from-file'];
  const digest = run('mkcomposefs', [...options, dumpfile]);
  if (digest === undefined) return skip(NOT_INSTALLED);
  if (digest.status !== 0) return fail(digest.message);
  const expected = expectedResult(test)?.values?.['digest'];
  const got = digest.stdout.trim();
  return got === expected ? pass : fail(`expected ${expected}, got ${got}`);
}

interface Descriptor {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The only layer of the only image in a layout. */
function layerOf(layout: string) {
  const blobPath = ({ digest }: Descriptor) => join(layout, 'blobs', ...digest.split(':'));
  const read = (path: string) =>
    JSON.parse(readFileSync(path, 'utf8')) as Readonly<
      Record<'manifests' | 'layers', readonly [Descriptor, ...Descriptor[]]>
    >;
  const manifest = read(blobPath(read(join(layout, 'index.json')).manifests[0]));
  const [layer] = manifest.layers;
  return { blob: blobPath(layer), annotations: layer.annotations ?? {} };
}

/**
 * The dumpfile of the standard for a dumpfile of the library: small files are inline (TREE-004), directories count their
 * names, and the root is made like `/usr` (XFORM-001). `content` reads an object. Throws an Error for a larger file.
 */
export function standardDumpfile(dumpfile: string, content: (path: string) => Buffer): string {
  const lines = dumpfile
    .trimEnd()
    .split('\n')
    .map(line => line.split(' '));
  const directories = lines.filter(([, , mode]) => mode?.startsWith('4')).map(([path = '']) => path);
  const usr = lines.find(([path]) => path === '/usr');
  return lines
    .map(([path = '', size, mode = '', nlink, ...rest]) => {
      const [uid, gid, rdev, mtime, payload = '', , digest, ...xattrs] = rest;
      if (path === '/' && usr !== undefined) {
        const [, , , , ...attributes] = usr;
        return [path, size, usr[2], namesOf(path, directories), ...attributes];
      }
      if (directories.includes(path)) return [path, size, mode, namesOf(path, directories), ...rest];
      if (!mode.startsWith('100') || payload === '-') return [path, size, mode, nlink, ...rest];
      const bytes = content(payload);
      if (bytes.length > 64) throw new Error(`${path} is too long to be inline`);
      return [path, size, mode, nlink, uid, gid, rdev, mtime, '-', escaped(bytes), digest, ...xattrs];
    })
    .map(fields => `${fields.join(' ')}\n`)
    .join('');
}

/** The number of names of a directory: its own, `.`, and `..` in each directory in it. */
function namesOf(path: string, directories: readonly string[]): number {
  const prefix = path === '/' ? '/' : `${path}/`;
  const inside = directories.filter(
    other => other !== '/' && other.startsWith(prefix) && !other.slice(prefix.length).includes('/'),
  );
  return 2 + inside.length;
}

function escaped(bytes: Buffer): string {
  return [...bytes].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
