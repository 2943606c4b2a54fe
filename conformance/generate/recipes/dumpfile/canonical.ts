/**
 * The canonical form: what the printer writes, and which equivalent texts it normalizes.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { canonical, line, root } from './lines.ts';

const directory = { mode: '40755', nlink: '2' } as const;
const digest = '5a'.repeat(32);
const object = `5a/${'5a'.repeat(31)}`;

/** mkcomposefs wrote an image of the input, and composefs-info dumped it as expected. */
const roundTrip = { confirmedBy: ['mkcomposefs 1.0.8'] };

/** Every byte, escaped as in CONTENT. */
const everyByte = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x09) return '\\t';
  if (byte === 0x0a) return '\\n';
  if (byte === 0x0d) return '\\r';
  if (byte === 0x5c) return '\\\\';
  const graphic = byte > 0x20 && byte < 0x7f;
  return graphic ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}).join('');

/**
 * A canonical dumpfile of exactly 256 KiB, the size of the longest file of a case, in lines that all differ. A parser
 * that reads the first 16 KiB by themselves finds the end of a line in the first byte after them, and one that reads
 * 48 KiB ends with the first byte of a line.
 */
function long(): string {
  let text = root;
  const add = (path: string, value: string, size: number) => {
    const before = line({ path, xattrs: 'user.a=' }).length;
    text += line({ path, xattrs: `user.a=${value.repeat(size).slice(0, size - before)}` });
  };
  add('/a', 'a,', 16 * 1024 + 1 - text.length);
  add('/b', 'b,', 48 * 1024 - 1 - text.length);
  for (let i = 0; i < 48; i++) {
    const number = String(i).padStart(2, '0');
    add(`/f${number}`, `${number},`, 4300 - i);
  }
  add('/last', 'z', 256 * 1024 - text.length);
  return text;
}

