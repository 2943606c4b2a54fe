/**
 * Images with one defect in the extended attributes of an inode.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { put, set, setFilter } from './changes.ts';
import { COMPOSEFS_INFO, COMPOSEFS_RS, FSCK, file, rejectsImage } from './parts.ts';

/** A file with one attribute that is not shared. */
const oneXattr = root + file('/a', 'x', { xattrs: 'vser.k=v' });

export const recipes: readonly Recipe[] = [
  rejectsImage('xattr-references-overflow', {
    title: 'More references than fit into the attribute body are rejected',
    requirements: ['EROFS-060'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    changes: [set('inode /file', 'h_shared_count', 255)],
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-value-overflow', {
    title: 'A value that ends past the attribute body is rejected',
    requirements: ['EROFS-060'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /file, xattr user.two', 'e_value_size', 2)],
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-prefix-unknown', {
    title: 'An attribute with an unknown prefix number is rejected',
    requirements: ['EROFS-061'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    changes: [
      set('inode /file, xattr user.two', 'e_name_index', 7),
      setFilter('inode /file', [6, 'selinux'], [1, 'one'], [7, 'two']),
    ],
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-prefix-in-suffix', {
    title: 'A known prefix spelled out in the suffix is rejected',
    requirements: ['EROFS-061'],
    image: oneXattr,
    changes: [set('inode /a, xattr vser.k', 'name', 'user.k'), setFilter('inode /a', [0, 'user.k'])],
    control: 'read-attributes',
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-name-empty', {
    title: 'An attribute with an empty full name is rejected',
    requirements: ['EROFS-061'],
    image: oneXattr,
    // The name becomes the beginning of the value.
    changes: [
      set('inode /a, xattr vser.k', 'e_name_len', 0),
      set('inode /a, xattr vser.k', 'e_value_size', 7),
      setFilter('inode /a', [0, '']),
    ],
    control: 'read-attributes',
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-name-nul', {
    title: 'An attribute name with a NUL is rejected',
    requirements: ['EROFS-061'],
    image: oneXattr,
    changes: [set('inode /a, xattr vser.k', 'name', 'vser\0k'), setFilter('inode /a', [0, 'vser\0k'])],
    control: 'read-attributes',
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-twice', {
    title: 'Two attributes of the same name are rejected',
    requirements: ['EROFS-062'],
    changes: [
      set('inode /file, xattr user.two', 'name', 'one'),
      setFilter('inode /file', [6, 'selinux'], [1, 'one'], [1, 'one']),
    ],
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-filter', {
    title: 'A name filter that hides an attribute is rejected',
    requirements: ['EROFS-063'],
    class: 'HOSTILE',
    changes: [set('inode /object', 'h_name_filter', 0xffffffff)],
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-body-without-attributes', {
    title: 'An attribute body without attributes is rejected',
    requirements: ['EROFS-099'],
    confirmedBy: [FSCK],
    image: root + file('/z'),
    // /z is the last inode, and zero bytes follow it.
    changes: [set('inode /z', 'i_xattr_icount', 1), put('inode /z', 'i_reserved2', 4, '\xff'.repeat(4))],
    control: 'read-empty',
    reasons: ['EROFS_XATTR'],
  }),
  rejectsImage('xattr-name-of-256-bytes', {
    title: 'An attribute with a name of 256 bytes is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    image: root + file('/a', 'x', { xattrs: `user.${'n'.repeat(250)}=vw` }),
    // The name takes the first byte of the value.
    changes: [
      set(`inode /a, xattr user.${'n'.repeat(250)}`, 'e_name_len', 251),
      set(`inode /a, xattr user.${'n'.repeat(250)}`, 'e_value_size', 1),
      setFilter('inode /a', [1, `${'n'.repeat(250)}v`]),
    ],
    control: 'read-limits',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('image-xattrs-of-32768', {
    title: 'An inode with an attribute sum of 32768 is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    image: root + file('/a', 'x', { xattrs: `user.a=${'v'.repeat(32742)}` }),
    // The value takes one of the zero bytes after it.
    changes: [set('inode /a, xattr user.a', 'e_value_size', 32743)],
    control: 'read-limits',
    reasons: ['EROFS_LIMIT'],
  }),
];
