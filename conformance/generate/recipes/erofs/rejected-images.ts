/**
 * Images with one defect in the header, the superblock, an inode or its data.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { put, sameAs, set, withBlock } from './changes.ts';
import {
  COMPOSEFS_INFO,
  COMPOSEFS_RS,
  external,
  FSCK,
  file,
  longPath,
  movedTail,
  nestedXattrs,
  rejectsImage,
  symlink,
} from './parts.ts';

/** The compact form of an empty file of mode 0644 with one name. */
const emptyFile = `\0\0\0\0\xa4\x81\x01${'\0'.repeat(25)}`;

/** Bytes in which a dumpfile field is escaped. */
function escaped(text: string): string {
  return Array.from(text, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
}

export const recipes: readonly Recipe[] = [
  rejectsImage('image-too-short', {
    title: 'A file that ends within the superblock is rejected as an image',
    requirements: ['EROFS-050'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    cut: image => image.slice(0, 1151),
    reasons: ['EROFS_SIZE'],
  }),
  rejectsImage('image-empty', {
    title: 'An empty file is rejected as an image',
    requirements: ['EROFS-050'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    cut: () => new Uint8Array(0),
    reasons: ['EROFS_SIZE'],
  }),
  rejectsImage('image-truncated', {
    title: 'An image without its last block is rejected',
    requirements: ['EROFS-050'],
    // Nothing is in the block that is missing, so the size is the only defect.
    changes: [set('superblock', 'blocks', sameAs('superblock', 'blocks', 1))],
    reasons: ['EROFS_SIZE'],
  }),
  rejectsImage('image-followed', {
    title: 'An image followed by one more block is rejected',
    requirements: ['EROFS-050'],
    cut: image => Uint8Array.from([...image, ...new Uint8Array(4096)]),
    reasons: ['EROFS_SIZE'],
  }),
  rejectsImage('header-magic', {
    title: 'A plain EROFS image without the composefs header is rejected',
    requirements: ['EROFS-051'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    changes: [set('composefs header', 'magic', 0)],
    reasons: ['EROFS_MAGIC'],
  }),
  rejectsImage('superblock-magic', {
    title: 'A superblock with a wrong magic is rejected',
    requirements: ['EROFS-051'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    changes: [set('superblock', 'magic', 0xe0f5e1e3)],
    reasons: ['EROFS_MAGIC'],
  }),
  ...(
    [
      ['header-version', 'composefs header', 'version', 2, [COMPOSEFS_RS, COMPOSEFS_INFO]],
      ['header-flags', 'composefs header', 'flags', 2, []],
      ['composefs-version-3', 'composefs header', 'composefs_version', 3, [COMPOSEFS_RS]],
      ['compatible-features', 'superblock', 'feature_compat', 7, []],
      ['incompatible-features', 'superblock', 'feature_incompat', 4, []],
      ['block-size', 'superblock', 'blkszbits', 9, [COMPOSEFS_RS, FSCK]],
      ['superblock-slots', 'superblock', 'sb_extslots', 1, [COMPOSEFS_RS]],
      ['metadata-block', 'superblock', 'meta_blkaddr', 1, [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK]],
    ] as const
  ).map(([slug, where, field, value, confirmedBy]) =>
    rejectsImage(slug, {
      title: `A ${where} with ${field} ${value} is rejected`,
      requirements: ['EROFS-052'],
      confirmedBy,
      changes: [set(where, field, value)],
      reasons: ['EROFS_FORMAT'],
    }),
  ),
  ...(
    [
      ['superblock-directory-blocks', 'directory blocks of 8192 bytes', 90 - 84],
      ['superblock-reserved', 'a last byte other than 0', 127 - 84],
    ] as const
  ).map(([slug, what, offset]) =>
    rejectsImage(slug, {
      title: `A superblock with ${what} is rejected`,
      requirements: ['EROFS-100'],
      changes: [put('superblock', 'reserved', offset, '\x01')],
      reasons: ['EROFS_FORMAT'],
    }),
  ),
  rejectsImage('time-negative', {
    title: 'A build time before 1970 is rejected',
    requirements: ['EROFS-053'],
    changes: [set('superblock', 'build_time', 2n ** 64n - 1n)],
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('time-nanoseconds', {
    title: 'An mtime with 10^9 nanoseconds is rejected',
    requirements: ['EROFS-053'],
    changes: [set('inode /object', 'i_mtime_nsec', 1_000_000_000)],
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('time-of-2-63', {
    title: 'An mtime of 2^63 seconds is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    changes: [set('inode /object', 'i_mtime', 2n ** 63n)],
    control: 'read-times',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('path-of-4097-bytes', {
    title: 'A path of 4097 bytes is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    image: longPath,
    // The name before it takes the first letter of "oz".
    changes: [set('inode /d, entry oz', 'nameoff', sameAs('inode /d, entry oz', 'nameoff', 1))],
    control: 'read-path-of-4096-bytes',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('content-too-long', {
    title: 'An inline file of 5001 bytes is rejected',
    requirements: ['EROFS-053'],
    confirmedBy: [COMPOSEFS_INFO],
    class: 'LIMIT',
    image: root + file('/a', 'a'.repeat(5000)),
    changes: [set('inode /a', 'i_size', 5001)],
    control: 'read-content-512',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('target-too-long', {
    title: 'A symlink of 4096 bytes is rejected',
    requirements: ['EROFS-053'],
    confirmedBy: [COMPOSEFS_INFO],
    class: 'LIMIT',
    image: root + symlink('/s', 't'.repeat(4095)),
    changes: [set('inode /s', 'i_size', 4096), put('inode /s', 'target', 4095, 't')],
    control: 'read-limits',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('external-too-large', {
    title: 'An external file of more than 2^53 bytes is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    image: root + external('/a', String(2n ** 53n)),
    changes: [set('inode /a', 'i_size', 2n ** 53n + 1n)],
    control: 'read-objects',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('nid-after-image', {
    title: 'An entry that leads past the end of the image is rejected',
    requirements: ['EROFS-054'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    changes: [set('inode /dir, entry a', 'nid', 2n ** 63n)],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('nid-before-inodes', {
    title: 'An entry that leads to an inode before byte 1152 is rejected',
    requirements: ['EROFS-054'],
    changes: [
      set('inode /dir, entry a', 'nid', 1),
      // Nothing is in the slot before.
      put('composefs header', 'unused', 16, emptyFile),
    ],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('root-nid-after-image', {
    title: 'A root past the end of the image is rejected',
    requirements: ['EROFS-054'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    changes: [set('superblock', 'root_nid', 65535)],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('block-after-image', {
    title: 'A directory whose blocks are past the end of the image is rejected',
    requirements: ['EROFS-054'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /', 'i_u', 4_000_000_000)],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('reference-after-image', {
    title: 'A shared attribute past the end of the image is rejected',
    requirements: ['EROFS-054'],
    confirmedBy: [COMPOSEFS_RS],
    changes: [set('inode /file', 'shared xattr reference 0', 1_000_000_000)],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('xattrs-after-image', {
    title: 'Attributes that end past the end of the image are rejected',
    requirements: ['EROFS-054'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    changes: [set('inode /null', 'i_xattr_icount', 65535)],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('inodes-overlap', {
    title: 'An inode inside the content of a file is rejected',
    requirements: ['EROFS-055'],
    class: 'HOSTILE',
    image: root + line({ size: '32', content: escaped(emptyFile) }) + file('/b'),
    changes: [set('inode /, entry b', 'nid', sameAs('inode /, entry a', 'nid', 1))],
    reasons: ['EROFS_OVERLAP'],
  }),
  rejectsImage('blocks-overlap', {
    title: 'Two files with the same data block are rejected',
    requirements: ['EROFS-055', 'EROFS-080'],
    class: 'HOSTILE',
    image: root + file('/a', 'a'.repeat(4096)) + file('/b', 'b'.repeat(4096)),
    changes: [set('inode /b', 'i_u', sameAs('inode /a', 'i_u'))],
    control: 'read-content-5000',
    reasons: ['EROFS_OVERLAP'],
  }),
  rejectsImage('blocks-in-superblock', {
    title: 'A file whose content is in block 0 is rejected',
    requirements: ['EROFS-055'],
    changes: [set('inode /file', 'i_format', 0)],
    reasons: ['EROFS_OVERLAP'],
  }),
  rejectsImage('shared-overlap', {
    title: 'A shared attribute inside the value of a different one is rejected',
    requirements: ['EROFS-055', 'EROFS-080'],
    class: 'HOSTILE',
    image: nestedXattrs,
    changes: [set('inode /b', 'shared xattr reference 1', 340)],
    control: 'read-shared',
    reasons: ['EROFS_OVERLAP'],
  }),
  rejectsImage('compact-time', {
    title: 'A compact inode with a time of its own is rejected',
    requirements: ['EROFS-101'],
    class: 'HOSTILE',
    changes: [set('inode /file', 'i_reserved', 1)],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('mode-without-type', {
    title: 'An inode without a type is rejected',
    requirements: ['EROFS-056'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /null', 'i_mode', 0o666)],
    reasons: ['EROFS_INODE', 'EROFS_DIRECTORY'],
  }),
  rejectsImage('layout-compressed', {
    title: 'A compressed file is rejected',
    requirements: ['EROFS-056'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    changes: [set('inode /file', 'i_format', 2), set('inode /file', 'i_u', sameAs('superblock', 'blocks'))],
    cut: withBlock,
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('layout-chunks-of-symlink', {
    title: 'A symlink with chunks is rejected',
    requirements: ['EROFS-056'],
    // The target begins with the address of a hole.
    changes: [set('inode /symlink', 'i_format', 8), set('inode /symlink', 'target', '\xff\xff\xff\xffet')],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('directory-without-entries', {
    title: 'A directory of 0 bytes is rejected',
    requirements: ['EROFS-057'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /dir', 'i_size', 0), set('inode /dir', 'i_format', 0)],
    reasons: ['EROFS_INODE', 'EROFS_DIRECTORY'],
  }),
  rejectsImage('symlink-without-target', {
    title: 'A symlink of 0 bytes is rejected',
    requirements: ['EROFS-057'],
    confirmedBy: [COMPOSEFS_INFO],
    changes: [set('inode /symlink', 'i_size', 0), set('inode /symlink', 'i_format', 0)],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('device-with-size', {
    title: 'A device with content is rejected',
    requirements: ['EROFS-057'],
    changes: [set('inode /null', 'i_size', 1), set('inode /null', 'i_u', sameAs('superblock', 'blocks'))],
    cut: withBlock,
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('target-with-nul', {
    title: 'A symlink target with a NUL is rejected',
    requirements: ['EROFS-057'],
    changes: [set('inode /symlink', 'target', 'tar\0et')],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('root-not-directory', {
    title: 'A root that is a regular file is rejected',
    requirements: ['EROFS-057'],
    confirmedBy: [COMPOSEFS_RS],
    changes: [set('superblock', 'root_nid', sameAs('inode /, entry file', 'nid'))],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('tail-crosses-block', {
    title: 'A tail that crosses a block is rejected',
    requirements: ['EROFS-058'],
    confirmedBy: [FSCK],
    image: movedTail,
    // The tail of /n begins with a block, after a gap before /n. Here, /n begins one slot earlier.
    changes: [
      set('inode /, entry n', 'nid', sameAs('inode /, entry n', 'nid', -1)),
      put('inode /n', 'i_format', -32, (image, start) => image.slice(start, start + 32 + 500)),
    ],
    control: 'read-moved-tail',
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('tail-empty', {
    title: 'An inline layout without a tail is rejected',
    requirements: ['EROFS-058'],
    changes: [set('inode /dir/b', 'i_format', 4)],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('chunk-size', {
    title: 'A chunk size that does not follow from the file size is rejected',
    requirements: ['EROFS-059'],
    changes: [set('inode /object', 'i_u', 2)],
    reasons: ['EROFS_INODE'],
  }),
  rejectsImage('chunk-with-address', {
    title: 'A chunk that is not a hole is rejected',
    requirements: ['EROFS-059'],
    changes: [set('inode /object', 'chunk 0', 1)],
    reasons: ['EROFS_INODE'],
  }),
];
