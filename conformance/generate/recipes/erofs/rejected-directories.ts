/**
 * Images with corrupted directories, one field at a time.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { put, sameAs, set, startOf, withBlock } from './changes.ts';
import {
  COMPOSEFS_INFO,
  COMPOSEFS_RS,
  directory,
  FSCK,
  file,
  imageOf,
  names,
  rejectsImage,
  type Unreadable,
} from './parts.ts';
import { shortDirectoryBlock, twoFiles } from './short-block.ts';

const long = 'n'.repeat(200);
const longer = 'o'.repeat(100) + 'p'.repeat(100);
/** Two names that one changed field turns into one of 300 bytes and one of 100 bytes. */
const twoLong =
  root.replace('40755 2', '40755 3') + directory('/d') + file(`/d/${long}`) + file(`/d/${longer}`);
/** A directory with several data blocks. */
const blocks =
  directory('/', { nlink: '3' }) +
  directory('/d') +
  names(300, 30)
    .map(name => file(`/d/${name}`))
    .join('');
/**
 * An image with a directory `/d` whose form, attribute body and tail are its last 64 bytes. The tail has `size` bytes,
 * and is that of a valid directory up to there.
 */
function lastBytes(size: number): Required<Pick<Unreadable, 'image' | 'changes' | 'cut'>> {
  // The form has 32 bytes, and the attribute body 12 + 4 + 1 bytes and the value.
  const head = 64 - size;
  const image =
    directory('/', { nlink: '3' }) + directory('/d', { xattrs: `user.k=${'v'.repeat(head - 49)}` });
  const original = imageOf(image);
  return {
    image,
    changes: [
      set('inode /d', 'i_size', size),
      ...['inode /, entry d', 'inode /d, entry .'].map(entry =>
        set(entry, 'nid', (original.length + 4096 - 64) / 32),
      ),
    ],
    cut: changed => {
      const longer = withBlock(changed);
      const form = startOf(original, 'inode /d', 'i_format');
      longer.set(changed.subarray(form, form + 64), longer.length - 64);
      return longer;
    },
  };
}

