/**
 * Order and numbers of inodes, their two forms, and the superblock.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { directory, external, file, hardlink, names, onlyRust, symlink, writes } from './parts.ts';

const everyKind = [
  directory('/', { nlink: '3' }),
  line({ path: '/block', mode: '60660', rdev: '2049' }),
  line({ path: '/character', mode: '20666', rdev: '259' }),
  directory('/directory'),
  file('/empty'),
  external('/external', '65'),
  line({ path: '/fifo', mode: '10600' }),
  file('/inline', 'content'),
  line({ path: '/socket', mode: '140755' }),
  symlink('/symlink', 'target'),
];

export const recipes: readonly Recipe[] = [
  writes('empty-root', {
    title: 'The image of an empty root consists of the root and 256 stubs',
    requirements: ['EROFS-042', 'EROFS-046', 'EROFS-048', 'EROFS-049', 'EROFS-011', 'EROFS-012', 'EROFS-014'],
    input: root,
    digest: '14a26c957c84f6eb774b91205476adc13196c7c33b9dd97d08d43725ecb90b63',
  }),
  writes('every-kind', {
    title: 'Every type of inode has its type bits, its data and its u field',
    requirements: ['EROFS-031', 'EROFS-035', 'EROFS-040', 'EROFS-041', 'EROFS-037', 'EROFS-039'],
    input: everyKind.join(''),
    digest: '18d2e7500cd98d9029a3e7014ded16cda1fff6a73296ba98fa8923819f77b06b',
  }),
  writes('lines-in-another-order', {
    title: 'The order of lines in the dumpfile does not affect the image',
    requirements: ['EROFS-001', 'EROFS-014'],
    input: [everyKind[0], ...everyKind.slice(1).reverse()].join(''),
    digest: '18d2e7500cd98d9029a3e7014ded16cda1fff6a73296ba98fa8923819f77b06b',
  }),
  writes('root-attributes', {
    title: 'Stubs have the owner, group and mtime of the root, not its mode',
    requirements: ['EROFS-012', 'EROFS-013'],
    input: directory('/', { mode: '42700', uid: '1', gid: '2', mtime: '7.8', xattrs: 'user.k=v' }),
    digest: 'da46db6b72d71c17508efd77280c4c2a83c3c9296b6af8ccb7c2345b9eea401e',
  }),
  writes('mode-bits', {
    title: 'Set-ID and sticky bits are kept',
    requirements: ['EROFS-037'],
    input:
      root +
      file('/a', '', { mode: '104755' }) +
      file('/b', '', { mode: '107777' }) +
      file('/c', '', { mode: '100000' }),
    digest: '600c6670724463775f7c98f84e024a2ef2ab5fba511121d1e35a8d28ace170c9',
  }),
  writes('device-number', {
    title: 'A device number can have 32 bits',
    requirements: ['EROFS-041'],
    input:
      root +
      line({ path: '/a', mode: '60600', rdev: '4294967295' }) +
      line({ path: '/b', mode: '20600', rdev: '1' }) +
      line({ path: '/c', mode: '60600', rdev: '0' }),
    digest: '0940bf3a3882699f355f794cf0cce6ffe4666d8373528906ea29179c8dd5b5cc',
  }),
  writes('build-time-below-root', {
    title: 'The build time is the earliest mtime, even if the root is newer',
    requirements: ['EROFS-018', 'EROFS-036', 'EROFS-038'],
    input:
      directory('/', { mtime: '9.0' }) +
      directory('/d', { mtime: '8.0' }) +
      file('/d/f', '', { mtime: '7.5' }),
    digest: '69c5415599cdeb001df2c03ea9ca35607453bc8283ad39d0d3ed68d0b5a4048a',
  }),
  writes('build-time-nanoseconds', {
    title: 'Nanoseconds decide the build time if the seconds are equal',
    requirements: ['EROFS-018', 'EROFS-036'],
    input:
      directory('/', { mtime: '5.9' }) +
      file('/a', '', { mtime: '5.8' }) +
      file('/b', '', { mtime: '5.999999999' }) +
      file('/c', '', { mtime: '6.7' }),
    digest: '6b4865542292ca73a8868e7e16e878041606bc1b51a88ff66ab3a973eefadf66',
  }),
  writes('largest-time', {
    title: 'The latest possible mtime is stored',
    requirements: ['EROFS-038', 'EROFS-018'],
    class: 'LIMIT',
    input: root + file('/a', '', { mtime: '9223372036854775807.999999999' }),
    digest: '768072539fc8abd13f4ae4e09d2575cca670d9e0b17a07cc30f532bdb69dce15',
  }),
  writes('owner-16-bits', {
    title: 'An owner or group above 65535 requires the extended form',
    requirements: ['EROFS-036', 'EROFS-038'],
    class: 'EDGE_CASE',
    input:
      root +
      file('/a', '', { uid: '65535', gid: '65535' }) +
      file('/b', '', { uid: '65536' }) +
      file('/c', '', { gid: '65536' }) +
      file('/d', '', { uid: '4294967295', gid: '4294967295' }),
    digest: 'b4991e1bb891c5f22bdaa3b35b568569cdad4aa573f1ca07ddce6533746759f1',
  }),
  writes('names-around-dot', {
    title: 'Names that sort before a dot precede the entries . and ..',
    requirements: ['EROFS-014', 'EROFS-016', 'EROFS-030'],
    class: 'EDGE_CASE',
    input:
      directory('/', { nlink: '3' }) +
      directory('/d') +
      ['!', '-', '.a', '...', '..a', '.-', '/'.replace('/', '0')].map(name => file(`/d/${name}`)).join(''),
    digest: '57ba672b5d3df0de982aa29b082ab46c7908a267dfe969aef5ad3e38ec2eb55f',
  }),
  writes('names-as-bytes', {
    title: 'Names are sorted as unsigned bytes',
    requirements: ['EROFS-014', 'EROFS-016'],
    input:
      root +
      ['A', 'a', 'aa', 'a\\x01', '\\x7f', '\\xc3\\xa9', '\\xf0\\x9f\\x98\\x80', '\\xef\\xbf\\xbd']
        .map(name => file(`/${name}`))
        .join(''),
    digest: '83ac4bb137cf8b0783aecf0cf000ab519f7fdef607f438f1d07bd81a4c729fed',
  }),
  writes('name-255', {
    title: 'A name of 255 bytes is stored',
    requirements: ['EROFS-030'],
    class: 'LIMIT',
    input: root + file(`/${'n'.repeat(255)}`),
    digest: '7eda768ccb5de5d90d1be496823d7eb273d80c5d496e807f68d05861ae497ec7',
  }),
  writes('breadth-first', {
    title: 'Inodes are numbered breadth first',
    requirements: ['EROFS-016', 'EROFS-042'],
    input:
      directory('/', { nlink: '4' }) +
      directory('/a', { nlink: '3' }) +
      directory('/a/x') +
      file('/a/x/1', 'one') +
      file('/a/y', 'two') +
      directory('/b') +
      file('/b/z', 'three') +
      file('/c', 'four'),
    digest: '97e85e8033e17481f0d83aae7468fc6cf21be84bf3319f12d7098e22a5b2751f',
  }),
  writes('directory-link-count', {
    title: 'The link count of a directory is 2 plus its subdirectories',
    requirements: ['EROFS-017'],
    input:
      directory('/', { nlink: '5' }) +
      names(3, 5)
        .map(name => directory(`/${name}`))
        .join('') +
      file('/f'),
    digest: '6aa32ef9d97cfdd0b1bf2f6225c651bbb185de94845c5b34bb05cf23bcb02fa4',
  }),
  writes('hardlink', {
    title: 'All names of an inode lead to one nid and are counted',
    requirements: ['EROFS-017', 'EROFS-015'],
    input: root + file('/a', 'x', { nlink: '3' }) + hardlink('/b', '/a') + hardlink('/c', '/a'),
    digest: 'b55cbb3d60492ed4398a10ccfe0956b525bb17901e63b7e48a0a6bf8a67d2912',
  }),
  writes('hardlink-symlink-and-device', {
    title: 'Symlinks and devices can have several names',
    requirements: ['EROFS-017', 'EROFS-031'],
    input:
      root +
      line({ path: '/a', mode: '60600', rdev: '5', nlink: '2' }) +
      symlink('/b', 'target', { nlink: '2' }) +
      hardlink('/c', '/a', '60600') +
      hardlink('/d', '/b', '120777'),
    digest: '39356a090a2bd376cfd6ff44e836cf04a033cc463f8bf10372e7f7059fd19180',
  }),
  writes('hardlink-first-name-deeper', {
    title: 'The first name of an inode is the first in depth-first order',
    requirements: ['EROFS-015', 'EROFS-016'],
    class: 'EDGE_CASE',
    input:
      directory('/', { nlink: '3' }) +
      directory('/a') +
      file('/a/z', 'x', { nlink: '2' }) +
      hardlink('/b', '/a/z'),
    digest: 'bc412c3a9717ecaa20ad7fc12d7793143cad0bbf6300bfc5714a576cc0e512f4',
  }),
  writes('hardlink-first-name-later', {
    title: 'The first name decides, not the line that describes the inode',
    requirements: ['EROFS-015', 'EROFS-001'],
    ...onlyRust,
    input:
      directory('/', { nlink: '3' }) +
      directory('/a') +
      file('/b', 'x', { nlink: '2' }) +
      hardlink('/a/z', '/b'),
    digest: 'bc412c3a9717ecaa20ad7fc12d7793143cad0bbf6300bfc5714a576cc0e512f4',
  }),
  writes('link-count-of-the-dumpfile', {
    title: 'The link count in the dumpfile does not affect the image',
    requirements: ['EROFS-017'],
    ...onlyRust,
    input: root + file('/a', 'x', { nlink: '7' }) + file('/b', 'x', { nlink: '0' }),
    digest: '3f4c21a6804388f842480d9a35d170ea49b35d13cac01081028bd4b730631824',
  }),
];
