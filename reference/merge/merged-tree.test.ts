import fc from 'fast-check';
import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import {
  dir,
  entriesNamed,
  file,
  inodeAt,
  link,
  list,
  marker,
  merge,
  symlink,
  xattrs,
} from '../arbitrary-tree.test.helper.ts';
import type { ComposefsError } from '../errors.ts';
import type { TarEntry } from '../tar/entry.ts';

const rejection = (code: string) => expect.objectContaining({ name: 'ComposefsError', code });

test.each<[string, TarEntry[][], string[]]>([
  ['no layers', [], []],
  [
    'a whiteout marker deletes a file of the lower layer',
    [[file('f', '1'), file('g')], [marker('.wh.f')]],
    ['g='],
  ],
  [
    'a whiteout marker before the file that it names',
    [[file('f', '1')], [marker('.wh.f'), file('f', '2')]],
    ['f=2'],
  ],
  [
    'a whiteout marker after the file that it names',
    [[file('f', '1')], [file('f', '2'), marker('.wh.f')]],
    ['f=2'],
  ],
  ['a whiteout marker for a directory', [[file('d/f')], [file('d/g'), marker('.wh.d')]], ['d/', 'd/g=']],
  ['whiteout markers that delete nothing', [[marker('.wh.f'), marker('no/where/.wh.f')]], []],
  ['an opaque marker first', [[file('d/f')], [marker('d/.wh..wh..opq'), file('d/g')]], ['d/', 'd/g=']],
  ['an opaque marker last', [[file('d/f')], [file('d/g'), marker('d/.wh..wh..opq')]], ['d/', 'd/g=']],
  [
    'an opaque marker in the root',
    [
      [file('d/f'), file('f')],
      [file('g'), marker('.wh..wh..opq')],
    ],
    ['g='],
  ],
  [
    'reserved names',
    [[marker('.wh..wh.aufs'), dir('.wh..wh.plnk'), file('.wh..wh.plnk/1.2'), file('f')]],
    ['f='],
  ],
  ['the misspelt opaque marker', [[file('d/f')], [marker('d/.wh..wh.opq')]], ['d/', 'd/f=']],
  ['[a/.wh.x, a/] over a file', [[file('a')], [marker('a/.wh.x'), dir('a')]], ['a/']],
  ['[a/, a/.wh..wh..opq] over a link', [[symlink('a', 'b')], [dir('a'), marker('a/.wh..wh..opq')]], ['a/']],
  ['[a/.wh.x, a] over a directory', [[file('a/x')], [marker('a/.wh.x'), file('a', '2')]], ['a=2']],
  ['[a, a/.wh.x] over a directory', [[file('a/x')], [file('a', '2'), marker('a/.wh.x')]], ['a=2']],
  [
    '[.wh.d, d/.wh.x]',
    [
      [file('d/x'), file('d/y')],
      [marker('.wh.d'), marker('d/.wh.x')],
    ],
    [],
  ],
  [
    '[d/.wh.x, .wh.d]',
    [
      [file('d/x'), file('d/y')],
      [marker('d/.wh.x'), marker('.wh.d')],
    ],
    [],
  ],
  ['a file replaces a directory', [[file('d/f')], [file('d', '1')]], ['d=1']],
  ['a directory replaces a file', [[file('d', '1')], [dir('d')]], ['d/']],
  ['a directory keeps its children', [[file('d/f')], [dir('d'), file('d/g')]], ['d/', 'd/f=', 'd/g=']],
  ['a hard link to a file of the lower layer', [[file('f', '1')], [link('h', 'f')]], ['f=1', 'h#0']],
  [
    'a hard link to a file that is replaced later',
    [[file('f', '1')], [link('h', 'f'), file('f', '2')]],
    ['f=2', 'h=1'],
  ],
  ['a hard link outlives its target', [[file('f', '1'), link('h', 'f')], [marker('.wh.f')]], ['h=1']],
  [
    'hard links to a symbolic link and to a hard link',
    [[symlink('l', 'x'), link('m', 'l'), link('n', 'm')]],
    ['l->x', 'm#0', 'n#0'],
  ],
  ['a hard link replaces a file', [[file('f', '1'), file('h', '2')], [link('h', 'f')]], ['f=1', 'h#0']],
  ['implied directories', [[file('a/b/c')]], ['a/', 'a/b/', 'a/b/c=']],
])('%s', async (_, layers, tree) => {
  expect(list(await merge(...layers))).toEqual(tree);
});