export const recipes: readonly Recipe[] = [
  rejectsImage('names-between-entries', {
    title: 'A first name that does not begin at a multiple of 12 is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    // All names begin one byte later, after a byte that belongs to nothing.
    changes: [
      set('inode /dir', 'i_size', 54),
      set('inode /dir, entry .', 'nameoff', 49),
      set('inode /dir, entry ..', 'nameoff', 50),
      set('inode /dir, entry a', 'nameoff', 52),
      set('inode /dir, entry b', 'nameoff', 53),
      put('inode /dir, entry .', 'name', 0, '\0...ab'),
    ],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('directory-tail-too-short', {
    title: 'A directory whose tail is shorter than an entry is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [FSCK],
    image: blocks,
    changes: [set('inode /d', 'i_size', 3 * 4096 + 11)],
    control: 'read-directories',
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('directory-names-after-the-image', {
    title: 'A directory whose names begin after the end of the image is rejected',
    requirements: ['EROFS-064'],
    class: 'HOSTILE',
    ...lastBytes(12),
    control: 'read-directories',
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('names-at-0', {
    title: 'A block whose names begin at 0 is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /dir, entry .', 'nameoff', 0)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('names-at-0-in-a-later-block', {
    title: 'A later block of a directory whose names begin at 0 is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [FSCK],
    image: blocks,
    changes: [set(`inode /d, entry ${names(97, 30)[96]}`, 'nameoff', 0)],
    control: 'read-directories',
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('names-after-block', {
    title: 'A block whose names begin past the tail is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    changes: [set('inode /dir, entry .', 'nameoff', 65532)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('name-backwards', {
    title: 'A name that begins before the preceding name is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /dir, entry b', 'nameoff', 48)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('name-after-block', {
    title: 'A name that begins past the tail is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [set('inode /dir, entry b', 'nameoff', 60)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('name-empty', {
    title: 'An empty last name is rejected',
    requirements: ['EROFS-064'],
    confirmedBy: [COMPOSEFS_INFO, FSCK],
    changes: [set('inode /dir, entry b', 'name', '\0')],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('name-without-end', {
    title: 'A last name that goes on after the size of its directory is rejected',
    requirements: ['EROFS-102'],
    image: twoFiles,
    ...shortDirectoryBlock('x'),
    control: 'read-short-directory-block',
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('name-too-long', {
    title: 'A name of more than 255 bytes is rejected',
    requirements: ['EROFS-053'],
    confirmedBy: [COMPOSEFS_INFO, FSCK],
    class: 'LIMIT',
    image: twoLong,
    changes: [set(`inode /d, entry ${longer}`, 'nameoff', 48 + 3 + 300)],
    control: 'read-limits',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('name-with-slash', {
    title: 'A name with a slash is rejected',
    requirements: ['EROFS-065'],
    confirmedBy: [FSCK],
    class: 'HOSTILE',
    changes: [set('inode /, entry object', 'name', 'o/ject')],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('name-with-nul', {
    title: 'A name with a NUL is rejected',
    requirements: ['EROFS-065'],
    class: 'HOSTILE',
    changes: [set('inode /, entry object', 'name', 'o\0ject')],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('names-unsorted', {
    title: 'Names out of order are rejected',
    requirements: ['EROFS-066'],
    confirmedBy: [FSCK],
    changes: [set('inode /dir, entry a', 'name', 'c')],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('names-equal', {
    title: 'Two equal names are rejected',
    requirements: ['EROFS-066'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO, FSCK],
    class: 'HOSTILE',
    changes: [set('inode /dir, entry a', 'name', 'b')],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('names-unsorted-across-blocks', {
    title: 'A name that sorts before one of the preceding block is rejected',
    requirements: ['EROFS-066'],
    confirmedBy: [FSCK],
    image: blocks,
    changes: [set(`inode /d, entry ${names(98, 30)[97]}`, 'name', `00000${'n'.repeat(24)}o`)],
    control: 'read-directories',
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('dot-missing', {
    title: 'A directory without . is rejected',
    requirements: ['EROFS-067'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    changes: [
      set('inode /dir, entry .', 'name', '-'),
      set('inode /dir, entry .', 'nid', sameAs('inode /, entry file', 'nid')),
      set('inode /dir, entry .', 'file_type', 1),
      set('inode /file', 'i_nlink', 3),
    ],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('dot-elsewhere', {
    title: 'A directory whose . is a different directory is rejected',
    requirements: ['EROFS-067'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    class: 'HOSTILE',
    changes: [set('inode /dir, entry .', 'nid', 36)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('dot-dot-elsewhere', {
    title: 'A directory whose .. is not its parent is rejected',
    requirements: ['EROFS-067'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    class: 'HOSTILE',
    changes: [set('inode /dir, entry ..', 'nid', sameAs('inode /, entry dir', 'nid'))],
    reasons: ['EROFS_DIRECTORY'],
  }),
  ...(['.', '..'] as const).map(name =>
    rejectsImage(name === '.' ? 'dot-of-another-type' : 'dot-dot-of-another-type', {
      title: `A ${name} entry with the type of a file is rejected`,
      requirements: ['EROFS-068'],
      changes: [set(`inode /dir, entry ${name}`, 'file_type', 1)],
      reasons: ['EROFS_DIRECTORY'],
    }),
  ),
  rejectsImage('entry-of-another-type', {
    title: 'An entry whose type differs from that of its inode is rejected',
    requirements: ['EROFS-068'],
    changes: [set('inode /dir, entry a', 'file_type', 2)],
    reasons: ['EROFS_DIRECTORY'],
  }),
  rejectsImage('entry-inode-number-above-32-bits', {
    title: 'An inode number whose high half is not 0 is rejected',
    requirements: ['EROFS-054'],
    class: 'HOSTILE',
    // The halves add up to the right number.
    changes: [set('inode /dir, entry a', 'nid', sameAs('inode /dir, entry a', 'nid', 2 ** 32 - 1))],
    reasons: ['EROFS_RANGE'],
  }),
  rejectsImage('directory-cycle', {
    title: 'A directory that leads back to the root is rejected',
    requirements: ['EROFS-069', 'EROFS-080'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    class: 'HOSTILE',
    changes: [
      set('inode /dir, entry a', 'nid', 36),
      set('inode /dir, entry a', 'file_type', 2),
      set('inode /dir', 'i_nlink', 3),
    ],
    reasons: ['EROFS_LINKS'],
  }),
  rejectsImage('directory-twice', {
    title: 'A directory with two names is rejected',
    requirements: ['EROFS-069', 'EROFS-067'],
    confirmedBy: [COMPOSEFS_RS, FSCK],
    class: 'HOSTILE',
    changes: [
      set('inode /dir, entry a', 'nid', sameAs('inode /, entry empty', 'nid')),
      set('inode /dir, entry a', 'file_type', 2),
      set('inode /dir', 'i_nlink', 3),
    ],
    // The one .. of the directory is wrong below one of its two parents (EROFS-067).
    reasons: ['EROFS_LINKS', 'EROFS_DIRECTORY'],
  }),
  rejectsImage('link-count-of-directory', {
    title: 'A wrong link count of a directory is rejected',
    requirements: ['EROFS-069'],
    confirmedBy: [COMPOSEFS_RS],
    changes: [set('inode /dir', 'i_nlink', 3)],
    reasons: ['EROFS_LINKS'],
  }),
  rejectsImage('link-count-of-file', {
    title: 'A wrong link count of a file is rejected',
    requirements: ['EROFS-069'],
    changes: [set('inode /file', 'i_nlink', 1)],
    reasons: ['EROFS_LINKS'],
  }),
];
