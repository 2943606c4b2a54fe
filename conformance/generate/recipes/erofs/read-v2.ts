/**
 * Images of format v2 that a reader accepts, and corrupted ones that it rejects.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { put, sameAs, set, setFilter } from './changes.ts';
import {
  COMPOSEFS_RS,
  digest,
  directory,
  external,
  FSCK,
  file,
  hardlink,
  object,
  reads as readsV1,
  rejectsImage as rejectsV1,
  sample,
  symlink,
  whiteout,
} from './parts.ts';

const format = 'v2';

/** composefs-rs drops whiteouts in the root that have the name of a stub. */
const rsReader = 'https://github.com/composefs/composefs-rs/blob/v0.9.0/crates/composefs/src/erofs/reader.rs';

/** {@link sample} with every mtime truncated to seconds (EROFS-096). */
const seconds = sample.replaceAll(' 1.5 ', ' 1.0 ').replaceAll(' 1.7 ', ' 1.0 ');

/** A device with two names. */
const linkedDevice = root + line({ mode: '20644', rdev: '259', nlink: '2' }) + hardlink('/b', '/a', '20644');

/** The case `erofs/v2-<slug>`. */
function reads(slug: string, about: Parameters<typeof readsV1>[1]): Recipe {
  return readsV1(`v2-${slug}`, { format, ...about });
}

/** The case `erofs/v2-<slug>`. */
function rejects(slug: string, about: Parameters<typeof rejectsV1>[1]): Recipe {
  return rejectsV1(`v2-${slug}`, { format, control: 'v2-read-tree', ...about });
}