test.each<[string, string, TarEntry[][]]>([
  ['MERGE_WHITEOUT_NAME', 'the bare prefix', [[marker('d/.wh.')]]],
  ['MERGE_WHITEOUT_NAME', 'a whiteout marker for .', [[marker('.wh..')]]],
  ['MERGE_WHITEOUT_NAME', 'a whiteout marker for ..', [[marker('.wh...')]]],
  ['MERGE_WHITEOUT_PATH', 'below a whiteout marker', [[file('.wh.d/f')]]],
  ['MERGE_WHITEOUT_PATH', 'below an opaque marker', [[file('.wh..wh..opq/f')]]],
  ['MERGE_PARENT', 'below a file', [[file('f'), file('f/g')]]],
  ['MERGE_PARENT', 'below a symlink', [[dir('d'), symlink('l', 'd')], [file('l/g')]]],
  [
    'MERGE_PARENT',
    'a whiteout marker below a symlink',
    [[file('d/f'), symlink('l', 'd')], [marker('l/.wh.f')]],
  ],
  ['MERGE_PARENT', 'a whiteout marker below a file of the layer', [[], [file('a'), marker('a/.wh.x')]]],
  [
    'MERGE_PARENT',
    'a whiteout marker below a deleted file',
    [[file('a')], [marker('.wh.a'), marker('a/.wh.x')]],
  ],
  ['MERGE_LINK_TARGET', 'no target', [[link('h', 'f')]]],
  ['MERGE_LINK_TARGET', 'a later entry as the target', [[link('h', 'f'), file('f')]]],
  [
    'MERGE_LINK_TARGET',
    'a target that the layer deletes later',
    [[file('f')], [link('h', 'f'), marker('.wh.f')]],
  ],
  ['MERGE_LINK_TARGET', 'a target below a symlink', [[file('d/f'), symlink('l', 'd'), link('h', 'l/f')]]],
  ['MERGE_LINK_DIRECTORY', 'a directory as the target', [[dir('d'), link('h', 'd')]]],
  ['MERGE_LINK_DIRECTORY', 'the root as the target', [[link('h', '/')]]],
  ['MERGE_LINK_SELF', 'its own path as the target', [[file('f')], [link('f', 'f')]]],
  ['MERGE_LINK_SELF', 'a target below its own path', [[file('d/f')], [link('d', 'd/f')]]],
])('%s: %s', async (code, _, layers) => {
  await expect(merge(...layers)).rejects.toEqual(rejection(code));
});

test('an implied directory has fixed attributes until an entry sets others', async () => {
  const implied = await merge([file('d/f')]);
  expect(inodeAt(implied, 'd')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
  const kept = xattrs({ 'user.k': 'v' });
  const explicit = await merge([file('d/f'), dir('d', { mode: 0o1700, uid: 7, gid: 8, xattrs: kept })]);
  expect(inodeAt(explicit, 'd')).toMatchObject({ mode: 0o1700, uid: 7, gid: 8, xattrs: kept });
  expect(list(explicit)).toEqual(['d/', 'd/f=']);
});

test('the attributes of an entry for the root and of a hard link entry are ignored', async () => {
  expect(await merge([dir('.', { mode: 0o700, uid: 9, xattrs: xattrs({ 'user.k': 'v' }) })])).toMatchObject({
    mode: 0o755,
    uid: 0,
    xattrs: xattrs({}),
  });
  const linked = await merge([file('f', '1', { mode: 0o600 }), link('h', 'f', { mode: 0o777, uid: 9 })]);
  expect(inodeAt(linked, 'h')).toMatchObject({ mode: 0o600, uid: 0 });
});

// MERGE-021
test('the position of a marker in its layer does not matter', async () => {
  const names = fc.constantFrom('a', 'b', 'a/a', 'a/b', 'b/a', 'a/b/a');
  const ordinary = fc.oneof(
    names.map(name => dir(name)),
    names.map(name => file(name, name)),
    fc.tuple(names, names).map(([name, target]) => link(name, target)),
  );
  const anyMarker = fc
    .constantFrom('.wh.a', 'a/.wh.b', 'a/.wh..wh..opq', '.wh..wh..opq', 'b/.wh.a')
    .map(marker);
  const layer = (entry: fc.Arbitrary<TarEntry>) => fc.array(entry, { maxLength: 6 });
  const outcome = (...layers: TarEntry[][]) =>
    merge(...layers).then(list, (error: ComposefsError) => error.code);
  await fc.assert(
    fc.asyncProperty(
      layer(ordinary),
      layer(ordinary),
      layer(anyMarker),
      fc.array(fc.nat({ max: 6 }), { minLength: 6, maxLength: 6 }),
      async (lower, entries, markers, positions) => {
        const mixed = [...entries];
        for (const [i, one] of markers.entries()) {
          mixed.splice((positions[i] ?? 0) % (mixed.length + 1), 0, one);
        }
        expect(await outcome(lower, mixed)).toEqual(await outcome(lower, [...markers, ...entries]));
      },
    ),
  );
});

test('the example of two layers', async () => {
  const lines = example('merge').trimEnd().split('\n');
  const of = (word: string) =>
    lines.filter(line => line.startsWith(word)).map(line => line.slice(word.length));
  const tree = await merge(...of('layer').map(entriesNamed));
  const [expected = ''] = of('tree');
  expect(list(tree).map(path => path.replace(/=$/, ''))).toEqual(expected.trim().split(' '));
});
