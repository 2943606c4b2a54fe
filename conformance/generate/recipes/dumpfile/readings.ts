/**
 * Dumpfiles that the parser accepts: the expected digest is that of the image of their tree. The controls of the
 * rejected dumpfiles are here.
 * @module
 */

import { longContent, type Recipe } from '../../recipe.ts';
import { line, links, reads, root } from './lines.ts';

const directory = { mode: '40755', nlink: '2' } as const;
const digest = '5a'.repeat(32);
const object = `5a/${'5a'.repeat(31)}`;
/** A digest that has every digit in both halves of a byte, and every letter in either case. */
const everyDigit = '0123456789abcdefFEDCBA98765432101032547698BADCFEefcdab8967452301';

const name255 = `/${'n'.repeat(255)}`;
/** Nested directories, down to a path of 4096 bytes. */
const path4096 = Array.from({ length: 16 }, (_, depth) =>
  line({ path: name255.repeat(depth + 1), mode: '40755', nlink: depth === 15 ? '2' : '3' }),
).join('');

export const recipes: readonly Recipe[] = [
  reads('one-file', {
    title: 'A root with one empty file is accepted',
    requirements: ['DUMP-034', 'DUMP-035'],
    input: root + line({}),
    digest: 'b8d6206e85b56c9132740d4c1028072c84af63b64d0ad45d908a0803e6779e62',
  }),
  reads('last-line-without-newline', {
    title: 'The last line is read without its newline',
    requirements: ['DUMP-017'],
    links: [links.manual],
    input: (root + line({})).trimEnd(),
    digest: 'b8d6206e85b56c9132740d4c1028072c84af63b64d0ad45d908a0803e6779e62',
  }),
  reads('lines-in-any-order', {
    title: 'Children can appear in any order after their directory',
    requirements: ['DUMP-023'],
    input: [
      line({ path: '/', mode: '40755', nlink: '4' }),
      line({ path: '/z', ...directory }),
      line({ path: '/a', ...directory }),
      line({ path: '/z/b' }),
      line({ path: '/a/b' }),
      line({ path: '/z/a' }),
    ].join(''),
    digest: '10d2a57d7fc79384b59dc11efa46650c0232288f7a64800d3648773c82c5fc0b',
  }),
  reads('escapes', {
    title: 'Every escape is read, with hex digits in either case',
    requirements: ['DUMP-021', 'DUMP-022'],
    input:
      root +
      line({
        path: '/\\\\\\n\\r\\t\\x41\\xc3\\xA9',
        size: '3',
        content: '\\x00\\xff\\n',
        xattrs: 'user.\\xFf=\\t',
      }) +
      line({ path: '/l', mode: '120777', size: '2', payload: '\\xe9\\\\' }),
    digest: '74f1f86c5a9b6439390d94185dc8aa67f6c39caf22c5cb81d331c6acc072f348',
  }),
  reads('escaped-slash', {
    title: 'An escaped slash separates two components of a path',
    requirements: ['DUMP-022'],
    class: 'EDGE_CASE',
    input:
      line({ path: '/', mode: '40755', nlink: '3' }) +
      line({ path: '/d', ...directory }) +
      line({ path: '/d\\x2fe' }),
    digest: 'a625c400dc860f0c00e66d97b35a0f4a86330a7a9ce25954f3521dd0aa810ee1',
  }),
  reads('escaped-dash', {
    title: 'An escaped dash is a dash, not an unset field',
    requirements: ['DUMP-022'],
    input:
      root +
      line({ size: '1', content: '\\x2d' }) +
      line({ path: '/l', mode: '120777', size: '1', payload: '\\x2d' }),
    digest: '7341068ce3226122ad5c3a1912537fc7c362efb33adde503a4fe5081dcd0c3d5',
  }),
  reads('largest-numbers-written', {
    title: 'The largest number of each field is accepted',
    requirements: ['DUMP-027'],
    class: 'LIMIT',
    input:
      root +
      line({
        size: '9007199254740992',
        uid: '4294967295',
        gid: '4294967295',
        mtime: '9223372036854775807.999999999',
      }) +
      line({ path: '/b', mode: '60644', rdev: '4294967295' }) +
      line({ path: '/d', mode: '40755', nlink: '2', size: '18446744073709551615' }),
    digest: 'f4696f3b363ca5e23260f36aa75afeb06f385fffa6a66eab92eec11e4ddba0b6',
  }),
  reads('nanoseconds-are-a-count', {
    title: 'MTIME 1.5 is five nanoseconds after second 1',
    requirements: ['DUMP-029'],
    class: 'EDGE_CASE',
    links: [links.manual],
    input: root + line({ mtime: '1.5' }),
    digest: '4e741856177c9999707959fc2be3cfc476f2851d42f92788bd3e14e888e070ce',
  }),
  reads('mode-with-zeros', {
    title: 'Leading zeros in MODE are accepted',
    requirements: ['DUMP-030'],
    class: 'EDGE_CASE',
    input: root + line({ mode: '0100644' }),
    digest: 'b8d6206e85b56c9132740d4c1028072c84af63b64d0ad45d908a0803e6779e62',
  }),
  reads('sizes-without-meaning', {
    title: 'SIZE has a meaning only for regular files',
    requirements: ['DUMP-031'],
    class: 'EDGE_CASE',
    input: [
      line({ path: '/', mode: '40755', nlink: '2', size: '4096' }),
      line({ path: '/a', mode: '120777', size: '0', payload: 'hello' }),
      line({ path: '/b', mode: '20644', size: '7', rdev: '1' }),
      line({ path: '/c', mode: '10644', size: '7' }),
    ].join(''),
    digest: 'd54f47eb87c787bb7aa489175232f8837c22ab731077d91632f9b1b8cf0de757',
  }),
  reads('link-counts-without-meaning', {
    title: 'NLINK in the input has no meaning',
    requirements: ['DUMP-031'],
    class: 'KNOWN_BUG',
    links: [links.cParser],
    confirmedBy: ['composefs-rs 0.9.0'],
    input:
      line({ path: '/', mode: '40755', nlink: '7' }) +
      line({ nlink: '5' }) +
      line({ path: '/b', nlink: '1' }) +
      line({ path: '/c', mode: '@100644', payload: '/b' }),
    digest: '4a1bcb438077ffe054f69a581b3eaad49471526d80b2056b70e6819126d1860d',
  }),
  reads('name-of-255-bytes', {
    title: 'A name of 255 bytes is accepted',
    requirements: ['DUMP-033'],
    class: 'LIMIT',
    input: root + line({ path: name255 }),
    digest: '7eda768ccb5de5d90d1be496823d7eb273d80c5d496e807f68d05861ae497ec7',
  }),
  reads('path-of-4096-bytes', {
    title: 'A path of 4096 bytes is accepted',
    requirements: ['DUMP-033'],
    class: 'LIMIT',
    input: line({ path: '/', mode: '40755', nlink: '3' }) + path4096,
    digest: 'b4751a448471ddc303591c1a582738966b44f1744e24a619f76d64a9d38cc0a7',
  }),
  reads('hard-link', {
    title: 'A hard link line adds a name to an inode',
    requirements: ['DUMP-037'],
    input:
      root +
      line({ size: '5', nlink: '2', content: 'hello', xattrs: 'user.a=b' }) +
      line({ path: '/b', mode: '@100644', payload: '/a' }),
    digest: '54f99fe5ffd0796e0017b12b6735f43d6a7c5a498a1e616767718dd870d00307',
  }),
  reads('hard-link-fields-without-meaning', {
    title: 'Only PATH, MODE and PAYLOAD of a hard link line have a meaning',
    requirements: ['DUMP-037'],
    class: 'EDGE_CASE',
    links: [links.manual],
    input: `${root + line({ size: '5', nlink: '2', content: 'hello', xattrs: 'user.a=b' })}/b 99 @120777 - x -1 \\q 1 /a \\ 12 user.c user.d=\\q\n`,
    digest: '54f99fe5ffd0796e0017b12b6735f43d6a7c5a498a1e616767718dd870d00307',
  }),
  reads('hard-link-size-of-2-64-less-1', {
    title: 'A hard link line can have a SIZE of 2^64 - 1, whatever its MODE',
    requirements: ['DUMP-053', 'DUMP-027', 'DUMP-037'],
    class: 'LIMIT',
    input:
      root +
      line({ size: '5', nlink: '2', content: 'hello', xattrs: 'user.a=b' }) +
      line({ path: '/b', mode: '@100644', size: '18446744073709551615', payload: '/a' }),
    digest: '54f99fe5ffd0796e0017b12b6735f43d6a7c5a498a1e616767718dd870d00307',
  }),
  reads('hard-link-to-hard-link', {
    title: 'A hard link line can name an earlier hard link line',
    requirements: ['DUMP-038'],
    class: 'EDGE_CASE',
    input:
      root +
      line({ nlink: '3' }) +
      line({ path: '/b', mode: '@100644', payload: '/a' }) +
      line({ path: '/c', mode: '@100644', payload: '/b' }),
    digest: '4f9a3eb523410f5f2c315e1c442dad8eb102422c65270dc5c8132214f4230a2c',
  }),
  reads('objects-written', {
    title: 'An object has path and digest, only a path, or neither',
    requirements: ['DUMP-039'],
    input:
      root +
      line({ size: '5', payload: object, digest }) +
      line({ path: '/b', size: '5', payload: object }) +
      line({ path: '/c', size: '5' }),
    digest: '241393faa034f5927486990a77a7d481a7cfe95700bc05eea9ac3e91a69c37a6',
  }),
  reads('object-path-is-no-digest', {
    title: 'The path of an object is independent of its digest',
    requirements: ['DUMP-039'],
    class: 'KNOWN_BUG',
    links: [links.rsTree],
    confirmedBy: ['mkcomposefs 1.0.8'],
    input: root + line({ size: '5', payload: `12/${'34'.repeat(31)}`, digest }),
    digest: '8148ddddf626329d59dc072f7d3edbbefdd286f4e72dfde0f9b7c76d0ea77dee',
  }),
  reads('digest-in-capitals', {
    title: 'Every hex digit of DIGEST is read, in either case',
    requirements: ['DUMP-046'],
    class: 'EDGE_CASE',
    input: root + line({ size: '5', payload: `01/${everyDigit.slice(2).toLowerCase()}`, digest: everyDigit }),
    digest: '4f1d534c2282a32139a60a4c9ab8a69402df00f71a774e1405b9d74212a0da1f',
  }),
  reads('empty-file-with-object', {
    title: 'A file of size 0 has no object, even if one is named',
    requirements: ['DUMP-040'],
    class: 'KNOWN_BUG',
    links: [links.rsTree],
    confirmedBy: ['mkcomposefs 1.0.8'],
    input: root + line({ payload: object, digest }) + line({ path: '/b', payload: object }),
    digest: '08ef0b3c925a1d868029de94348d3aedb7250a0a7c9396da42623a13ae7963fc',
  }),
  reads('empty-file-with-a-long-digest', {
    title: 'A file of size 0 has no digest, whatever its length',
    requirements: ['DUMP-054', 'DUMP-040', 'EROFS-003'],
    class: 'KNOWN_BUG',
    links: [links.rsParser],
    confirmedBy: ['mkcomposefs 1.0.8'],
    input: root + line({ payload: `5a/${'5a'.repeat(63)}`, digest: '5a'.repeat(64) }),
    digest: 'b8d6206e85b56c9132740d4c1028072c84af63b64d0ad45d908a0803e6779e62',
  }),
  reads('content-of-512-bytes', {
    title: 'CONTENT of 512 bytes is accepted',
    requirements: ['DUMP-042'],
    class: 'LIMIT',
    input: root + line({ size: '512', content: 'c'.repeat(512) }),
    digest: '26b0710670d4f52a9cc79f083f0463ecf5601a91adde01c9810aff17cfec3d35',
  }),
  reads('content-of-513-bytes', {
    title: 'CONTENT of 513 bytes is read correctly or rejected',
    requirements: ['DUMP-044'],
    class: 'LIMIT',
    optional: longContent,
    control: 'content-of-512-bytes',
    confirmedBy: ['mkcomposefs 1.0.8'],
    input: root + line({ size: '513', content: 'c'.repeat(513) }),
    digest: '4842ee31a83c641284875317292ea8dd24c7575b5e2b79ccb24d5e257239e3d3',
  }),
  reads('content-of-5000-bytes', {
    title: 'CONTENT of 5000 bytes is read correctly or rejected',
    requirements: ['DUMP-044'],
    class: 'LIMIT',
    optional: longContent,
    control: 'content-of-512-bytes',
    confirmedBy: ['mkcomposefs 1.0.8'],
    input: root + line({ size: '5000', content: 'c'.repeat(5000) }),
    digest: '1c0abe59df134bd8f5e25bbe05eaff097a17e2fa13f1e61ab72b0ffd23ff95bf',
  }),
  reads('object-path-of-4095-bytes', {
    title: 'An object path of 4095 bytes is accepted',
    requirements: ['DUMP-047'],
    class: 'LIMIT',
    confirmedBy: ['mkcomposefs 1.0.8'],
    links: [links.rsTree],
    input: root + line({ size: '5', payload: 'o'.repeat(4095), digest }),
    digest: 'c06433cf56c62f0dd4208b290d5ce80489052f5c39bdcc9eb9c3df66df8e2e54',
  }),
  reads('symlink', {
    title: 'A symlink target can be any path',
    requirements: ['DUMP-048'],
    input: root + line({ mode: '120777', size: '13', payload: '..//a/./b/../c' }),
    digest: 'db03f2dd99834fe3ec59ff87e1cd368355a908442e0774e89d9ec55ff6f253a0',
  }),
  reads('symlink-of-1024-bytes', {
    title: 'A symlink target of 1024 bytes is accepted',
    requirements: ['DUMP-048'],
    class: 'LIMIT',
    input: root + line({ mode: '120777', size: '1024', payload: 't'.repeat(1024) }),
    digest: '90882165b73c837f2ba5e8a13df962c0f20ac29f27e68cec954c5aae04e3ae9d',
  }),
  reads('symlink-of-4095-bytes', {
    title: 'A symlink target of 4095 bytes is accepted',
    requirements: ['DUMP-048'],
    class: 'LIMIT',
    links: [links.rsParser],
    confirmedBy: ['mkcomposefs 1.0.8'],
    input: root + line({ mode: '120777', size: '4095', payload: 't'.repeat(4095) }),
    digest: '35ef19790ce9794feee48ca4aec4c197c8e1d705e3249c2071643d687d666a4f',
  }),
  reads('xattrs', {
    title: 'A VALUE can contain equals signs, be empty, or be one dash',
    requirements: ['DUMP-049', 'DUMP-050'],
    input: root + line({ xattrs: 'user.a=b=c user.b= user.c=- user.d\\x3d=\\x3d user.e==' }),
    digest: '742402d5dbe7ad628fbd4e1448c5fb0d772cd273047d16523c1e0cdd9df8792e',
  }),
  reads('xattr-name-of-255-bytes', {
    title: 'An extended attribute name of 255 bytes is accepted',
    requirements: ['DUMP-050'],
    class: 'LIMIT',
    input: root + line({ xattrs: `user.${'k'.repeat(250)}=v` }),
    digest: '450f2fa372ba3bce915c640c9080ff67dad06c16422de29024d5aa048fb5df20',
  }),
  reads('xattrs-of-32767', {
    title: 'Extended attributes with a sum of 32767 are accepted',
    requirements: ['DUMP-052'],
    class: 'LIMIT',
    input: root + line({ xattrs: `user.a=${'v'.repeat(32742)}` }),
    digest: 'c7fd2d0b85933019395572a69b9bba0a999ccde76a61a8671cc54a492ad2d487',
  }),
  reads('xattrs-of-32767-escaped', {
    title: 'Escapes do not count toward the limit of extended attributes',
    requirements: ['DUMP-052'],
    class: 'KNOWN_BUG',
    links: [links.cParser],
    confirmedBy: ['composefs-rs 0.9.0'],
    input: root + line({ xattrs: `user.a=${'\\x80'.repeat(32742)}` }),
    digest: 'ec32b9c32866558e9391a6306e172df2bd6d1ac0cc25220dd2645c3131fd7519',
  }),
];
