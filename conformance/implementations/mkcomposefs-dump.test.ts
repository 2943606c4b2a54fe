import { expect, test } from 'vitest';
import { toCanonicalDumpfile } from './mkcomposefs-dump.ts';

test('sizes of directories, hard link lines and the order of extended attributes become canonical', () => {
  const dump = `/ 4096 40755 2 0 0 0 1.5 - - - user.b=2 user.a=1
/a 5 100644 2 1 2 0 1.5 - hello - user.a\\x20=1 user.a!=2
/b 5 @100644 2 1 2 0 1.5 /a hello - user.a=1
/c\\x20d 3 120777 1 0 0 0 1.5 abc - -
`;
  expect(toCanonicalDumpfile(dump)).toBe(`/ 0 40755 2 0 0 0 1.5 - - - user.a=1 user.b=2
/a 5 100644 2 1 2 0 1.5 - hello - user.a\\x20=1 user.a!=2
/b 0 @100644 - - - - 0.0 /a - -
/c\\x20d 3 120777 1 0 0 0 1.5 abc - -
`);
});

test('names are sorted by their bytes, not by their escaped text', () => {
  const line = (...xattrs: string[]) => `/ 0 40755 2 0 0 0 0.0 - - - ${xattrs.join(' ')}\n`;
  expect(toCanonicalDumpfile(line('a\\xff=', 'a\\\\=', 'a]=', 'a\\t=', 'aA='))).toBe(
    line('a\\t=', 'aA=', 'a\\\\=', 'a]=', 'a\\xff='),
  );
});

test('output that is not a dumpfile is rejected', () => {
  expect(() => toCanonicalDumpfile('Segmentation fault\n')).toThrow('line 1');
});
