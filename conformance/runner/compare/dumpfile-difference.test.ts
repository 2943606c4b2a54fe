import { describe, expect, it } from 'vitest';
import { differenceText } from './difference.ts';
import { dumpfileDifference } from './dumpfile-difference.ts';

const root = '/ 0 40755 2 0 0 0 0.0 - - -\n';
const file = '/a 0 100644 1 0 0 0 0.0 - - - user.k=v\n';

function difference(expected: string, got: string): string | undefined {
  const bytes = Buffer.from(got, 'latin1');
  const found = dumpfileDifference('dumpfile', Buffer.from(expected, 'latin1'), bytes, bytes.length);
  return found && differenceText(found, 'x');
}

describe('the first difference of two dumpfiles', () => {
  it.each([
    [undefined, root + file, root + file],
    ['x: line 2 /a, MODE: expected "100644", got "100600"', root + file, root + file.replace('644', '600')],
    [
      'x: line 2 /a, xattr: expected "user.k=v", got "user.k=w"',
      root + file,
      root + file.replace('=v', '=w'),
    ],
    [
      'x: line 2 /a, xattr: expected "user.k=v", got no field',
      root + file,
      `${root}/a 0 100644 1 0 0 0 0.0 - - -\n`,
    ],
    [
      'x: line 2 /a, xattr: expected no field, got "user.l="',
      root + file,
      root + file.replace('\n', ' user.l=\n'),
    ],
    ['x: line 2 /a, end of line: expected a newline, got end of file', root + file, root + file.trimEnd()],
    [`x: line 2 /a, PATH: expected "${file.trim()}", got "/b"`, root + file, `${root}/b\n`],
    [`x: line 2 /a, line: expected "${file.trim()}", got end of file`, root + file, root],
    ['x: line 2, end of file: expected no more bytes, got 1', `${root}${file}`, `${root}${file}\n`],
    ['x: line 1 /\\x01\\xff, SIZE: expected "1", got "2"', '/\\x01\xff 1\n', '/\\x01\xff 2\n'],
  ])('is %s', (text, expected, got) => {
    expect(difference(expected, got)).toBe(text);
  });
});
