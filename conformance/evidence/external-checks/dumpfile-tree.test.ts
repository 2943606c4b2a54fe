import { describe, expect, test } from 'vitest';
import { readDumpfileTree } from './dumpfile-tree.ts';

const read = (text: string) => readDumpfileTree(Buffer.from(text, 'latin1'));

describe('readDumpfileTree', () => {
  test('replaces escapes by the bytes that they represent', () => {
    const tree = read(
      '/ 0 40755 2 0 0 0 0.0 - - -\n' +
        '/\\x41\\\\\\n\\xfF 3 100644 1 4294967295 7 0 9223372036854775807.5 - \\t\\r\\x00 - user.\\x3d=a=b\\x20 k=\n',
    );
    const inode = tree.get('/A\\\n\xff');
    expect(inode?.content).toBe('\t\r\x00');
    expect(inode?.xattrs).toEqual(
      new Map([
        ['user.=', 'a=b '],
        ['k', ''],
      ]),
    );
    expect(inode).toMatchObject({ mode: 0o100644, uid: 4294967295, gid: 7, nsec: 5 });
    expect(inode?.sec).toBe('9223372036854775807');
  });

  test('shares one object between hard links, and reads digests in upper case', () => {
    const tree = read(
      `/ 0 40755 2 0 0 0 0.0 - - -\n/a 65 100644 1 0 0 0 0.0 x/y - ${'AB'.repeat(32)}\n` +
        '/b 0 @100644 - - - - 0.0 /a - -\n/c 0 @100644 - - - - 0.0 /b - -',
    );
    expect(tree.get('/c')).toBe(tree.get('/a'));
    expect(tree.get('/a')).toMatchObject({ digest: 'ab'.repeat(32), payload: 'x/y', content: undefined });
  });
});
