/**
 * Images that a reader accepts although a writer makes no such image, or that look like ones that it rejects.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { type Change, put, set, setFilter, startOf, u32 } from './changes.ts';
import {
  COMPOSEFS_INFO,
  COMPOSEFS_RS,
  digest,
  directory,
  external,
  file,
  LINUX,
  labels,
  laterRoot,
  longPath,
  movedTail,
  object,
  objectOf,
  reads,
  sha512,
  symlink,
  tailEndsWithBlock,
} from './parts.ts';
import { shortDirectoryBlock, twoFiles } from './short-block.ts';

const mark = 'trusted.overlay.whiteout= user.overlay.whiteout=';

/** An object whose digest has 64 bytes, and the values of its attributes in an image. */
const longObject = objectOf(sha512);
const overlayOf64 = {
  metacopy: `\0\x44\0\x02${'\xa7'.repeat(64)}`,
  redirect: `/${longObject}`,
};

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
  reads('read-tail-ends-with-block', {
    title: 'A tail that ends with its block is read',
    requirements: ['EROFS-058', 'EROFS-078'],
    class: 'EDGE_CASE',
    image: tailEndsWithBlock,
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
    title: 'Whiteout marks with other values or types are ordinary attributes',
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
      line({ path: '/b/4', mode: '10644', xattrs: mark }),
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
  reads('read-unused-u', {
    title: 'u is not read where nothing is in a data block',
    requirements: ['EROFS-097'],
    class: 'EDGE_CASE',
    image: [
      directory('/', { nlink: '3' }),
      directory('/dir'),
      file('/empty'),
      external('/external', '5000', { payload: object, digest }),
      line({ path: '/fifo', mode: '10644' }),
      file('/file', 'x'),
      line({ path: '/socket', mode: '140644' }),
      symlink('/symlink', 'target'),
    ].join(''),
    changes: [
      ...['dir', 'empty', 'file', 'fifo', 'socket', 'symlink'].map(name =>
        set(`inode /${name}`, 'i_u', 0x01010101),
      ),
      // The low 16 bits of an external file have its chunk size, here 2^13 bytes.
      set('inode /external', 'i_u', 0x01010001),
    ],
  }),
  reads('read-two-algorithms', {
    title: 'Digests of 32 and of 64 bytes are read from one image',
    requirements: ['EROFS-075'],
    class: 'EDGE_CASE',
    // The attributes of /b take the place of those that a writer would make for an object with a long digest.
    image:
      root +
      external('/a', '5000', { payload: object, digest }) +
      external('/b', '5000', { payload: longObject, xattrs: `user.k=${'v'.repeat(63)}` }),
    changes: [
      put(
        'inode /b, xattr trusted.overlay.metacopy',
        'e_name_len',
        0,
        [
          `\x10\x04\x44\0overlay.metacopy${overlayOf64.metacopy}`,
          `\x10\x04\x82\0overlay.redirect${overlayOf64.redirect}\0\0`,
        ].join(''),
      ),
      setFilter('inode /b', [4, 'overlay.metacopy'], [4, 'overlay.redirect']),
    ],
    tree:
      root +
      external('/a', '5000', { payload: object, digest }) +
      external('/b', '5000', { payload: longObject, digest: sha512 }),
  }),
  reads('read-limits-after-escape', {
    title: 'The limits of attributes apply without the escape',
    requirements: ['EROFS-053', 'EROFS-074'],
    class: 'LIMIT',
    // 12 + 7 + 255 + 32493 = 32767; the image has the 8 bytes of the escape in addition.
    image: root + file('/a', '', { xattrs: `trusted.overlay.${'n'.repeat(239)}=${'v'.repeat(32493)}` }),
  }),
  reads('read-short-directory-block', {
    title: 'The last block of a directory ends where its size says',
    requirements: ['EROFS-058', 'EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    class: 'EDGE_CASE',
    image: twoFiles,
    ...shortDirectoryBlock(''),
  }),
];
