import { describe, expect, test } from 'vitest';
import { readTree } from './dumpfile-tree.ts';

const read = (text: string) => readTree(Buffer.from(text, 'latin1'));

describe('readTree', () => {
  test('takes escapes for the bytes that they stand for', () => {
    const tree = read(
      '/ 0 40755 2 0 0 0 0.0 - - -\n' +
        '/\\x41\\\\\\n\\xfF 3 100644 1 4294967295 7 0 9223372036854775807.5 - \\t\\r\\x00 - user.\\x3d=a=b\\x20 k=\n',
    );
    const node = tree.get('/A\\\n\xff');
    expect(node?.content).toBe('\t\r\x00');
    expect(node?.xattrs).toEqual(
      new Map([
        ['user.=', 'a=b '],
        ['k', ''],
      ]),
    );
    expect(node).toMatchObject({ mode: 0o100644, uid: 4294967295, gid: 7, nsec: 5 });
    expect(node?.sec).toBe('9223372036854775807');
  });

  test('gives names of one inode one object, and reads digests in capitals', () => {
    const tree = read(
      `/ 0 40755 2 0 0 0 0.0 - - -\n/a 65 100644 1 0 0 0 0.0 x/y - ${'AB'.repeat(32)}\n` +
        '/b 0 @100644 - - - - 0.0 /a - -\n/c 0 @100644 - - - - 0.0 /b - -',
    );
    expect(tree.get('/c')).toBe(tree.get('/a'));
    expect(tree.get('/a')).toMatchObject({ digest: 'ab'.repeat(32), payload: 'x/y', content: undefined });
  });
});
