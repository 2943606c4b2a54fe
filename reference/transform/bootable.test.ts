import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { at, dir, file, list, merge, symlink } from '../arbitrary-tree.test.helper.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import type { Entry } from '../tar/entry.ts';
import { transformBootable } from './bootable.ts';

async function bootable(...entries: Entry[]) {
  const tree = await merge(entries);
  transformBootable(tree);
  return tree;
}

const time = { sec: 1700000000n, nsec: 123456789 };

test('/boot and /sysroot are emptied and take the time of /usr', async () => {
  const tree = await bootable(
    dir('usr', { mtime: time }),
    file('boot/f'),
    dir('boot', { mode: 0o700, uid: 3 }),
    file('sysroot/d/f'),
    file('usr/boot/f'),
  );
  expect(list(tree)).toEqual(['boot/', 'sysroot/', 'usr/', 'usr/boot/', 'usr/boot/f=']);
  expect(at(tree, 'boot')).toMatchObject({ mode: 0o700, uid: 3, mtime: time });
  expect(at(tree, 'sysroot')?.mtime).toEqual(time);
});

test('without /usr their time is 0', async () => {
  const tree = await bootable(dir('boot', { mtime: time }));
  expect(at(tree, 'boot')?.mtime).toEqual({ sec: 0n, nsec: 0 });
});

test('what is no directory stays', async () => {
  expect(list(await bootable(dir('usr'), symlink('boot', 'efi')))).toEqual(['boot->efi', 'usr/']);
});

test.each<[string, Entry[]]>([
  ['/etc/selinux/config', [file('etc/selinux/config')]],
  ['/etc/selinux/config', [dir('etc/selinux/config')]],
  ['/etc/selinux', [symlink('etc/selinux', 'x')]],
  ['/etc', [symlink('etc', 'usr/etc')]],
])('a policy at %s is refused', async (entry, entries) => {
  await expect(bootable(...entries)).rejects.toMatchObject({
    code: 'TRANSFORM_SELINUX',
    location: { entry },
  });
});

test.each<[string, Entry[]]>([
  ['no /etc', []],
  ['no /etc/selinux', [dir('etc')]],
  ['no config', [file('etc/selinux/targeted/contexts/files/file_contexts')]],
  ['a config elsewhere', [file('usr/etc/selinux/config'), file('selinux/config')]],
])('%s is no policy', async (_, entries) => {
  await expect(bootable(...entries)).resolves.toBeDefined();
});

test('the example', () => {
  const tree = parseDumpfile(Buffer.from(example('bootable-before')));
  transformBootable(tree);
  expect(Buffer.concat([...printDumpfile(tree)]).toString()).toBe(example('bootable-after'));
});
