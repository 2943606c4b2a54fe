import { expect, test } from 'vitest';
import { standardDumpfile } from './storage-trees.ts';

test('the known differences of the dumpfiles of the library are corrected, and no others', () => {
  const dumpfile = `\
/ 0 40755 1 0 0 0 0.0 - - -
/usr 0 40700 1 1 2 0 5.6 - - - user.x=1
/usr/a 2 100644 2 0 0 0 1.0 58/91 - -
/usr/b 0 120777 1 0 0 0 1.0 target - -
/usr/c 0 40755 1 0 0 0 1.0 - - -
/usr/c/d 0 40755 1 0 0 0 1.0 - - -
`;
  expect(standardDumpfile(dumpfile, path => Buffer.from(path === '58/91' ? 'a\n' : 'wrong'))).toBe(`\
/ 0 40700 3 1 2 0 5.6 - - - user.x=1
/usr 0 40700 3 1 2 0 5.6 - - - user.x=1
/usr/a 2 100644 2 0 0 0 1.0 - \\x61\\x0a -
/usr/b 0 120777 1 0 0 0 1.0 target - -
/usr/c 0 40755 3 0 0 0 1.0 - - -
/usr/c/d 0 40755 2 0 0 0 1.0 - - -
`);
});
