import fc from 'fast-check';
import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import {
  at,
  dir,
  file,
  link,
  list,
  mark,
  merge,
  named,
  symlink,
  xattrs,
} from '../arbitrary-tree.test.helper.ts';
import type { ComposefsError } from '../errors.ts';
import type { Entry } from '../tar/entry.ts';

const refused = (code: string) => expect.objectContaining({ name: 'ComposefsError', code });

test.each<[string, Entry[][], string[]]>([
  ['no layers', [], []],
  ['a whiteout deletes below', [[file('f', '1'), file('g')], [mark('.wh.f')]], ['g=']],
  ['a whiteout before its own name', [[file('f', '1')], [mark('.wh.f'), file('f', '2')]], ['f=2']],
  ['a whiteout after its own name', [[file('f', '1')], [file('f', '2'), mark('.wh.f')]], ['f=2']],
  ['a whiteout of a directory', [[file('d/f')], [file('d/g'), mark('.wh.d')]], ['d/', 'd/g=']],
  ['a whiteout of nothing', [[mark('.wh.f'), mark('no/where/.wh.f')]], []],
  ['opaque first', [[file('d/f')], [mark('d/.wh..wh..opq'), file('d/g')]], ['d/', 'd/g=']],
  ['opaque last', [[file('d/f')], [file('d/g'), mark('d/.wh..wh..opq')]], ['d/', 'd/g=']],
  [
    'opaque root',
    [
      [file('d/f'), file('f')],
      [file('g'), mark('.wh..wh..opq')],
    ],
    ['g='],
  ],
  [
    'reserved names',
    [[mark('.wh..wh.aufs'), dir('.wh..wh.plnk'), file('.wh..wh.plnk/1.2'), file('f')]],
    ['f='],
  ],
  ['the misspelt opaque marker', [[file('d/f')], [mark('d/.wh..wh.opq')]], ['d/', 'd/f=']],
  ['[a/.wh.x, a/] over a file', [[file('a')], [mark('a/.wh.x'), dir('a')]], ['a/']],
  ['[a/, a/.wh..wh..opq] over a link', [[symlink('a', 'b')], [dir('a'), mark('a/.wh..wh..opq')]], ['a/']],
  ['[a/.wh.x, a] over a directory', [[file('a/x')], [mark('a/.wh.x'), file('a', '2')]], ['a=2']],
  ['[a, a/.wh.x] over a directory', [[file('a/x')], [file('a', '2'), mark('a/.wh.x')]], ['a=2']],
  [
    '[.wh.d, d/.wh.x]',
    [
      [file('d/x'), file('d/y')],
      [mark('.wh.d'), mark('d/.wh.x')],
    ],
    [],
  ],
  [
    '[d/.wh.x, .wh.d]',
    [
      [file('d/x'), file('d/y')],
      [mark('d/.wh.x'), mark('.wh.d')],
    ],
    [],
  ],
  ['file over directory', [[file('d/f')], [file('d', '1')]], ['d=1']],
  ['directory over file', [[file('d', '1')], [dir('d')]], ['d/']],
  ['directory over directory', [[file('d/f')], [dir('d'), file('d/g')]], ['d/', 'd/f=', 'd/g=']],
  ['a link across layers', [[file('f', '1')], [link('h', 'f')]], ['f=1', 'h#0']],
  ['a link to what is replaced', [[file('f', '1')], [link('h', 'f'), file('f', '2')]], ['f=2', 'h=1']],
  ['a link survives its target', [[file('f', '1'), link('h', 'f')], [mark('.wh.f')]], ['h=1']],
  ['a link to a link', [[symlink('l', 'x'), link('m', 'l'), link('n', 'm')]], ['l->x', 'm#0', 'n#0']],
  ['a link over a file', [[file('f', '1'), file('h', '2')], [link('h', 'f')]], ['f=1', 'h#0']],
  ['implied parents', [[file('a/b/c')]], ['a/', 'a/b/', 'a/b/c=']],
])('%s', async (_, layers, tree) => {
  expect(list(await merge(...layers))).toEqual(tree);
});

