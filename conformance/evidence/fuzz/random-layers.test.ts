import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildTree } from '../../../reference/build-tree.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import type { Directory } from '../../../reference/tree/inode.ts';
import { names } from '../../generate/random-trees/traverse.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { knownLayerDifferences } from './known-differences/layers.ts';
import {
  blobOf,
  copyLayers,
  ends,
  forms,
  type LayerSet,
  packings,
  plainEntry,
  type TarEntry,
} from './layer-sets/layer-set.ts';
import { linkOf, nameOf, Outline, pathOf } from './layer-sets/outline.ts';
import { randomLayers } from './random-layers.ts';

const generateSets = (stream: 'all' | 'common', count: number): LayerSet[] =>
  Array.from({ length: count }, (_, seed) => randomLayers(stream, seed));

/** The tree that the reference builds of the layers before any transform; undefined if it rejects them. */
async function merged({ layers }: LayerSet): Promise<Directory | undefined> {
  const archives = layers.map(async function* (layer) {
    yield blobOf({ ...layer, packed: 'none' }).bytes;
  });
  const options = { role: 'merged', transform: 'none', xattrs: 'keep-user-xattrs' } as const;
  try {
    return await buildTree(archives, { ...options, algorithm: 'fsverity-sha256-12' });
  } catch (error) {
    if (error instanceof ComposefsError) return undefined;
    throw error;
  }
}

test('a seed gives the same layers on every machine', () => {
  const hash = createHash('sha256');
  for (const { layers } of generateSets('all', 20))
    for (const layer of layers) hash.update(blobOf(layer).bytes);
  expect(hash.digest('hex')).toBe('f2857294d4b8976a0be8726fe0af35215b11e6185491a7ce5bcd4ef038d62656');
});

test('all layers together have every feature', () => {
  const sets = generateSets('all', 1500);
  const layers = sets.flatMap(set => set.layers);
  const entries = layers.flatMap(layer => layer.entries);
  const has = <T>(values: readonly T[]) => [...new Set(values)].sort();
  expect(has(layers.map(({ packed }) => packed))).toEqual([...packings].sort());
  expect(has(layers.map(({ end }) => end))).toEqual([...ends].sort());
  expect(has(entries.map(({ form }) => form))).toEqual([...forms].sort());
  expect(has(entries.map(({ type }) => type)).join('')).toContain('01234567');
  expect(has(sets.map(({ role, xattrs }) => `${role} ${xattrs}`))).toHaveLength(4);
  for (const { name, remove } of knownLayerDifferences) {
    expect(sets.filter(set => remove(copyLayers(set))).length, name).toBeGreaterThan(0);
  }
});

test('common layers have no known difference', () => {
  for (const [seed, set] of generateSets('common', 300).entries()) {
    const left = knownLayerDifferences
      .filter(({ remove }) => remove(set))
      .map(({ name }) => `${seed} ${name}`);
    expect(left).toEqual([]);
  }
});

test('every known difference has cases, and a unique name', () => {
  const index = JSON.parse(readFileSync(join(packageRoot, 'vectors/index.json'), 'utf8')) as {
    cases: { id: string }[];
  };
  const ids = new Set(index.cases.map(({ id }) => id));
  expect(new Set(knownLayerDifferences.map(({ name }) => name)).size).toBe(knownLayerDifferences.length);
  for (const { name, cases } of knownLayerDifferences) {
    expect(cases.length, name).toBeGreaterThan(0);
    expect(
      cases.filter(id => !ids.has(id)),
      name,
    ).toEqual([]);
  }
});

test('most layers are accepted, and their outline has the paths of their tree', async () => {
  let accepted = 0;
  const sets = generateSets('all', 400);
  for (const [seed, set] of sets.entries()) {
    const tree = await merged(set);
    if (tree === undefined) continue;
    accepted++;
    const outline = new Outline();
    for (const { entries } of set.layers) outline.apply(entries);
    expect(pathsOf(outline), `seed ${seed}`).toEqual(treePaths(tree));
  }
  expect(accepted).toBeGreaterThan(0.6 * sets.length);
});

