import { expect, test } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { file, link, marker, options, xattrs } from '../arbitrary-tree.test.helper.ts';
import { buildTree } from '../build-tree.ts';
import { ascii } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import { impliedDirectory } from '../tree/directory.ts';
import { noXattrs } from '../tree/inode.ts';
import type { TreeOptions } from '../tree/options.ts';
import { type Layer, readLayer } from './layer.ts';
import { addMarkersToLayerTree } from './layer-tree.ts';
import { applyLayer } from './merged-tree.ts';
import { TreeSize } from './tree-size.ts';

const limitExceeded = expect.objectContaining({ name: 'ComposefsError', code: 'TAR_LIMIT' });

async function* each<T>(list: readonly T[]) {
  yield* list;
}

/** A {@link TreeSize} that has room for as many inodes. */
function roomFor(inodes: number): TreeSize {
  const size = new TreeSize();
  for (let i = inodes; i < 2 ** 21; i++) size.addInode({});
  return size;
}

const read = (size: TreeSize, ...entries: TarEntry[]): Promise<Layer> =>
  readLayer(each(entries), options(), size);

test('entries and implied directories together have a limit', async () => {
  const apply = async (room: number, ...entries: TarEntry[]) => {
    const size = roomFor(room);
    applyLayer(impliedDirectory(), await read(size, ...entries), size);
  };
  await apply(2, file('f'), file('f'));
  await expect(apply(1, file('f'), file('f'))).rejects.toEqual(limitExceeded);
  await apply(4, file('a/b/c/f'));
  await expect(apply(3, file('a/b/c/f'))).rejects.toMatchObject({
    code: 'TAR_LIMIT',
    location: { entry: 'a/b/c/f', offset: 0 },
  });
});

test('so do directories that markers imply in a standalone layer tree', async () => {
  const apply = async (room: number) => {
    const size = roomFor(room);
    const { markers } = await read(size, marker('a/b/.wh.c'));
    addMarkersToLayerTree(impliedDirectory(), markers, size);
  };
  await apply(3);
  await expect(apply(2)).rejects.toEqual(limitExceeded);
});

test('paths, link targets and extended attributes together have a limit', () => {
  const size = new TreeSize();
  const add = (path: string, target?: string, attributes = noXattrs) =>
    size.addEntry(ascii(path), target === undefined ? undefined : ascii(target), attributes, {});
  for (let i = 0; i < 16; i++) add('v'.repeat(2 ** 24 - 10));
  add('path', 'target', xattrs({ name: 'value' }));
  add('v'.repeat(160 - 4 - 6 - (64 + 4 + 5)));
  expect(() => add('v')).toThrow(limitExceeded);
});

/** An archive with `count` entries for one path, each with half a megabyte of attributes outside the allowlist. */
async function* manyAttributes(count: number) {
  const values = Array.from({ length: 8 }, (_, i) => [`SCHILY.xattr.user.${i}`, 'v'.repeat(65_535)]);
  const entry = tar.concat(tar.pax(Object.fromEntries(values)), tar.file('usr/f'));
  for (let i = 0; i < count; i++) yield entry;
}

test('attributes that the policy removes are not held, and all others count', async () => {
  const build = (request: Partial<TreeOptions>, ...counts: number[]) =>
    buildTree(counts.map(manyAttributes), options(request));
  await build({ transform: 'oci', xattrs: 'allowlist-only' }, 520);
  await build({ role: 'layer', xattrs: 'allowlist-only' }, 520);
  await build({ transform: 'none' }, 255, 255);
  await expect(build({ transform: 'none' }, 256, 256)).rejects.toMatchObject({
    code: 'TAR_LIMIT',
    location: { layer: 1 },
  });
});

test('entries with the same attributes share them', async () => {
  const attributes = () => ({ xattrs: xattrs({ 'user.a': '1', 'user.b': '2' }) });
  const { ordinary } = await read(
    new TreeSize(),
    file('a', '', attributes()),
    file('b', '', attributes()),
    file('c', '', { xattrs: xattrs({ 'user.a': '1' }) }),
  );
  const held = ordinary.map(({ inode }) => (inode.kind === 'hardlink' ? undefined : inode.xattrs));
  expect(held[1]).toBe(held[0]);
  expect(held[2]).toEqual(xattrs({ 'user.a': '1' }));
});

test('of a name, the path is held', async () => {
  const layer = await read(
    new TreeSize(),
    file('././d/./f'),
    link('././d/./g', '././d/f'),
    marker('././d/.wh.h'),
  );
  expect(layer.ordinary.map(({ path }) => path)).toEqual(['d/f', 'd/g']);
  expect(layer.markers.map(({ location }) => location.entry)).toEqual(['d/.wh.h']);
});
