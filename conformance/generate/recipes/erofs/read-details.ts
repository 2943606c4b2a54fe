/**
 * Images that a reader accepts although a writer makes no such image, or that look like ones that it rejects.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { type Change, put, sameAs, set, setFilter, startOf, u32, withBlock } from './changes.ts';
import {
  COMPOSEFS_INFO,
  COMPOSEFS_RS,
  digest,
  directory,
  external,
  file,
  imageOf,
  LINUX,
  labels,
  laterRoot,
  longPath,
  movedTail,
  reads,
  symlink,
} from './parts.ts';

const mark = 'trusted.overlay.whiteout= user.overlay.whiteout=';

/** A directory whose entries are a tail of {@link TWO_FILES_SIZE} bytes: those of `.`, `..`, `a` and `b`. */
const twoFiles = directory('/', { nlink: '3' }) + directory('/d') + file('/d/a') + file('/d/b');
const TWO_FILES_SIZE = 4 * 12 + 5;

/** A change of the `size` bytes of a field that a writer sets to 0. */
function ones(where: string, field: string, size: number): Change {
  return put(where, field, 0, '\x01'.repeat(size));
}

export const recipes: readonly Recipe[] = [
  reads('read-path-of-4096-bytes', {
    title: 'A path of 4096 bytes is read',
    requirements: ['EROFS-053', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    // Without fsck.erofs, which does not follow a path of 4096 bytes.
    checkers: [LINUX],
    class: 'LIMIT',
    image: longPath,
  }),
  reads('read-payload-of-4095-bytes', {
    title: 'A payload of 4095 bytes is read',
    requirements: ['EROFS-053', 'EROFS-077'],
    class: 'LIMIT',
    image: root + external('/a', '65', { payload: 'o'.repeat(4095), digest }),
  }),
  reads('read-moved-tail', {
    title: 'A file that was moved to keep its tail in one block is read',
    requirements: ['EROFS-058', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: movedTail,
  }),
  reads('read-later-root', {
    title: 'A root that is later than a file in it is read without its stubs',
    requirements: ['EROFS-071', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: laterRoot,
  }),
  reads('read-labels', {
    title: 'Stubs with the label of the root are left out',
    requirements: ['EROFS-071', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: labels,
  }),
  reads('read-owners', {
    title: 'Owner and group of compact and extended inodes are read',
    requirements: ['EROFS-078', 'DUMP-011'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image:
      root +
      file('/a', '', { uid: '1', gid: '258' }) +
      file('/b', '', { uid: '258', gid: '1' }) +
      file('/c', '', { uid: '67305985', gid: '16909060' }),
  }),
  reads('read-overlay-within-name', {
    title: 'Only names that begin with the overlay prefix are overlay attributes',
    requirements: ['EROFS-074', 'EROFS-076'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image:
      root +
      file('/a', '', {
        xattrs: 'trusted.overlayx=1 user.trusted.overlay.overlay.x=2 user.trusted.overlay.x=3',
      }),
  }),
  reads('read-xattr-without-bytes', {
    title: 'An attribute entry of 4 bytes at the end of its body is read',
    requirements: ['EROFS-060', 'EROFS-078'],
    confirmedBy: [COMPOSEFS_RS],
    class: 'EDGE_CASE',
    image: root + file('/a', '', { xattrs: 'system.posix_acl_access=' }),
  }),
  reads('read-mark-values', {
    title: 'Marks of whiteouts with other values are ordinary attributes',
    requirements: ['EROFS-073', 'EROFS-074'],
    class: 'EDGE_CASE',
    image: [
      directory('/', { nlink: '4' }),
      directory('/a', {
        xattrs:
          'trusted.overlay.opaque=y trusted.overlay.whiteouts= user.overlay.opaque=x user.overlay.whiteouts=',
      }),
      file('/a/w', '', { xattrs: mark }),
      directory('/b', {
        xattrs:
          'trusted.overlay.opaque=x trusted.overlay.whiteouts= user.overlay.opaque=x user.overlay.whiteouts=',
      }),
      file('/b/1', '', { xattrs: 'trusted.overlay.whiteout= user.overlay.whiteout=y' }),
      file('/b/2', '', { xattrs: 'trusted.overlay.whiteout=' }),
      symlink('/b/3', 't', { xattrs: mark }),
    ].join(''),
  }),
  reads('read-shared-inside-inode', {
    title: 'A shared attribute can be inside the attribute body of an inode',
    requirements: ['EROFS-098', 'EROFS-079'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image:
      root +
      file('/x', '', { xattrs: 'user.k=v' }) +
      file('/y', '', { xattrs: 'user.s=t' }) +
      file('/z', '', { xattrs: 'user.s=t' }),
    // References count from the block in which the image inodes end, so /x is behind the stubs.
    changes: [
      put('inode /z', 'shared xattr reference 0', 0, image => {
        const areaBlock = new DataView(image.buffer).getUint32(1024 + 44, true);
        return u32((startOf(image, 'inode /x, xattr user.k', 'e_name_len') - 4096 * areaBlock) / 4);
      }),
      setFilter('inode /z', [1, 'k']),
    ],
    tree:
      root +
      file('/x', '', { xattrs: 'user.k=v' }) +
      file('/y', '', { xattrs: 'user.s=t' }) +
      file('/z', '', { xattrs: 'user.k=v' }),
  }),
  reads('read-reserved', {
    title: 'Bytes that a writer sets to 0 are not read',
    requirements: ['EROFS-097'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image: root + file('/a', 'x', { xattrs: 'user.k=vv' }) + file('/b', '', { mtime: '5.0' }),
    changes: [
      ones('composefs header', 'unused', 16),
      ones('superblock', 'checksum', 4),
      ones('superblock', 'uuid', 16),
      ones('superblock', 'volume_name', 16),
      ones('inode /a', 'i_reserved2', 4),
      ones('inode /a', 'h_reserved', 7),
      ones('inode /a, xattr user.k', 'zero', 1),
      ones('inode /b', 'i_reserved', 2),
      ones('inode /b', 'i_reserved2', 16),
      ones('inode /, entry a', 'reserved', 1),
    ],
  }),
  reads('read-short-directory-block', {
    title: 'The last block of a directory ends where its size says',
    requirements: ['EROFS-058', 'EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image: twoFiles,
    // The entries are in a block of their own, of which they are only the beginning, instead of a tail.
    changes: [set('inode /d', 'i_format', 0), set('inode /d', 'i_u', sameAs('superblock', 'blocks'))],
    cut: image => {
      const entries = startOf(imageOf(twoFiles), 'inode /d, entry .', 'nid');
      const longer = withBlock(image);
      longer.set(image.subarray(entries, entries + TWO_FILES_SIZE), image.length);
      return longer;
    },
  }),
];
