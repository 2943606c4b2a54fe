/**
 * Images with one defect in what they contain for overlayfs: stubs, whiteouts, overlay attributes.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { put, sameAs, set, setFilter, startOf } from './changes.ts';
import {
  COMPOSEFS_RS,
  devicesBesideStubs,
  directory,
  external,
  labels,
  laterRoot,
  object,
  rejectsImage,
} from './parts.ts';

export const recipes: readonly Recipe[] = [
  rejectsImage('opaque-root-missing', {
    title: 'A root that is not opaque is rejected',
    requirements: ['EROFS-070'],
    changes: [set('inode /, xattr trusted.overlay.opaque', 'value', 'n')],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('stub-missing', {
    title: 'A root without one of the stubs is rejected',
    requirements: ['EROFS-071'],
    // The last stub becomes a fifo with a different name, which sorts where the name of the stub was.
    changes: [
      set('inode /, entry ff', 'name', 'fg'),
      set('inode /, entry ff', 'file_type', 5),
      set('inode /ff', 'i_mode', 0o10644),
    ],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('stub-mode', {
    title: 'A stub with a mode other than 0644 is rejected',
    requirements: ['EROFS-071'],
    changes: [set('inode /05', 'i_mode', 0o20600)],
    reasons: ['EROFS_OVERLAY'],
  }),
  ...(
    [
      ['owner', 'i_uid'],
      ['group', 'i_gid'],
    ] as const
  ).map(([what, field]) =>
    rejectsImage(`stub-${what}`, {
      title: `A stub with a different ${what} than the root is rejected`,
      requirements: ['EROFS-071'],
      changes: [set('inode /05', field, 1)],
      reasons: ['EROFS_OVERLAY'],
    }),
  ),
  rejectsImage('stub-time', {
    title: 'A stub with a different mtime than the root is rejected',
    requirements: ['EROFS-071'],
    image: laterRoot,
    changes: [set('inode /05', 'i_mtime_nsec', 6)],
    control: 'read-later-root',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('stub-seconds', {
    title: 'A stub whose mtime differs from the root only in seconds is rejected',
    requirements: ['EROFS-071'],
    image: laterRoot,
    changes: [set('inode /05', 'i_mtime', 2)],
    control: 'read-later-root',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('stub-of-another-label', {
    title: 'A stub with a different label than the root is rejected',
    requirements: ['EROFS-071'],
    image: labels,
    changes: [set('inode /05', 'shared xattr reference 0', sameAs('inode /a', 'shared xattr reference 0'))],
    control: 'read-labels',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('stub-with-an-attribute', {
    title: 'A stub with an attribute besides the label is rejected',
    requirements: ['EROFS-071'],
    image: labels,
    // The slot of the stub has room for one more reference.
    changes: [
      set('inode /05', 'i_xattr_icount', 3),
      set('inode /05', 'h_shared_count', 2),
      put('inode /05', 'shared xattr reference 0', 4, image => {
        const at = startOf(image, 'inode /a', 'shared xattr reference 1');
        return image.slice(at, at + 4);
      }),
      setFilter('inode /05', [6, 'selinux'], [1, 'k']),
    ],
    control: 'read-labels',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('stub-linked', {
    title: 'A stub with two names is rejected',
    requirements: ['EROFS-071'],
    changes: [
      set('inode /, entry 05', 'nid', sameAs('inode /, entry 04', 'nid')),
      set('inode /04', 'i_nlink', 2),
    ],
    reasons: ['EROFS_OVERLAY'],
  }),
  ...(['00a', 'a00'] as const).map(name =>
    rejectsImage(`whiteout-${name}-unescaped`, {
      title: `A whiteout ${name} in the root is not read as a stub`,
      requirements: ['EROFS-072', 'EROFS-071'],
      class: 'HOSTILE',
      image: devicesBesideStubs,
      changes: [set(`inode /${name}`, 'i_u', 0)],
      control: 'read-devices-beside-stubs',
      reasons: ['EROFS_OVERLAY'],
    }),
  ),
  rejectsImage('whiteout-unescaped', {
    title: 'A whiteout that is not escaped is rejected',
    requirements: ['EROFS-072'],
    class: 'HOSTILE',
    changes: [set('inode /null', 'i_u', 0)],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('metacopy-algorithm', {
    title: 'A metacopy attribute with an unknown algorithm number is rejected',
    requirements: ['EROFS-075'],
    confirmedBy: [COMPOSEFS_RS],
    changes: [set('inode /object, xattr trusted.overlay.metacopy', 'value', `\0\x24\0\x03${'Z'.repeat(32)}`)],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('metacopy-algorithm-in-digest', {
    title: 'An unknown algorithm number before a digest like a head is rejected',
    requirements: ['EROFS-075'],
    class: 'HOSTILE',
    changes: [
      set(
        'inode /object, xattr trusted.overlay.metacopy',
        'value',
        `\0\x24\0\x03\0\x24\0\x01${'Z'.repeat(28)}`,
      ),
    ],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('metacopy-of-20-bytes', {
    title: 'A metacopy attribute with a digest of 16 bytes is rejected',
    requirements: ['EROFS-075'],
    class: 'HOSTILE',
    image:
      root +
      external('/a', '65', {
        payload: object,
        xattrs: `trusted.oxerlay.metacopy=\\x00\\x14\\x00\\x02${'Z'.repeat(16)}`,
      }),
    // The empty value that the writer makes, and this one, change their names.
    changes: [
      set('inode /a, xattr trusted.overlay.metacopy', 'name', 'oxerlay.metacopy'),
      set('inode /a, xattr trusted.oxerlay.metacopy', 'name', 'overlay.metacopy'),
    ],
    control: 'read-objects',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('metacopy-missing', {
    title: 'An external file without a metacopy attribute is rejected',
    requirements: ['EROFS-075'],
    changes: [
      set('inode /object, xattr trusted.overlay.metacopy', 'name', 'oxerlay.metacopy'),
      setFilter('inode /object', [4, 'oxerlay.metacopy'], [4, 'overlay.redirect']),
    ],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('redirect-missing', {
    title: 'An external file with a digest but without a redirect is rejected',
    requirements: ['EROFS-077'],
    changes: [
      set('inode /object, xattr trusted.overlay.redirect', 'name', 'oxerlay.redirect'),
      setFilter('inode /object', [4, 'overlay.metacopy'], [4, 'oxerlay.redirect']),
    ],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('redirect-relative', {
    title: 'A relative redirect is rejected',
    requirements: ['EROFS-077'],
    changes: [set('inode /object, xattr trusted.overlay.redirect', 'value', `x${'5a/'}${'5a'.repeat(31)}`)],
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('redirect-upwards', {
    title: 'A redirect that leads out of the store is rejected',
    requirements: ['EROFS-077'],
    class: 'HOSTILE',
    changes: [set('inode /object, xattr trusted.overlay.redirect', 'value', `/../${'5a'.repeat(31)}`)],
    reasons: ['EROFS_OVERLAY'],
  }),
  ...(
    [
      ['nul', 'a NUL', `/5a/\0${'5a'.repeat(30)}5`],
      ['empty-component', 'an empty component', `/5a//${'5a'.repeat(30)}5`],
      ['dot', 'a component "."', `/./a${'5a'.repeat(31)}`],
      ['slash-at-the-end', 'a slash at its end', `/5a/${'5a'.repeat(30)}5/`],
    ] as const
  ).map(([slug, what, value]) =>
    rejectsImage(`redirect-${slug}`, {
      title: `A redirect with ${what} is rejected`,
      requirements: ['EROFS-077'],
      changes: [set('inode /object, xattr trusted.overlay.redirect', 'value', value)],
      reasons: ['EROFS_OVERLAY'],
    }),
  ),
  rejectsImage('redirect-too-long', {
    title: 'A payload of 4096 bytes is rejected',
    requirements: ['EROFS-053'],
    class: 'LIMIT',
    image: root + external('/a', '65', { xattrs: `trusted.oxerlay.redirect=/${'o'.repeat(4096)}` }),
    changes: [
      set('inode /a, xattr trusted.oxerlay.redirect', 'name', 'overlay.redirect'),
      setFilter('inode /a', [4, 'overlay.metacopy'], [4, 'overlay.redirect']),
    ],
    control: 'read-payload-of-4095-bytes',
    reasons: ['EROFS_LIMIT'],
  }),
  rejectsImage('overlay-opaque-directory', {
    title: 'A directory that is opaque to overlayfs is rejected',
    requirements: ['EROFS-076'],
    class: 'HOSTILE',
    image: directory('/', { nlink: '3' }) + directory('/d', { xattrs: 'trusted.oxerlay.opaque=y' }),
    changes: [
      set('inode /d, xattr trusted.oxerlay.opaque', 'name', 'overlay.opaque'),
      setFilter('inode /d', [4, 'overlay.opaque']),
    ],
    control: 'read-escapes',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('overlay-escape-inside', {
    title: 'An overlay attribute that has the escape later in its name is rejected',
    requirements: ['EROFS-076'],
    class: 'HOSTILE',
    image:
      directory('/', { nlink: '3' }) +
      directory('/d', { xattrs: 'trusted.oxerlay.trusted.overlay.overlay.a=y' }),
    changes: [
      set(
        'inode /d, xattr trusted.oxerlay.trusted.overlay.overlay.a',
        'name',
        'overlay.trusted.overlay.overlay.a',
      ),
      setFilter('inode /d', [4, 'overlay.trusted.overlay.overlay.a']),
    ],
    control: 'read-escapes',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('overlay-attribute-elsewhere', {
    title: 'A redirect on a file that is not external is rejected',
    requirements: ['EROFS-076'],
    class: 'HOSTILE',
    changes: [
      set('inode /object', 'i_format', 1),
      set('inode /object', 'i_size', 0),
      set('inode /object', 'i_u', 0),
    ],
    reasons: ['EROFS_OVERLAY'],
  }),
];
