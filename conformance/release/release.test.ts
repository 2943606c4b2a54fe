import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { packageRoot } from '../suite/package-root.ts';
import { goFiles, languagePackages, npmFiles, rustFiles, wheelFiles } from './language-packages.ts';
import { filesIn, tarGzOf, zipOf } from './package-files.ts';
import { vectorsOf } from './release.ts';

const vectors = filesIn(join(packageRoot, 'vectors/cases/fsverity'));
const source = { version: '1.2.3', vectors };

test('packages have the same bytes each time, and do not depend on the order of the files', async () => {
  const reversed = new Map([...vectors].reverse());
  expect(await languagePackages({ ...source, vectors: reversed })).toEqual(await languagePackages(source));
});

test('an archive does not say on which system it was made', async () => {
  const archive = await tarGzOf(vectors);
  expect([...archive.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
});

test.each([
  ['npm', npmFiles, 'vectors/'],
  ['Go', goFiles, 'vectors/'],
  ['Rust', rustFiles, 'vectors/'],
  ['Python', wheelFiles, 'composefs_oci_vectors/vectors/'],
] as const)('the package for %s has every file of the vectors', (_, filesOf, folder) => {
  const files = filesOf(source);
  for (const [name, content] of vectors) expect(files.get(`${folder}${name}`)).toEqual(content);
});

test('the record of the wheel has the hash of every other file in it', () => {
  const files = unzipSync(zipOf(wheelFiles(source)));
  const record = Buffer.from(files['composefs_oci_vectors-1.2.3.dist-info/RECORD'] ?? []).toString();
  const rows = record.trimEnd().split('\n').sort();
  const expected = Object.entries(files).map(([name, content]) => {
    if (name.endsWith('/RECORD')) return `${name},,`;
    return `${name},sha256=${createHash('sha256').update(content).digest('base64url')},${content.length}`;
  });
  expect(rows).toEqual(expected.sort());
});

test('the page for users names files that the examples have', () => {
  const examples = filesIn(join(packageRoot, 'conformance/release/examples'));
  const page = Buffer.from(examples.get('README.md') ?? []).toString();
  const named = new Set([...page.matchAll(/examples\/([a-z/-]+\.[a-z]+)/gi)].map(([, name]) => name ?? ''));
  expect([...named].sort()).toEqual([
    'c/run.c',
    'ci/github.yml',
    'ci/gitlab-ci.yml',
    'python/run.py',
    'rust/Cargo.toml',
    'typescript/run.mjs',
  ]);
  for (const name of named) expect(examples.has(name), name).toBe(true);
});

test('the CI files to copy take the runner of this version', () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const files = filesIn(join(packageRoot, 'conformance/release/examples/ci'));
  expect(files.size).toBe(2);
  for (const [name, content] of files)
    expect(Buffer.from(content).toString(), name).toContain(
      `/v${version}/composefs-oci-conformance-${version}.mjs`,
    );
});

test('the vectors of an operation are its cases and the controls of its rejections', () => {
  const all = filesIn(join(packageRoot, 'vectors'));
  const files = vectorsOf('erofs.read', all);
  const index: { cases: { id: string; op: string; control: string | null }[] } = JSON.parse(
    Buffer.from(files.get('index.json') ?? []).toString(),
  );
  const ids = new Set(index.cases.map(({ id }) => id));
  for (const { op, control } of index.cases)
    if (op === 'erofs.read' && control !== null) expect(ids.has(control)).toBe(true);
  const table = Buffer.from(files.get('index.tsv') ?? [])
    .toString()
    .trimEnd()
    .split('\n');
  expect(
    table
      .slice(1)
      .map(row => row.split('\t')[0])
      .sort(),
  ).toEqual([...ids].sort());
  const folders = [...files.keys()].flatMap(name => /^cases\/([^/]+\/[^/]+)\//.exec(name)?.[1] ?? []);
  expect([...new Set(folders)].sort()).toEqual([...ids].sort());
  const sums = Buffer.from(files.get('SHA256SUMS') ?? [])
    .toString()
    .trimEnd()
    .split('\n');
  expect(sums.length).toBe(files.size - 1);
});
