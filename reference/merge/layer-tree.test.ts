import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import {
  at,
  device,
  dir,
  file,
  link,
  list,
  mark,
  named,
  own,
  xattrs,
} from '../arbitrary-tree.test.helper.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import type { Entry } from '../tar/entry.ts';

test.each<[string, Entry[], string[]]>([
  ['a whiteout', [mark('.wh.f')], ['f whiteout']],
  ['a whiteout implies its directory', [mark('a/b/.wh.f')], ['a/', 'a/b/', 'a/b/f whiteout']],
  ['a whiteout with a file', [file('f', '1'), mark('.wh.f')], ['f=1']],
  ['a whiteout with a directory', [mark('.wh.d'), file('d/f')], ['d/ opaque', 'd/f=']],
  ['an opaque directory', [file('d/f'), mark('d/.wh..wh..opq')], ['d/ opaque', 'd/f=']],
  ['a whiteout in an opaque directory', [mark('d/.wh.f'), mark('d/.wh..wh..opq')], ['d/ opaque']],
  ['a whiteout below an opaque directory', [mark('d/e/.wh.f'), mark('d/.wh..wh..opq')], ['d/ opaque']],
  ['a whiteout in a directory made opaque', [dir('d'), mark('d/.wh.f'), mark('.wh.d')], ['d/ opaque']],
  ['a whiteout below a whiteout', [mark('d/.wh.f'), mark('.wh.d')], ['d whiteout']],
  ['an opaque marker below a whiteout', [mark('d/.wh..wh..opq'), mark('.wh.d')], ['d whiteout']],
  ['a whiteout twice', [mark('.wh.f'), mark('.wh.f')], ['f whiteout']],
])('%s', async (_, layer, tree) => {
  expect(list(await own(...layer))).toEqual(tree);
  expect(list(await own(...layer.reverse()))).toEqual(tree);
});

test('an opaque marker in the root', async () => {
  const tree = await own(mark('.wh..wh..opq'), mark('.wh.f'));
  expect(tree.xattrs).toEqual(xattrs({ 'trusted.overlay.opaque': 'y' }));
  expect(list(tree)).toEqual([]);
});

test('the policy takes what came from the tar and leaves what the builder adds', async () => {
  const from = xattrs({ 'trusted.overlay.opaque': 'x', 'user.k': 'v', 'security.capability': 'c' });
  const tree = await own(dir('d', { xattrs: from }), mark('d/.wh..wh..opq'), dir('e', { xattrs: from }));
  expect(at(tree, 'd')?.xattrs).toEqual(
    xattrs({ 'security.capability': 'c', 'trusted.overlay.opaque': 'y' }),
  );
  expect(at(tree, 'e')?.xattrs).toEqual(xattrs({ 'security.capability': 'c' }));
});

test.each<[string, Entry[]]>([
  ['MERGE_LINK_LOWER', [link('h', 'f')]],
  ['MERGE_DEVICE', [device('c', 0)]],
  ['MERGE_PARENT', [file('a'), mark('a/.wh.x')]],
  ['MERGE_PARENT', [file('a'), mark('a/.wh..wh..opq')]],
])('%s', async (code, layer) => {
  await expect(own(...layer)).rejects.toEqual(expect.objectContaining({ code }));
});

test('another device is no whiteout', async () => {
  expect(list(await own(device('c', 0x103)))).toEqual(['c character 259']);
});

test('the example of an own tree', async () => {
  const tree = await own(...named(example('own-layer').replace(/^layer/, '')));
  expect(Buffer.concat([...printDumpfile(tree)]).toString()).toBe(example('own-tree'));
});
