import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import {
  device,
  dir,
  entriesNamed,
  file,
  inodeAt,
  layerTree,
  link,
  list,
  marker,
  xattrs,
} from '../arbitrary-tree.test.helper.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import type { TarEntry } from '../tar/entry.ts';

test.each<[string, TarEntry[], string[]]>([
  ['a whiteout marker', [marker('.wh.f')], ['f whiteout']],
  ['a whiteout marker in a missing directory', [marker('a/b/.wh.f')], ['a/', 'a/b/', 'a/b/f whiteout']],
  ['a whiteout marker for a file of the layer', [file('f', '1'), marker('.wh.f')], ['f=1']],
  ['a whiteout marker for a directory of the layer', [marker('.wh.d'), file('d/f')], ['d/ opaque', 'd/f=']],
  ['an opaque marker', [file('d/f'), marker('d/.wh..wh..opq')], ['d/ opaque', 'd/f=']],
  ['a whiteout marker in an opaque directory', [marker('d/.wh.f'), marker('d/.wh..wh..opq')], ['d/ opaque']],
  [
    'a whiteout marker below an opaque directory',
    [marker('d/e/.wh.f'), marker('d/.wh..wh..opq')],
    ['d/ opaque'],
  ],
  [
    'a whiteout marker in a directory that a whiteout marker makes opaque',
    [dir('d'), marker('d/.wh.f'), marker('.wh.d')],
    ['d/ opaque'],
  ],
  ['a whiteout marker below a whiteout', [marker('d/.wh.f'), marker('.wh.d')], ['d whiteout']],
  ['an opaque marker below a whiteout', [marker('d/.wh..wh..opq'), marker('.wh.d')], ['d whiteout']],
  ['the same whiteout marker twice', [marker('.wh.f'), marker('.wh.f')], ['f whiteout']],
])('%s', async (_, layer, tree) => {
  expect(list(await layerTree(...layer))).toEqual(tree);
  expect(list(await layerTree(...layer.reverse()))).toEqual(tree);
});

test('an opaque marker in the root', async () => {
  const tree = await layerTree(marker('.wh..wh..opq'), marker('.wh.f'));
  expect(tree.xattrs).toEqual(xattrs({ 'trusted.overlay.opaque': 'y' }));
  expect(list(tree)).toEqual([]);
});

test('the xattr policy applies to the archive, not to opaque markers', async () => {
  const from = xattrs({ 'trusted.overlay.opaque': 'x', 'user.k': 'v', 'security.capability': 'c' });
  const tree = await layerTree(
    dir('d', { xattrs: from }),
    marker('d/.wh..wh..opq'),
    dir('e', { xattrs: from }),
  );
  expect(inodeAt(tree, 'd')?.xattrs).toEqual(
    xattrs({ 'security.capability': 'c', 'trusted.overlay.opaque': 'y' }),
  );
  expect(inodeAt(tree, 'e')?.xattrs).toEqual(xattrs({ 'security.capability': 'c' }));
});

test.each<[string, TarEntry[]]>([
  ['MERGE_LINK_LOWER', [link('h', 'f')]],
  ['MERGE_DEVICE', [device('c', 0)]],
  ['MERGE_PARENT', [file('a'), marker('a/.wh.x')]],
  ['MERGE_PARENT', [file('a'), marker('a/.wh..wh..opq')]],
])('%s', async (code, layer) => {
  await expect(layerTree(...layer)).rejects.toEqual(expect.objectContaining({ code }));
});

test('a device with a number is not a whiteout', async () => {
  expect(list(await layerTree(device('c', 0x103)))).toEqual(['c character 259']);
});

test('the example of a standalone layer tree', async () => {
  const tree = await layerTree(...entriesNamed(example('own-layer').replace(/^layer/, '')));
  expect(Buffer.concat([...printDumpfile(tree)]).toString()).toBe(example('own-tree'));
});
