import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KernelRun } from '../suite/kernel-runs.ts';
import { packageRoot } from '../suite/package-root.ts';
import { readSuite } from '../suite/read-suite.ts';
import { readFiles } from './files.ts';
import { withKernelRuns } from './kernel-runs.ts';

const { cases, folder } = readSuite(join(packageRoot, 'vectors'));
const files = await readFiles(folder);

function run(kernel: string, images: Record<string, string>, disks: Record<string, string> = {}): KernelRun {
  const findings = {
    images,
    trees: images,
    stacks: {},
    access: {},
    walk: {},
    'disk images': disks,
    tampering: {},
    signatures: {},
    'rejected images': {},
  };
  return { kernel, release: `${kernel}.1`, inputs: '', findings };
}

function confirmedBy(id: string, runs: readonly KernelRun[]): readonly string[] {
  const found = cases.find(each => each.id === id);
  if (found === undefined) throw new Error(`${id} is missing`);
  const bare = { ...found, provenance: { recipe: 'r', confirmedBy: ['reference', 'linux 6.18'] } };
  return withKernelRuns(bare, files, runs).provenance.confirmedBy.slice(1);
}

test('a kernel confirms the image whose digest it measured, and no other', () => {
  const digest = 'b55cbb3d60492ed4398a10ccfe0956b525bb17901e63b7e48a0a6bf8a67d2912';
  const runs = [
    run('6.1', { 'erofs/hardlink': `pass: ${digest}` }),
    run('6.12', { 'erofs/hardlink': `pass: ${digest.replace('b', 'c')}` }),
    run('6.13', { 'erofs/hardlink': `fail: ${digest}, it differs` }),
    run('6.14', { 'erofs/other': `pass: ${digest}` }),
    run('6.18', { 'erofs/hardlink': `pass: ${digest}` }),
  ];
  expect(confirmedBy('erofs/hardlink', runs)).toEqual(['linux 6.18', 'linux 6.1']);
});

test('a kernel confirms an image that is only read', () => {
  // Measured by Linux.
  const digest = 'cfc111d6a803b685e0fb144a3e6b481d5cf56bd1e6a1e7fcfa2b8566a0314e5c';
  const runs = [run('6.1', { 'erofs/read-tree': `pass: ${digest}` })];
  expect(confirmedBy('erofs/read-tree', runs)).toEqual(['linux 6.18', 'linux 6.1']);
  expect(confirmedBy('erofs/read-empty', runs)).toEqual(['linux 6.18']);
});

test('a kernel confirms a disk image by its root hash', () => {
  const test = cases.find(({ id }) => id === 'ddi/write-small');
  const hash = test?.expect.outcome === 'accept' ? test.expect.values?.['rootHash'] : undefined;
  const of = (value: string) => run('6.1', {}, { 'ddi/write-small': `pass: ${value}, EIO on read` });
  expect(confirmedBy('ddi/write-small', [of(hash ?? '')])).toEqual(['linux 6.18', 'linux 6.1']);
  expect(confirmedBy('ddi/write-small', [of('00')])).toEqual(['linux 6.18']);
});

test('a kernel confirms the tree that it showed, and no other', () => {
  // sha256sum
  const tree = 'abb74894df2c3f25371ec0ef4ed28d78e40947f66960df63a038819d79bd1ab5';
  const of = (value: string) => run('6.1', { 'merge/whiteout': `pass: ${value}` });
  expect(confirmedBy('merge/whiteout', [of(tree)])).toEqual(['linux 6.18', 'linux 6.1']);
  expect(confirmedBy('merge/whiteout', [of(tree.replace('a', 'b'))])).toEqual(['linux 6.18']);
});