function pathsOf(outline: Outline): string[] {
  const lines = (['leaf', 'directory'] as const).flatMap(kind =>
    outline.paths(kind).map(path => `${path.join('/')} ${kind}`),
  );
  return lines.sort();
}

function treePaths(tree: Directory): string[] {
  const paths = new Map<Directory, string>([[tree, '']]);
  const lines = [...names(tree)].map(({ parent, name, inode }) => {
    const path = `${paths.get(parent)}${name}`;
    if (inode.kind === 'directory') paths.set(inode, `${path}/`);
    return `${path} ${inode.kind === 'directory' ? 'directory' : 'leaf'}`;
  });
  return lines.sort();
}

test('changing a copy does not change the original', () => {
  const set = randomLayers('all', 3);
  const before = JSON.stringify(set, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  for (const { remove } of knownLayerDifferences) remove(copyLayers(set));
  expect(JSON.stringify(set, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).toBe(before);
});

describe('removing a known difference changes nothing else', () => {
  const known = (name: string) => knownLayerDifferences.find(each => each.name === name);
  const set = (...layers: TarEntry[][]): LayerSet => ({
    role: 'merged',
    xattrs: 'allowlist-only',
    layers: layers.map(entries => ({ packed: 'none', end: 'two', entries })),
  });
  const entry = (type: string, name: string, more: Partial<TarEntry> = {}): TarEntry => ({
    ...plainEntry(type, name as TarEntry['name']),
    ...more,
  });
  const remove = (name: string, layers: LayerSet) => {
    const changed = known(name)?.remove(layers);
    const written = layers.layers.map(({ entries }) => entries.map(each => `${each.type} ${nameOf(each)}`));
    return { changed, written };
  };

  test('markers are moved to the front, deeper ones first', () => {
    const layers = set(
      [entry('5', 'a/'), entry('0', 'b')],
      [entry('0', 'c'), entry('0', '.wh.b'), entry('0', 'a/.wh.x')],
    );
    expect(remove('marker-order', layers)).toEqual({
      changed: true,
      written: [
        ['5 a/', '0 b'],
        ['0 a/.wh.x', '0 .wh.b', '0 c'],
      ],
    });
  });

  test('a marker without a directory is removed, and one that is rejected stays', () => {
    const layers = set([entry('0', 'f')], [entry('0', 'd/.wh.x'), entry('0', 'f/.wh.x')]);
    expect(remove('marker-without-directory', layers)).toEqual({
      changed: true,
      written: [['0 f'], ['0 f/.wh.x']],
    });
  });

  test('implied directories get one entry each', () => {
    const layers = set([entry('0', 'a/b/f'), entry('0', 'a/g')], [entry('0', '.wh.a'), entry('0', 'a/h')]);
    expect(remove('implied-parents', layers)).toEqual({
      changed: true,
      written: [
        ['5 a/', '5 a/b/', '0 a/b/f', '0 a/g'],
        ['0 .wh.a', '5 a/', '0 a/h'],
      ],
    });
  });

  test('directories that the transforms need are added in a layer on top', () => {
    const layers = {
      ...set([entry('5', 'etc/'), entry('5', 'etc/selinux/'), entry('0', 'etc/selinux/config')]),
      role: 'merged.bootable' as const,
    };
    expect(remove('boot-no-directory', layers).written[1]).toEqual(['5 boot/', '5 sysroot/']);
    expect(remove('selinux-policy', layers).written[2]).toEqual(['0 etc/selinux/.wh.config']);
  });

  test('names and targets come from records, long names and headers, in this order of precedence', () => {
    const both = entry('1', 'header', { link: 'header' as TarEntry['link'] });
    expect([nameOf(both), linkOf(both)]).toEqual(['header', 'header']);
    both.extensions.push({ kind: 'name', text: 'long' as TarEntry['name'] });
    expect([nameOf(both), linkOf(both)]).toEqual(['long', 'header']);
    const records = [
      ['path', 'a'],
      ['path', './b//c/'],
      ['linkpath', 'l'],
    ] as unknown as [];
    both.extensions.unshift({ kind: 'pax', records });
    expect([pathOf(nameOf(both)), linkOf(both)]).toEqual([['b', 'c'], 'l']);
  });
});