export const recipes: readonly Recipe[] = [
  canonical('every-kind', {
    title: 'A canonical dumpfile with every type of inode is unchanged',
    requirements: [
      'DUMP-002',
      'DUMP-004',
      'DUMP-007',
      'DUMP-008',
      'DUMP-010',
      'DUMP-012',
      'DUMP-013',
      'DUMP-014',
    ],
    ...roundTrip,
    input: `/ 0 40755 3 0 0 0 1.0 - - -
/block 0 60660 1 0 6 2049 2.1 - - -
/character 0 20666 1 0 0 259 2.2 - - -
/directory 0 41777 2 0 0 0 2.3 - - -
/empty 0 100600 1 1 2 0 2.4 - - -
/fifo 0 10644 1 3 4 0 2.5 - - -
/inline 6 100644 1 0 0 0 2.6 - hello\\n -
/object 4097 104755 1 0 0 0 2.7 ${object} - ${digest} user.a=b
/object-without-digest 5 100644 1 0 0 0 2.8 ${object} - -
/object-without-path 5 100644 1 0 0 0 2.9 - - -
/socket 0 140755 1 0 0 0 2.10 - - -
/symlink 7 120777 1 0 0 0 2.11 ../some - -
`,
  }),
  canonical('children-in-order', {
    title: 'Lines are printed depth first, in bytewise order of names',
    requirements: ['DUMP-001', 'DUMP-006', 'DUMP-023'],
    ...roundTrip,
    input: [
      line({ path: '/', mode: '40755', nlink: '4' }),
      line({ path: '/b' }),
      line({ path: '/\\xff' }),
      line({ path: '/a', ...directory }),
      line({ path: '/a!' }),
      line({ path: '/B' }),
      line({ path: '/a/b', ...directory }),
      line({ path: '/a!!', ...directory }),
      line({ path: '/a/a' }),
      line({ path: '/-' }),
      line({ path: '/\\x01' }),
      line({ path: '/a/b/c' }),
      line({ path: '/ab' }),
    ].join(''),
    // Comparing paths would put /a! (0x21) before /a/a (0x2f); comparing names puts it after everything in /a.
    canonical: `/ 0 40755 4 0 0 0 0.0 - - -
/\\x01 0 100644 1 0 0 0 0.0 - - -
/- 0 100644 1 0 0 0 0.0 - - -
/B 0 100644 1 0 0 0 0.0 - - -
/a 0 40755 3 0 0 0 0.0 - - -
/a/a 0 100644 1 0 0 0 0.0 - - -
/a/b 0 40755 2 0 0 0 0.0 - - -
/a/b/c 0 100644 1 0 0 0 0.0 - - -
/a! 0 100644 1 0 0 0 0.0 - - -
/a!! 0 40755 2 0 0 0 0.0 - - -
/ab 0 100644 1 0 0 0 0.0 - - -
/b 0 100644 1 0 0 0 0.0 - - -
/\\xff 0 100644 1 0 0 0 0.0 - - -
`,
  }),
  canonical('every-byte-of-content', {
    title: 'Every byte of content has exactly one spelling',
    requirements: ['DUMP-003'],
    ...roundTrip,
    input: root + line({ size: '256', content: everyByte }),
  }),
  canonical('needless-escapes', {
    title: 'Needless escapes and upper-case hex digits are normalized',
    requirements: ['DUMP-003', 'DUMP-022'],
    ...roundTrip,
    input:
      root +
      line({ path: '/\\x61\\xC3\\xA9\\x0a\\x09\\x0D\\x5C\\x20', size: '3', content: '\\x62\\x7E\\x7F' }) +
      line({ path: '/l', mode: '120777', size: '2', payload: '\\x2E\\x2f', xattrs: '\\x75ser.x=\\x5c\\x79' }),
    canonical: `${root}/a\\xc3\\xa9\\n\\t\\r\\\\\\x20 3 100644 1 0 0 0 0.0 - b~\\x7f -
/l 2 120777 1 0 0 0 0.0 ./ - - user.x=\\\\y
`,
  }),
  canonical('dashes', {
    title: 'A PAYLOAD or CONTENT that is one dash is printed escaped',
    requirements: ['DUMP-004', 'DUMP-022'],
    ...roundTrip,
    input: `${root}/- 1 100644 1 0 0 0 0.0 - \\x2d - -=- user.a=-
/-- 2 100644 1 0 0 0 0.0 - -- -
/l 1 120777 1 0 0 0 0.0 \\x2d - -
`,
  }),
  canonical('equals-signs', {
    title: 'An equals sign is escaped only in extended attributes',
    requirements: ['DUMP-005', 'DUMP-049'],
    ...roundTrip,
    input: `${root}/a=b 2 100644 1 0 0 0 0.0 - =\\x3d - user.a==b= user.b\\x3d=c
/l\\x3d 1 120777 1 0 0 0 0.0 = - -
`,
    canonical: `${root}/a=b 2 100644 1 0 0 0 0.0 - == - user.a=\\x3db\\x3d user.b\\x3d=c
/l= 1 120777 1 0 0 0 0.0 = - -
`,
  }),
  canonical('xattrs-in-order', {
    title: 'Extended attributes are printed in bytewise order of their names',
    requirements: ['DUMP-015'],
    ...roundTrip,
    input:
      root +
      line({
        xattrs:
          'user.b= user.a\\xff=1 user.a=\\x00 user.aa=3 user.a\\x20=4 security.selinux=s user.\\x41=5 trusted.z=6',
      }),
    canonical: `${root}/a 0 100644 1 0 0 0 0.0 - - - security.selinux=s trusted.z=6 user.A=5 user.a=\\x00 user.a\\x20=4 user.aa=3 user.a\\xff=1 user.b=
`,
  }),
  canonical('hard-links-by-first-name', {
    title: 'An inode is printed at its first name, with its link count',
    requirements: ['DUMP-009', 'DUMP-016', 'DUMP-037'],
    input: [
      line({ path: '/', mode: '40755', nlink: '4' }),
      line({ path: '/z', size: '5', nlink: '1', content: 'hello', xattrs: 'user.a=b' }),
      line({ path: '/d', ...directory }),
      line({ path: '/d/link', mode: '@100644', payload: '/z', xattrs: 'user.a=b' }),
      line({ path: '/c', size: '9', mode: '@100600', uid: '7', payload: '/d/link', content: '-' }),
    ].join(''),
    canonical: `/ 0 40755 3 0 0 0 0.0 - - -
/c 5 100644 3 0 0 0 0.0 - hello - user.a=b
/d 0 40755 2 0 0 0 0.0 - - -
/d/link 0 @100644 - - - - 0.0 /c - -
/z 0 @100644 - - - - 0.0 /c - -
`,
  }),
  canonical('hard-links-of-every-kind', {
    title: 'Symlinks, devices, fifos and sockets can have several names',
    requirements: ['DUMP-016', 'DUMP-037'],
    ...roundTrip,
    input: `${root}/a 3 120777 2 0 0 0 0.0 abc - -
/a\\x20b 0 @120777 - - - - 0.0 /a - -
/b 0 20644 2 0 0 1 0.0 - - -
/b2 0 @20644 - - - - 0.0 /b - -
/c 0 10644 3 0 0 0 0.0 - - -
/c2 0 @10644 - - - - 0.0 /c - -
/c3 0 @10644 - - - - 0.0 /c - -
/d 0 140644 2 0 0 0 0.0 - - -
/d2 0 @140644 - - - - 0.0 /d - -
/e 4 100644 2 0 0 0 0.0 ${object} - ${digest}
/e2 0 @100644 - - - - 0.0 /e - -
`,
  }),
  canonical('link-counts', {
    title: 'NLINK is computed from the tree, not copied from the input',
    requirements: ['DUMP-009', 'DUMP-031'],
    input: [
      line({ path: '/', mode: '40755', nlink: '1' }),
      line({ path: '/a', mode: '40755', nlink: '9' }),
      line({ path: '/a/b', mode: '40755', nlink: '0' }),
      line({ path: '/a/c', mode: '40755', nlink: '0' }),
      line({ path: '/a/d', nlink: '4294967295' }),
    ].join(''),
    canonical: `/ 0 40755 3 0 0 0 0.0 - - -
/a 0 40755 4 0 0 0 0.0 - - -
/a/b 0 40755 2 0 0 0 0.0 - - -
/a/c 0 40755 2 0 0 0 0.0 - - -
/a/d 0 100644 1 0 0 0 0.0 - - -
`,
  }),
  canonical('sizes-of-other-types', {
    title: 'SIZE of other types is the target length of a symlink, or 0',
    requirements: ['DUMP-007', 'DUMP-031'],
    ...roundTrip,
    input: [
      line({ path: '/', mode: '40755', nlink: '2', size: '4096' }),
      line({ path: '/a', mode: '120777', size: '0', payload: 'hello' }),
      line({ path: '/b', mode: '20644', size: '7', rdev: '1' }),
      line({ path: '/c', mode: '60644', size: '7', rdev: '1' }),
      line({ path: '/d', mode: '10644', size: '7' }),
      line({ path: '/e', mode: '140644', size: '7' }),
    ].join(''),
    canonical: `/ 0 40755 2 0 0 0 0.0 - - -
/a 5 120777 1 0 0 0 0.0 hello - -
/b 0 20644 1 0 0 1 0.0 - - -
/c 0 60644 1 0 0 1 0.0 - - -
/d 0 10644 1 0 0 0 0.0 - - -
/e 0 140644 1 0 0 0 0.0 - - -
`,
  }),
  canonical('modes', {
    title: 'MODE is printed without leading zeros, with all twelve mode bits',
    requirements: ['DUMP-008', 'DUMP-011', 'DUMP-030'],
    ...roundTrip,
    input:
      line({ path: '/', mode: '0040000', nlink: '2' }) +
      line({ path: '/a', mode: '0000107777' }) +
      line({ path: '/b', mode: '100000' }) +
      line({ path: '/c', mode: '010000' }),
    canonical: `/ 0 40000 2 0 0 0 0.0 - - -
/a 0 107777 1 0 0 0 0.0 - - -
/b 0 100000 1 0 0 0 0.0 - - -
/c 0 10000 1 0 0 0 0.0 - - -
`,
  }),
  canonical('largest-numbers', {
    title: 'The largest number of each field is printed exactly',
    requirements: ['DUMP-011', 'DUMP-027', 'DUMP-029'],
    class: 'LIMIT',
    ...roundTrip,
    input: `${root}/a 9007199254740992 100644 1 4294967295 4294967294 0 9223372036854775807.999999999 - - -
/b 9007199254740991 100644 1 0 0 0 4294967296.5 - - -
/c 0 60644 1 0 0 4294967295 0.1 - - -
/d 0 20644 1 0 0 4294967295 0.500000000 - - -
`,
  }),
  canonical('empty-files', {
    title: 'An empty file is printed without object path and digest',
    requirements: ['DUMP-013', 'DUMP-040'],
    ...roundTrip,
    input: `${root + line({ payload: object, digest }) + line({ path: '/b', payload: object })}${line({ path: '/c' })}`,
    canonical: root + line({}) + line({ path: '/b' }) + line({ path: '/c' }),
  }),
  canonical('objects', {
    title: 'Object path and digest are printed independently of each other',
    requirements: ['DUMP-012', 'DUMP-014', 'DUMP-039', 'DUMP-046'],
    input:
      root +
      line({ path: '/a', size: '5', payload: 'some\\x2fobject', digest: '5A'.repeat(32) }) +
      line({ path: '/b', size: '5', payload: 'object', digest: 'aB'.repeat(64) }),
    canonical: `${root}/a 5 100644 1 0 0 0 0.0 some/object - ${digest}
/b 5 100644 1 0 0 0 0.0 object - ${'ab'.repeat(64)}
`,
  }),
  canonical('no-last-newline', {
    title: 'A missing newline at the end is added',
    requirements: ['DUMP-002', 'DUMP-017'],
    ...roundTrip,
    input: root + line({}).trimEnd(),
    canonical: root + line({}),
  }),
  canonical('long', {
    title: 'A dumpfile of 256 KiB is printed completely and in order',
    requirements: ['DUMP-001', 'DUMP-002'],
    class: 'EDGE_CASE',
    ...roundTrip,
    input: long(),
  }),
  canonical('line-of-262144-bytes', {
    title: 'A line of 262144 bytes is read',
    requirements: ['DUMP-018', 'DUMP-030'],
    class: 'LIMIT',
    // No field but MODE can be so long. Leading zeros have no meaning there.
    input: root.trimEnd().replace('40755', '40755'.padStart(262_144 - root.trimEnd().length + 5, '0')),
    canonical: root,
  }),
];
