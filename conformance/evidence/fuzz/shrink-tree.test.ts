import { describe, expect, test } from 'vitest';
import { ascii } from '../../../reference/bytes.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import type { Directory } from '../../../reference/tree/inode.ts';
import { randomTree } from '../../generate/random-trees/random-tree.ts';
import { inodes, names } from '../../generate/random-trees/traverse.ts';
import { shrinkTree } from './shrink-tree.ts';

/** The first large random tree for which `has` is true, shrunk. */
async function smallest(has: (tree: Directory) => boolean): Promise<string[]> {
  for (let seed = 0; ; seed++) {
    const tree = randomTree('all', seed);
    if ([...names(tree)].length < 20 || !has(tree)) continue;
    const before = text(tree);
    const small = await shrinkTree(tree, async candidate => has(candidate));
    expect(text(tree)).toBe(before);
    return text(small).trimEnd().split('\n');
  }
}

function text(tree: Directory): string {
  return Buffer.concat([...printDumpfile(tree)]).toString('latin1');
}

const root = '/ 0 40644 2 0 0 0 0.0 - - -';

describe('a tree becomes as small as possible', () => {
  test('with an extended attribute', async () => {
    const name = ascii('user.a');
    expect(
      await smallest(tree => [...inodes(tree)].some(({ xattrs }) => (xattrs.get(name)?.length ?? 0) > 2)),
    ).toEqual([root, '/a 0 100644 1 0 0 0 0.0 - - - user.a=vvv']);
  });

  test('with a file in a subdirectory', async () => {
    const lines = await smallest(tree =>
      [...names(tree)].some(({ parent, inode }) => parent !== tree && inode.kind === 'socket'),
    );
    expect(lines).toEqual([
      '/ 0 40644 3 0 0 0 0.0 - - -',
      '/a 0 40644 2 0 0 0 0.0 - - -',
      '/a/a 0 140644 1 0 0 0 0.0 - - -',
    ]);
  });

  test('with a hard link', async () => {
    const lines = await smallest(tree => [...names(tree)].length > inodes(tree).size - 1);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^\/b 0 @\d+ - - - - 0\.0 \/a - -$/);
  });

  test('with a number of names', async () => {
    const lines = await smallest(tree => tree.children.size >= 5);
    expect(lines).toHaveLength(6);
    expect(lines.map(line => line.split(' ')[0])).toEqual(['/', '/a', '/b', '/c', '/d', '/e']);
  });

  test('with values at a limit', async () => {
    const lines = await smallest(tree =>
      [...inodes(tree)].some(
        inode =>
          inode.uid > 65535 &&
          inode.kind === 'symlink' &&
          inode.target.length > 30 &&
          inode.target.length < 2000,
      ),
    );
    expect(lines).toEqual([
      root,
      expect.stringMatching(/^\/a 31 120644 1 (?:65536|4294967295) 0 0 0\.0 t{31} - -$/),
    ]);
  });
});
