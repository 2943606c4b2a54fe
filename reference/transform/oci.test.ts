import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { dir, file, inodeAt, list, merge, symlink, xattrs } from '../arbitrary-tree.test.helper.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { XattrPolicy } from '../tree/options.ts';
import { transformOci } from './oci.ts';

async function transformed(entries: TarEntry[], policy: XattrPolicy = 'allowlist-only') {
  const tree = await merge(entries);
  transformOci(tree, policy);
  return tree;
}

const time = { sec: 1700000000n, nsec: 123456789 };
const every = xattrs({
  'security.capability': 'c',
  'security.selinux': 's',
  'user.': 'bare',
  'user.k': 'v',
  userk: 'v',
  'trusted.k': 'v',
  'security.capabilities': 'v',
});
const allowed = xattrs({ 'security.capability': 'c' });
const withUser = xattrs({ 'security.capability': 'c', 'user.': 'bare', 'user.k': 'v' });

test('the root gets the attributes of /usr', async () => {
  const usr = { mode: 0o2751, uid: 3, gid: 4, mtime: time, xattrs: every };
  expect(await transformed([dir('usr', usr)])).toMatchObject({ ...usr, xattrs: allowed });
});

test.each<[string, TarEntry[]]>([
  ['no /usr', []],
  ['/usr is a symlink', [dir('u', { mode: 0o700, mtime: time }), symlink('usr', 'u')]],
  ['/usr is a file', [file('usr', '1', { mode: 0o700, mtime: time })]],
])('%s: the root keeps its attributes', async (_, entries) => {
  const tree = await transformed([
    ...entries,
    dir('run', { mtime: time, mode: 0o700, uid: 9 }),
    file('run/f'),
  ]);
  expect(tree).toMatchObject({ mode: 0o755, uid: 0, gid: 0, mtime: { sec: 0n, nsec: 0 } });
  const run = inodeAt(tree, 'run');
  expect(run).toMatchObject({ mode: 0o700, uid: 9, mtime: { sec: 0n, nsec: 0 } });
  expect(list(tree)).not.toContain('run/f=');
});

test('/run is emptied and gets the mtime of /usr', async () => {
  const tree = await transformed([
    dir('usr', { mtime: time }),
    file('run/d/f'),
    dir('run', { xattrs: every }),
  ]);
  expect(inodeAt(tree, 'run')).toMatchObject({ mtime: time, xattrs: allowed });
  expect(list(tree)).toEqual(['run/', 'usr/']);
});

test('a /run that is not a directory is left unchanged', async () => {
  expect(list(await transformed([symlink('run', 'var/run'), dir('usr')]))).toEqual(['run->var/run', 'usr/']);
});

test.each([
  ['allowlist-only', allowed],
  ['keep-user-xattrs', withUser],
] as const)('policy %s', async (policy, kept) => {
  const tree = await transformed(
    [dir('usr', { xattrs: every }), file('usr/f', '', { xattrs: every })],
    policy,
  );
  expect(tree.xattrs).toEqual(kept);
  expect(inodeAt(tree, 'usr')?.xattrs).toEqual(kept);
  expect(inodeAt(tree, 'usr/f')?.xattrs).toEqual(kept);
});

test('the example', () => {
  const tree = parseDumpfile(Buffer.from(example('transform-before')));
  transformOci(tree, 'allowlist-only');
  expect(Buffer.concat([...printDumpfile(tree)]).toString()).toBe(example('transform-after'));
});
