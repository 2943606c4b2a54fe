/**
 * Images that a reader accepts, and their trees.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { sameAs, set } from './changes.ts';
import {
  COMPOSEFS_INFO,
  COMPOSEFS_RS,
  devicesBesideStubs,
  digest,
  directory,
  external,
  file,
  hardlink,
  LINUX,
  names,
  nestedXattrs,
  object,
  objectOf,
  reads,
  sample,
  symlink,
  whiteout,
} from './parts.ts';

/** Source files of readers that return a different tree for some of the images. */
const readers = {
  c: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer-erofs.c',
  rs: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/erofs/reader.rs',
} as const;

const marks =
  'trusted.overlay.opaque=x trusted.overlay.whiteouts= user.overlay.opaque=x user.overlay.whiteouts=';
const mark = 'trusted.overlay.whiteout= user.overlay.whiteout=';
const long = 'ab'.repeat(64);

export const recipes: readonly Recipe[] = [
  reads('read-empty', {
    title: 'An image of a root with stubs is read as an empty root',
    requirements: ['EROFS-078', 'EROFS-070', 'EROFS-071', 'DUMP-006'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: root,
  }),
  reads('read-tree', {
    title: 'Directories, files, links and devices are read',
    requirements: [
      'EROFS-078',
      'EROFS-058',
      'EROFS-071',
      'EROFS-075',
      'EROFS-077',
      'DUMP-002',
      'DUMP-007',
      'DUMP-008',
      'DUMP-010',
      'DUMP-012',
      'DUMP-013',
    ],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: sample,
  }),
  reads('read-directories', {
    title: 'A directory with several data blocks and a tail is read',
    requirements: ['EROFS-078', 'EROFS-058', 'EROFS-064', 'DUMP-001'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image:
      directory('/', { nlink: '3' }) +
      directory('/d') +
      names(300, 30)
        .map(name => file(`/d/${name}`))
        .join(''),
  }),
  reads('read-hardlinks', {
    title: 'All names of an inode are read as names of one inode',
    requirements: ['EROFS-078', 'EROFS-069', 'DUMP-009', 'DUMP-016'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image:
      directory('/', { nlink: '3' }) +
      directory('/a') +
      symlink('/a/x', 'target', { nlink: '3' }) +
      hardlink('/a/y', '/a/x', '120777') +
      hardlink('/z', '/a/x', '120777'),
  }),
  reads('read-whiteouts', {
    title: 'Escaped whiteouts are read as whiteouts without their attributes',
    requirements: ['EROFS-073', 'EROFS-072', 'EROFS-078'],
    class: 'KNOWN_BUG',
    links: [readers.c, readers.rs],
    image:
      directory('/', { nlink: '3', xattrs: 'user.k=v' }) +
      whiteout('/00') +
      directory('/d') +
      whiteout('/d/w', { mode: '20600', xattrs: 'user.k=v' }),
  }),
  reads('read-whiteout-replaced', {
    title: 'An attribute that a whiteout attribute replaced is not restored',
    requirements: ['EROFS-073', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS],
    class: 'EDGE_CASE',
    image:
      directory('/', { nlink: '3' }) +
      directory('/d', { xattrs: 'trusted.overlay.opaque=y user.k=v' }) +
      whiteout('/d/w', { xattrs: 'user.overlay.whiteout=long' }),
    tree: directory('/', { nlink: '3' }) + directory('/d', { xattrs: 'user.k=v' }) + whiteout('/d/w'),
  }),
  reads('read-marks-without-whiteout', {
    title: 'Attributes like those of whiteouts are kept without a whiteout',
    requirements: ['EROFS-073', 'EROFS-074'],
    class: 'KNOWN_BUG',
    links: [readers.c, readers.rs],
    image:
      directory('/', { nlink: '4' }) +
      directory('/a', { xattrs: marks }) +
      file('/a/1', 'x', { xattrs: mark }) +
      file('/a/2', '', { xattrs: mark, nlink: '2' }) +
      hardlink('/a/3', '/a/2') +
      directory('/b') +
      file('/b/w', '', { xattrs: mark }),
  }),
  reads('read-escapes', {
    title: 'Escaped attribute names are unescaped once',
    requirements: ['EROFS-074', 'EROFS-070'],
    class: 'KNOWN_BUG',
    links: [readers.rs],
    confirmedBy: [COMPOSEFS_INFO],
    image:
      directory('/', { nlink: '3', xattrs: 'trusted.overlay.opaque=n' }) +
      directory('/d', { xattrs: 'trusted.overlay.=1 trusted.overlay.opaque=y trusted.overlay.overlay.x=2' }) +
      external('/f', '65', { xattrs: 'trusted.overlay.metacopy=3 trusted.overlay.redirect=4' }),
  }),
  reads('read-objects', {
    title: 'External files have the object and digest that the image names',
    requirements: ['EROFS-075', 'EROFS-077', 'EROFS-059', 'DUMP-004', 'DUMP-014'],
    class: 'KNOWN_BUG',
    links: [readers.rs],
    confirmedBy: [COMPOSEFS_INFO],
    image:
      root +
      external('/a', '65', { payload: object, digest }) +
      external('/b', '65', { payload: object }) +
      external('/c', '65') +
      external('/d', String(2n ** 53n)),
  }),
  reads('read-object-path-unpadded', {
    title: 'The path of an object ends where its attribute ends',
    requirements: ['EROFS-075', 'DUMP-012'],
    class: 'KNOWN_BUG',
    links: [readers.c],
    image: root + external('/a', '65', { payload: 'a/b', xattrs: 'user.k=v' }),
  }),
  reads('read-bytes', {
    title: 'All bytes of names, targets and attributes are printed escaped',
    requirements: ['EROFS-078', 'DUMP-003', 'DUMP-005'],
    confirmedBy: [COMPOSEFS_INFO],
    image:
      directory('/') +
      line({
        path: '/\\x01\\xff=\\\\',
        size: '5',
        content: '\\n\\x00\\x20-=',
        xattrs: 'user.\\x3d=\\x3d\\t',
      }) +
      line({ path: '/s', size: '3', mode: '120777', payload: '\\xe9\\r=' }),
  }),
  reads('read-sha512', {
    title: 'A SHA-512 object digest is read',
    requirements: ['EROFS-075'],
    needs: ['digest.sha512-12'],
    image: root + external('/a', '65', { payload: objectOf(long), digest: long }),
    algorithm: 'fsverity-sha512-12',
  }),
  reads('read-chunks-in-block', {
    title: 'Chunk addresses that would cross a block are not read',
    requirements: ['EROFS-059'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'LIMIT',
    image: root + external('/a', String(2n ** 53n), { xattrs: 'user.k=v' }) + file('/b', 'b'),
  }),
  reads('read-attributes', {
    title: 'Shared and unshared attributes of every prefix are read',
    requirements: ['EROFS-078', 'EROFS-061', 'EROFS-063', 'DUMP-015'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image:
      root +
      file('/a', '', {
        xattrs: 'lustre.lov=1 other=2 security.s=3 system.posix_acl_accessX=4 trusted.t=5 user.=6',
      }) +
      file('/b', '', { xattrs: 'lustre.lov=1 other=2 security.s=7 trusted.t= user.=6' }),
  }),
  reads('read-shared', {
    title: 'Shared attributes are read whatever their values contain',
    requirements: ['EROFS-055', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: nestedXattrs,
  }),
  reads('read-devices-beside-stubs', {
    title: 'Devices with names that only contain the name of a stub are read',
    requirements: ['EROFS-071', 'EROFS-072'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: devicesBesideStubs,
  }),
  reads('read-block-device-0', {
    title: 'A block device with device number 0 is not a whiteout',
    requirements: ['EROFS-072', 'EROFS-078'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: root + line({ path: '/b', mode: '60644' }),
  }),
  reads('read-times', {
    title: 'Times of compact and extended inodes are read',
    requirements: ['EROFS-078', 'EROFS-053', 'DUMP-011'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: directory('/', { mtime: '5.6' }) + file('/a', '', { mtime: '9223372036854775807.999999999' }),
  }),
  reads('read-other-numbers', {
    title: 'Fields that do not affect the tree are not checked',
    requirements: ['EROFS-079'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image: sample,
    changes: [
      set('composefs header', 'flags', 1),
      set('superblock', 'inos', 7),
      set('inode /file', 'i_ino', 9),
      set('inode /symlink', 'i_reserved2', 1),
    ],
  }),
  reads('read-attributes-unsorted', {
    title: 'The attributes of an inode are read in any order',
    requirements: ['EROFS-079'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image: root + file('/a', '', { xattrs: 'user.one=1 user.two=2' }),
    changes: [set('inode /a, xattr user.one', 'name', 'two'), set('inode /a, xattr user.two', 'name', 'one')],
    tree: root + file('/a', '', { xattrs: 'user.one=2 user.two=1' }),
  }),
  reads('read-moved-blocks', {
    title: 'Data blocks are read in any order',
    requirements: ['EROFS-079'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    ...swapped(),
  }),
  reads('read-content-512', {
    title: 'Content of 512 bytes is read',
    requirements: ['EROFS-078', 'EROFS-058'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: root + file('/a', 'a'.repeat(512)),
  }),
  reads('read-content-5000', {
    title: 'Content of 5000 bytes is read',
    requirements: ['EROFS-058', 'EROFS-053'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'LIMIT',
    image: root + file('/a', 'a'.repeat(5000)),
  }),
  reads('read-limits', {
    title: 'The longest names, targets, paths and attributes are read',
    requirements: ['EROFS-053', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    // Without fsck.erofs, which does not follow a path of 4096 bytes.
    checkers: [LINUX],
    class: 'LIMIT',
    image:
      directory('/', { nlink: '3' }) +
      deep(16, 'd'.repeat(255)) +
      file(`/${'f'.repeat(255)}`, 'x', { xattrs: `trusted.overlay.${'x'.repeat(239)}=v` }) +
      symlink('/s', 't'.repeat(4095)) +
      file('/x', '', { xattrs: `user.a=${'v'.repeat(32742)}` }),
  }),
];

/** Nested directories; with 16 names of 255 bytes, the last path has 4096 bytes. */
function deep(depth: number, name: string): string {
  return Array.from({ length: depth }, (_, i) =>
    directory(`/${name}`.repeat(i + 1), i + 1 < depth ? { nlink: '3' } : {}),
  ).join('');
}

/** A tree with two directories of one block each, and the changes that swap the two blocks. */
function swapped(): { image: string; tree: string; changes: ReturnType<typeof set>[] } {
  const tree = (first: string, second: string): string =>
    directory('/', { nlink: '4' }) +
    directory('/a') +
    [...names(30, 80)].map(name => file(`/a/${first}${name}`)).join('') +
    directory('/b') +
    [...names(30, 80)].map(name => file(`/b/${second}${name}`)).join('') +
    line({ path: '/c' });
  return {
    image: tree('x', 'y'),
    tree: tree('y', 'x'),
    changes: [
      set('inode /a', 'i_u', sameAs('inode /b', 'i_u')),
      set('inode /b', 'i_u', sameAs('inode /a', 'i_u')),
      set('inode /a, entry .', 'nid', sameAs('inode /b, entry .', 'nid')),
      set('inode /b, entry .', 'nid', sameAs('inode /a, entry .', 'nid')),
    ],
  };
}
