import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { removeFolder } from './remove-folder.ts';
import { temporaryFolder } from './tiny-suite.test.helper.ts';

const temporary = temporaryFolder();
afterAll(() => removeFolder(temporary.path));

/** A folder whose content `fill` makes. */
function folderWith(fill: (folder: string) => void): string {
  const folder = join(temporary.path, 'folder');
  mkdirSync(folder);
  fill(folder);
  return folder;
}

/** Nests `depth` folders called `name` in `folder`. */
function nest(folder: string, name: string, depth: number): void {
  const [inner, outer] = [join(folder, 'inner'), join(folder, 'outer')];
  mkdirSync(inner);
  for (let i = 0; i < depth; i++) {
    mkdirSync(outer);
    writeFileSync(join(outer, 'file'), '');
    renameSync(inner, join(outer, name));
    renameSync(outer, inner);
  }
}

describe('removeFolder', () => {
  it.each([
    ['ordinary content', folder => writeFileSync(join(folder, 'file'), '')],
    ['3,000 nested folders', folder => nest(folder, 'd', 3_000)],
    ['nested folders with long names', folder => nest(folder, 'd'.repeat(255), 40)],
    [
      'names that are not UTF-8',
      folder => mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])])),
    ],
    [
      'folders that cannot be opened',
      folder => {
        mkdirSync(join(folder, 'a/b'), { recursive: true });
        for (const path of ['a/b', 'a', '.']) chmodSync(join(folder, path), 0);
      },
    ],
  ] as [string, (folder: string) => void][])('removes %s', (_, fill) => {
    const folder = folderWith(fill);
    removeFolder(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('removes links, but not what they lead to', () => {
    const kept = join(temporary.path, 'kept');
    mkdirSync(kept);
    writeFileSync(join(kept, 'file'), 'content');
    const folder = folderWith(path => symlinkSync(kept, join(path, 'link')));
    removeFolder(folder);
    symlinkSync(kept, folder);
    removeFolder(folder);
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(join(kept, 'file'), 'utf8')).toBe('content');
  });

  it('accepts a folder that does not exist', () => {
    expect(() => removeFolder(join(temporary.path, 'nowhere'))).not.toThrow();
  });
});