test.each<[string, string, Entry[][]]>([
  ['MERGE_WHITEOUT_NAME', 'the bare prefix', [[mark('d/.wh.')]]],
  ['MERGE_WHITEOUT_NAME', 'a whiteout of .', [[mark('.wh..')]]],
  ['MERGE_WHITEOUT_NAME', 'a whiteout of ..', [[mark('.wh...')]]],
  ['MERGE_WHITEOUT_PATH', 'below a whiteout', [[file('.wh.d/f')]]],
  ['MERGE_WHITEOUT_PATH', 'below an opaque marker', [[file('.wh..wh..opq/f')]]],
  ['MERGE_PARENT', 'below a file', [[file('f'), file('f/g')]]],
  ['MERGE_PARENT', 'below a symlink', [[dir('d'), symlink('l', 'd')], [file('l/g')]]],
  ['MERGE_PARENT', 'a whiteout below a symlink', [[file('d/f'), symlink('l', 'd')], [mark('l/.wh.f')]]],
  ['MERGE_PARENT', 'a whiteout below a file of the layer', [[], [file('a'), mark('a/.wh.x')]]],
  ['MERGE_PARENT', 'a whiteout below a deleted file', [[file('a')], [mark('.wh.a'), mark('a/.wh.x')]]],
  ['MERGE_LINK_TARGET', 'nothing', [[link('h', 'f')]]],
  ['MERGE_LINK_TARGET', 'a later entry', [[link('h', 'f'), file('f')]]],
  ['MERGE_LINK_TARGET', 'deleted in the same layer, later', [[file('f')], [link('h', 'f'), mark('.wh.f')]]],
  ['MERGE_LINK_TARGET', 'through a symlink', [[file('d/f'), symlink('l', 'd'), link('h', 'l/f')]]],
  ['MERGE_LINK_DIRECTORY', 'a directory', [[dir('d'), link('h', 'd')]]],
  ['MERGE_LINK_DIRECTORY', 'the root', [[link('h', '/')]]],
  ['MERGE_LINK_SELF', 'itself', [[file('f')], [link('f', 'f')]]],
  ['MERGE_LINK_SELF', 'what it replaces', [[file('d/f')], [link('d', 'd/f')]]],
])('%s: %s', async (code, _, layers) => {
  await expect(merge(...layers)).rejects.toEqual(refused(code));
});

test('an implied directory has the fixed attributes until an entry sets them', async () => {
  const implied = await merge([file('d/f')]);
  expect(at(implied, 'd')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
  const kept = xattrs({ 'user.k': 'v' });
  const explicit = await merge([file('d/f'), dir('d', { mode: 0o1700, uid: 7, gid: 8, xattrs: kept })]);
  expect(at(explicit, 'd')).toMatchObject({ mode: 0o1700, uid: 7, gid: 8, xattrs: kept });
  expect(list(explicit)).toEqual(['d/', 'd/f=']);
});

test('the attributes of a root entry and of a link entry are not used', async () => {
  expect(await merge([dir('.', { mode: 0o700, uid: 9, xattrs: xattrs({ 'user.k': 'v' }) })])).toMatchObject({
    mode: 0o755,
    uid: 0,
    xattrs: xattrs({}),
  });
  const linked = await merge([file('f', '1', { mode: 0o600 }), link('h', 'f', { mode: 0o777, uid: 9 })]);
  expect(at(linked, 'h')).toMatchObject({ mode: 0o600, uid: 0 });
});

// MERGE-021: a marker may stand anywhere in its layer.
test('the place of a marker in its layer says nothing', async () => {
  const names = fc.constantFrom('a', 'b', 'a/a', 'a/b', 'b/a', 'a/b/a');
  const ordinary = fc.oneof(
    names.map(name => dir(name)),
    names.map(name => file(name, name)),
    fc.tuple(names, names).map(([name, target]) => link(name, target)),
  );
  const marker = fc.constantFrom('.wh.a', 'a/.wh.b', 'a/.wh..wh..opq', '.wh..wh..opq', 'b/.wh.a').map(mark);
  const layer = (entry: fc.Arbitrary<Entry>) => fc.array(entry, { maxLength: 6 });
  const outcome = (...layers: Entry[][]) =>
    merge(...layers).then(list, (error: ComposefsError) => error.code);
  await fc.assert(
    fc.asyncProperty(
      layer(ordinary),
      layer(ordinary),
      layer(marker),
      fc.array(fc.nat({ max: 6 }), { minLength: 6, maxLength: 6 }),
      async (below, entries, markers, places) => {
        const mixed = [...entries];
        for (const [i, one] of markers.entries()) {
          mixed.splice((places[i] ?? 0) % (mixed.length + 1), 0, one);
        }
        expect(await outcome(below, mixed)).toEqual(await outcome(below, [...markers, ...entries]));
      },
    ),
  );
});

test('the example of two layers', async () => {
  const lines = example('merge').trimEnd().split('\n');
  const of = (word: string) =>
    lines.filter(line => line.startsWith(word)).map(line => line.slice(word.length));
  const tree = await merge(...of('layer').map(named));
  const [expected = ''] = of('tree');
  expect(list(tree).map(path => path.replace(/=$/, ''))).toEqual(expected.trim().split(' '));
});
