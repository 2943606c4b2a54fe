import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archive, directory, file, hardlink, symlink } from '../../../conformance/generate/builder/tar.ts';
import { unpackStore } from './unpack-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function unpack(...entries: Uint8Array[]): Promise<void> {
  writeFileSync(join(folder, 'store.tar'), archive(...entries));
  return unpackStore(join(folder, 'store.tar'), join(folder, 'store'));
}

test('files, directories and links are unpacked as they are', async () => {
  await unpack(
    directory('./'),
    directory('objects/'),
    file('objects/\u00ff', 'content'),
    file('deep/without/directories', ''),
    symlink('absolute', '/etc/passwd'),
    symlink('out', '../../\u00ff'),
  );
  const at = (name: string) => join(folder, 'store', name);
  expect(readFileSync(at('objects/\u00ff'), 'utf8')).toBe('content');
  expect(readFileSync(at('deep/without/directories'), 'utf8')).toBe('');
  expect(readlinkSync(at('absolute'))).toBe('/etc/passwd');
  expect(readlinkSync(at('out'))).toBe('../../\u00ff');
});

test('nothing is written through a link, or over a file', async () => {
  mkdirSync(join(folder, 'outside'));
  await expect(unpack(symlink('objects', '../outside'), file('objects/x', 'x'))).rejects.toThrow(
    'not a directory',
  );
  expect(readdirSync(join(folder, 'outside'))).toEqual([]);
  rmSync(join(folder, 'store'), { recursive: true });
  await expect(unpack(symlink('x', '../outside/x'), file('x', 'x'))).rejects.toThrow('EEXIST');
  expect(readdirSync(join(folder, 'outside'))).toEqual([]);
});

test('a store has no hard link', async () => {
  await expect(unpack(file('x', 'x'), hardlink('y', 'x'))).rejects.toThrow('a store has no hardlink: y');
});
