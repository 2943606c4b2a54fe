import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { dir, file, inodeAt, list, merge, symlink } from '../arbitrary-tree.test.helper.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import type { TarEntry } from '../tar/entry.ts';
import { transformBootable } from './bootable.ts';

async function bootable(...entries: TarEntry[]) {
  const tree = await merge(entries);
  transformBootable(tree);
  return tree;
}

const time = { sec: 1700000000n, nsec: 123456789 };

test('/boot and /sysroot are emptied and get the mtime of /usr', async () => {
  const tree = await bootable(
    dir('usr', { mtime: time }),
    file('boot/f'),
    dir('boot', { mode: 0o700, uid: 3 }),
    file('sysroot/d/f'),
    file('usr/boot/f'),
  );
  expect(list(tree)).toEqual(['boot/', 'sysroot/', 'usr/', 'usr/boot/', 'usr/boot/f=']);
  expect(inodeAt(tree, 'boot')).toMatchObject({ mode: 0o700, uid: 3, mtime: time });
  expect(inodeAt(tree, 'sysroot')?.mtime).toEqual(time);
});

test('their mtime is 0 without /usr', async () => {
  const tree = await bootable(dir('boot', { mtime: time }));
  expect(inodeAt(tree, 'boot')?.mtime).toEqual({ sec: 0n, nsec: 0 });
});

test('a /boot that is not a directory is left unchanged', async () => {
  expect(list(await bootable(dir('usr'), symlink('boot', 'efi')))).toEqual(['boot->efi', 'usr/']);
});

test('the example', () => {
  const tree = parseDumpfile(Buffer.from(example('bootable-before')));
  transformBootable(tree);
  expect(Buffer.concat([...printDumpfile(tree)]).toString()).toBe(example('bootable-after'));
});
