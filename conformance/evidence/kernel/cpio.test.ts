import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import { cpioArchive, fileEntry, folderEntries } from './cpio.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

test('an archive with one file has the bytes of the format', () => {
  const head = (fields: string) => `070701${fields.replaceAll(' ', '')}`;
  const file = head(
    '00000001 000081a4 00000000 00000000 00000001 00000000 00000005 00000000 00000000 00000000 00000000 00000002 00000000',
  );
  const end = head(
    '00000002 00000000 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 0000000b 00000000',
  );
  const expected = `${file}a\0hello\0\0\0${end}TRAILER!!!\0\0\0\0`;
  expect(cpioArchive([fileEntry('a', Buffer.from('hello'))]).toString('latin1')).toBe(expected);
});

test('a folder is listed before what is in it, with links as links', () => {
  mkdirSync(join(folder.path, 'top/sub'), { recursive: true });
  writeFileSync(join(folder.path, 'top/sub/file'), 'x', { mode: 0o755 });
  symlinkSync('/absent', join(folder.path, 'top/link'));
  const entries = folderEntries(join(folder.path, 'top'), 'usr');
  expect(entries.map(({ path, mode, content }) => [path, mode.toString(8), String(content)])).toEqual([
    ['usr', '40755', ''],
    ['usr/link', '120777', '/absent'],
    ['usr/sub', '40755', ''],
    ['usr/sub/file', '100755', 'x'],
  ]);
});
