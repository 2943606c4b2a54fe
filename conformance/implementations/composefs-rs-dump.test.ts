import { expect, test } from 'vitest';
import { toCanonicalDumpfile } from './composefs-rs-dump.ts';

test('a hard link line gets the mode of its inode', () => {
  const dump = `/ 0 40755 2 0 0 0 1.5 - - -
/a 5 100644 3 1 2 0 1.5 - hello - user.a=1
/b 0 @120000 - - - - 0.0 /a - -
/c\\x20d 3 120777 2 0 0 0 1.5 abc - -
/d 0 @120000 - - - - 0.0 /c\\x20d - -
`;
  expect(toCanonicalDumpfile(dump)).toBe(`/ 0 40755 2 0 0 0 1.5 - - -
/a 5 100644 3 1 2 0 1.5 - hello - user.a=1
/b 0 @100644 - - - - 0.0 /a - -
/c\\x20d 3 120777 2 0 0 0 1.5 abc - -
/d 0 @120777 - - - - 0.0 /c\\x20d - -
`);
});

test('output that is not a dumpfile is rejected', () => {
  expect(() => toCanonicalDumpfile('Segmentation fault\n')).toThrow('line 1');
  expect(() => toCanonicalDumpfile('/b 0 @120000 - - - - 0.0 /a - -\n')).toThrow('line 1');
});