export const recipes: readonly Recipe[] = [
  reads('read-tree', {
    title: 'A tree is read from format v2 without nanoseconds',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-096', 'EROFS-052'],
    image: sample,
    tree: seconds,
  }),
  reads('read-whiteouts', {
    title: 'Whiteouts are read unchanged from an image of format v2',
    class: 'KNOWN_BUG',
    links: [rsReader],
    requirements: ['EROFS-094'],
    checkers: [FSCK],
    image:
      directory('/', { nlink: '3' }) +
      whiteout('/00') +
      directory('/d', { xattrs: 'trusted.overlay.opaque=y user.overlay.whiteouts=' }) +
      file('/d/f', '', { xattrs: 'trusted.overlay.whiteout= user.overlay.whiteout=' }) +
      whiteout('/d/w', { xattrs: 'user.k=v' }),
  }),
  reads('read-objects', {
    title: 'Objects are read from an image of format v2',
    requirements: ['EROFS-093', 'EROFS-075', 'EROFS-077'],
    checkers: [FSCK],
    image:
      root +
      external('/a', '5000', { payload: object, digest }) +
      external('/b', '9007199254740992') +
      external('/c', '1', { nlink: '2', payload: object, xattrs: 'user.k=v' }) +
      hardlink('/d', '/c'),
  }),
  reads('read-attributes', {
    title: 'Attributes are read from an image of format v2',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-096', 'EROFS-061'],
    image:
      root +
      file('/a', '', { xattrs: 'lustre.lov=1 other=2 user.k=v' }) +
      file('/b', '', { xattrs: 'lustre.lov=1 trusted.overlay.x=3 user.k=v' }),
  }),
  reads('read-limits', {
    title: 'The longest content and target are read from format v2',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-095', 'EROFS-058'],
    class: 'LIMIT',
    image: root + file('/a', 'a'.repeat(512)) + symlink('/s', 't'.repeat(1024)),
  }),
  reads('read-xattrs-of-32767', {
    title: 'An attribute sum of 32767 is read from format v2',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-053', 'EROFS-096'],
    class: 'LIMIT',
    image: root + file('/a', 'x', { xattrs: `user.a=${'v'.repeat(32742)}` }),
  }),
  reads('read-linked-device', {
    title: 'A device with two names is read from format v2',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-096', 'EROFS-069'],
    image: linkedDevice,
  }),
  reads('read-nanoseconds', {
    title: 'In format v2, nanoseconds that an image has are returned',
    requirements: ['EROFS-103'],
    class: 'EDGE_CASE',
    image: root + file('/a', 'x'),
    changes: [set('inode /a', 'i_mtime_nsec', 5)],
    tree: root + file('/a', 'x', { mtime: '0.5' }),
  }),
  reads('read-compact', {
    title: 'In format v2, the mtime of a compact inode is the build time',
    requirements: ['EROFS-103', 'EROFS-079'],
    class: 'EDGE_CASE',
    image: root + file('/a', '', { uid: '7' }),
    // Of the extended form, the size and the owner are where the compact form has them.
    changes: [
      set('superblock', 'build_time', 100),
      set('superblock', 'build_time_nsec', 5),
      set('inode /a', 'i_format', 0),
      put('inode /a', 'i_format', 6, '\x01\0'),
    ],
    tree: root + file('/a', '', { uid: '7', mtime: '100.5' }),
  }),
  reads('read-shared-area-block', {
    title: 'In format v2, references count from the shared area block',
    requirements: ['EROFS-103', 'EROFS-079'],
    class: 'EDGE_CASE',
    image:
      root +
      ['/a', '/b', '/c', '/d', '/e', '/f'].map(path => file(path, 'c'.repeat(512))).join('') +
      file('/y', '', { xattrs: 'user.k=v' }) +
      file('/z', '', { xattrs: 'user.k=v' }),
    // A block is 1024 times the unit of a reference.
    changes: [
      set('composefs header', 'flags', 1),
      set('superblock', 'xattr_blkaddr', 1),
      ...['inode /y', 'inode /z'].map(inode => {
        const reference = 'shared xattr reference 0';
        return set(inode, reference, sameAs(inode, reference, -1024));
      }),
    ],
  }),
  rejects('opaque-root', {
    title: 'In format v2, an opaque root is rejected',
    requirements: ['EROFS-076'],
    image: directory('/', { xattrs: 'trusted.oxerlay.opaque=y' }) + file('/a'),
    changes: [
      set('inode /, xattr trusted.oxerlay.opaque', 'name', 'overlay.opaque'),
      setFilter('inode /', [4, 'overlay.opaque']),
    ],
    control: 'v2-read-attributes',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejects('chunk-size', {
    title: 'In format v2, a chunk size other than the largest is rejected',
    requirements: ['EROFS-093'],
    changes: [set('inode /object', 'i_u', 1)],
    reasons: ['EROFS_INODE'],
  }),
  rejects('chunk-with-address', {
    title: 'In format v2, a chunk that is not a hole is rejected',
    requirements: ['EROFS-093'],
    changes: [set('inode /object', 'chunk 0', 1)],
    reasons: ['EROFS_INODE'],
  }),
  rejects('chunk-in-data', {
    title: 'In format v2, a chunk in the data block of a file is rejected',
    requirements: ['EROFS-055', 'EROFS-093'],
    class: 'HOSTILE',
    // The attributes of /z end with block 0, so that its chunk is the beginning of block 1.
    image:
      root +
      file('/f', 'abcd') +
      external('/z', '65', { payload: object, digest, xattrs: `user.k=${'v'.repeat(2495)}` }),
    changes: [set('inode /f', 'i_format', 1), set('inode /f', 'i_u', 1)],
    reasons: ['EROFS_OVERLAP'],
  }),
  rejects('image-whiteout-linked', {
    title: 'In format v2, an image whose whiteout has two names is rejected',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-094', 'EROFS-002'],
    image: linkedDevice,
    control: 'v2-read-linked-device',
    changes: [set('inode /a', 'i_u', 0)],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejects('overlay-attribute', {
    title: 'In format v2, an unescaped opaque attribute is rejected',
    requirements: ['EROFS-076'],
    image: root + file('/a', '', { xattrs: 'trusted.oxerlay.opaque=y' }),
    changes: [
      set('inode /a, xattr trusted.oxerlay.opaque', 'name', 'overlay.opaque'),
      setFilter('inode /a', [4, 'overlay.opaque']),
    ],
    control: 'v2-read-attributes',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejects('lustre-without-number', {
    title: 'In format v2, the prefix lustre. without its number is rejected',
    requirements: ['EROFS-061', 'EROFS-086'],
    image: root + file('/a', '', { xattrs: 'xustre.k=v' }),
    changes: [set('inode /a, xattr xustre.k', 'name', 'lustre.k'), setFilter('inode /a', [0, 'lustre.k'])],
    control: 'v2-read-attributes',
    reasons: ['EROFS_XATTR'],
  }),
  rejects('image-content-513', {
    title: 'In format v2, an image with inline content of 513 bytes is rejected',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-095'],
    class: 'LIMIT',
    image: root + file('/a', 'a'.repeat(512)),
    changes: [set('inode /a', 'i_size', 513)],
    control: 'v2-read-limits',
    reasons: ['EROFS_LIMIT'],
  }),
  rejects('image-target-1025', {
    title: 'In format v2, an image with a target of 1025 bytes is rejected',
    confirmedBy: [COMPOSEFS_RS],
    requirements: ['EROFS-095'],
    class: 'LIMIT',
    image: root + symlink('/s', 't'.repeat(1024)),
    changes: [set('inode /s', 'i_size', 1025), put('inode /s', 'target', 1024, 't')],
    control: 'v2-read-limits',
    reasons: ['EROFS_LIMIT'],
  }),
  rejects('build-time-negative', {
    title: 'In format v2, a build time before 1970 is rejected',
    requirements: ['EROFS-053'],
    changes: [set('superblock', 'build_time', 2n ** 64n - 1n)],
    reasons: ['EROFS_LIMIT'],
  }),
  rejects('image-xattrs-of-32768', {
    title: 'In format v2, an attribute sum of 32768 is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    image: root + file('/a', 'x', { xattrs: `user.a=${'v'.repeat(32742)}` }),
    changes: [set('inode /a, xattr user.a', 'e_value_size', 32743)],
    control: 'v2-read-xattrs-of-32767',
    reasons: ['EROFS_LIMIT'],
  }),
  rejects('reference-after-image', {
    title: 'In format v2, a shared attribute past the image end is rejected',
    requirements: ['EROFS-054'],
    confirmedBy: [COMPOSEFS_RS],
    changes: [set('inode /file', 'shared xattr reference 0', 1024)],
    reasons: ['EROFS_RANGE'],
  }),
  rejects('entry-of-another-type', {
    title: 'In format v2, an entry with a wrong type is rejected',
    requirements: ['EROFS-068'],
    changes: [set('inode /, entry null', 'file_type', 1)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejects('v1-inside', {
    title: 'An image of format v1 with composefs version 2 is rejected',
    requirements: ['EROFS-093', 'EROFS-052'],
    confirmedBy: [],
    format: 'v1',
    needs: ['format.v2'],
    changes: [set('composefs header', 'composefs_version', 2)],
    reasons: ['EROFS_INODE', 'EROFS_OVERLAY'],
  }),
];
