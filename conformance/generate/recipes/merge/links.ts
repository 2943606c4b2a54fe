/**
 * Hard links: their targets, and when the target is looked up.
 * @module
 */

import { accepts, COMPOSEFS_RS, rejects } from '../../builder/layers.ts';
import { character, directory, fifo, file, hardlink, pax, symlink } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';

const ORDER = 'https://github.com/composefs/composefs-rs/issues/8';

export const recipes: readonly Recipe[] = [
  accepts('merge/link', {
    title: 'A hard link adds a name to an inode',
    requirements: ['MERGE-011', 'TREE-001'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs/issues/444'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [file('z', 'x', { mode: 0o600, mtime: 9 }), hardlink('a', 'z'), directory('d/'), hardlink('d/m', 'a')],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/a 1 100600 3 0 0 0 9.0 - x -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/m 0 @100600 - - - - 0.0 /a - -',
      '/z 0 @100600 - - - - 0.0 /a - -',
    ],
  }),
  accepts('merge/link-across-layers', {
    title: 'A hard link can name a file of a lower layer',
    requirements: ['MERGE-011'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[file('a', 'x')], [], [hardlink('b', 'a')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/a 1 100644 2 0 0 0 0.0 - x -', '/b 0 @100644 - - - - 0.0 /a - -'],
  }),
  accepts('merge/link-across-layers-external', {
    title: 'A hard link to an external file of a lower layer has its digest',
    requirements: ['MERGE-011', 'TREE-005'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/podman-container-tools/container-libs/pull/1190'],
    confirmedBy: [COMPOSEFS_RS, 'fsverity-utils 1.6'],
    layers: [
      [file('z', 'x'.repeat(65), { mtime: 5 })],
      [hardlink('a', 'z')],
      [hardlink('b', 'a'), file('.wh.z')],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/a 65 100644 2 0 0 0 5.0 09/7e39836f303d0546bb49f570157f2c38ed302d174dfdfa1a45887bcd6ad4d6 - ' +
        '097e39836f303d0546bb49f570157f2c38ed302d174dfdfa1a45887bcd6ad4d6',
      '/b 0 @100644 - - - - 0.0 /a - -',
    ],
  }),
  accepts('merge/link-implies-parent', {
    title: 'A hard link implies its missing parent directories',
    requirements: ['MERGE-007', 'MERGE-011'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/apple/container/issues/1797'],
    layers: [[file('app', 'x'), hardlink('a/b/app', 'app')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/a 0 40755 3 0 0 0 0.0 - - -',
      '/a/b 0 40755 2 0 0 0 0.0 - - -',
      '/a/b/app 1 100644 2 0 0 0 0.0 - x -',
      '/app 0 @100644 - - - - 0.0 /a/b/app - -',
    ],
  }),
  accepts('merge/link-then-target-replaced', {
    title: 'A hard link keeps a lower file that a later entry replaces',
    requirements: ['MERGE-011', 'MERGE-016'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [[file('f', 'old')], [hardlink('h', 'f'), file('f', 'new')]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/f 3 100644 1 0 0 0 0.0 - new -',
      '/h 3 100644 1 0 0 0 0.0 - old -',
    ],
  }),
  accepts('merge/link-survives', {
    title: 'An inode keeps its remaining names',
    requirements: ['MERGE-016'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/containers/storage/pull/1727'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [file('a', 'x'), hardlink('b', 'a'), hardlink('c', 'a'), hardlink('d', 'a')],
      [file('.wh.a'), file('b', 'y')],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/b 1 100644 1 0 0 0 0.0 - y -',
      '/c 1 100644 2 0 0 0 0.0 - x -',
      '/d 0 @100644 - - - - 0.0 /c - -',
    ],
  }),
  accepts('merge/link-target-anew', {
    title: 'A hard link can name what its layer creates after a whiteout',
    requirements: ['MERGE-011', 'MERGE-021'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    layers: [[file('f', 'old')], [file('f', 'new'), hardlink('h', 'f'), file('.wh.f')]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/f 3 100644 2 0 0 0 0.0 - new -',
      '/h 0 @100644 - - - - 0.0 /f - -',
    ],
  }),
  accepts('merge/link-attributes', {
    title: 'The attributes of a hard link entry have no effect',
    requirements: ['MERGE-012'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ 'SCHILY.xattr.user.a': '1' }),
        file('a', 'x', { mode: 0o600, uid: 1, gid: 2, mtime: 3 }),
        pax({ 'SCHILY.xattr.user.a': '9', mtime: '9.5' }),
        hardlink('b', 'a', { mode: 0o777, uid: 7, gid: 8, mtime: 9 }),
      ],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/a 1 100600 2 1 2 0 3.0 - x - user.a=1',
      '/b 0 @100600 - - - - 0.0 /a - -',
    ],
  }),
  accepts('merge/link-to-any-leaf', {
    title: 'A hard link can name a symlink, a device or a fifo',
    requirements: ['MERGE-011'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs/issues/444',
      'https://github.com/composefs/composefs/issues/446',
    ],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        symlink('l', 'nowhere'),
        hardlink('l2', 'l'),
        character('n', 1, 3),
        hardlink('n2', 'n'),
        fifo('p'),
        hardlink('p2', 'p'),
      ],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/l 7 120777 2 0 0 0 0.0 nowhere - -',
      '/l2 0 @120777 - - - - 0.0 /l - -',
      '/n 0 20600 2 0 0 259 0.0 - - -',
      '/n2 0 @20600 - - - - 0.0 /n - -',
      '/p 0 10644 2 0 0 0 0.0 - - -',
      '/p2 0 @10644 - - - - 0.0 /p - -',
    ],
  }),
  accepts('merge/link-over-directory', {
    title: 'A hard link replaces a directory or a file at its path',
    requirements: ['MERGE-009', 'MERGE-011'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [file('a', 'x'), directory('d/'), file('d/f'), file('g', 'y')],
      [hardlink('d', 'a'), hardlink('g', 'a')],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/a 1 100644 3 0 0 0 0.0 - x -',
      '/d 0 @100644 - - - - 0.0 /a - -',
      '/g 0 @100644 - - - - 0.0 /a - -',
    ],
  }),
  accepts('merge/device-zero', {
    title: 'A character device 0:0 in an archive is an ordinary device',
    requirements: ['MERGE-011', 'MERGE-017'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs/issues/436'],
    layers: [[file('f', 'x')], [character('f', 0, 0), character('g', 0, 0), hardlink('h', 'g')]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/f 0 20600 1 0 0 0 0.0 - - -',
      '/g 0 20600 2 0 0 0 0.0 - - -',
      '/h 0 @20600 - - - - 0.0 /g - -',
    ],
  }),
  rejects('merge/link-missing', {
    title: 'A hard link to a missing target is rejected',
    requirements: ['MERGE-013'],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link',
    layers: [[hardlink('a', 'z')]],
  }),
  rejects('merge/link-later', {
    title: 'A hard link to a later entry is rejected',
    requirements: ['MERGE-013'],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link',
    layers: [[hardlink('a', 'z'), file('z', 'x')]],
  }),
  rejects('merge/link-deleted-before', {
    title: 'A hard link to what an earlier whiteout deletes is rejected',
    requirements: ['MERGE-013', 'MERGE-011'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/cvmfs/cvmfs/issues/4286'],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link-across-layers',
    layers: [[file('a', 'x')], [file('.wh.a'), hardlink('b', 'a')]],
  }),
  rejects('merge/link-deleted-after', {
    title: 'A hard link to what a later whiteout deletes is rejected',
    requirements: ['MERGE-013', 'MERGE-021'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link-across-layers',
    layers: [[file('a', 'x')], [hardlink('b', 'a'), file('.wh.a')]],
  }),
  rejects('merge/link-deleted-opaque', {
    title: 'A hard link to what an opaque marker deletes is rejected',
    requirements: ['MERGE-013', 'MERGE-020'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link-across-layers',
    layers: [
      [directory('d/'), file('d/a', 'x')],
      [hardlink('d/b', 'd/a'), file('d/.wh..wh..opq')],
    ],
  }),
  rejects('merge/link-through-symlink', {
    title: 'A hard link through a symlink is rejected',
    requirements: ['MERGE-013'],
    class: 'HOSTILE',
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link',
    layers: [[directory('d/'), file('d/f'), symlink('l', 'd'), hardlink('a', 'l/f')]],
  }),
  rejects('merge/link-reserved', {
    title: 'A hard link to a reserved entry of AUFS is rejected',
    requirements: ['MERGE-013', 'MERGE-026'],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/reserved-names',
    layers: [[file('.wh..wh.plnk/1.2', 'x'), hardlink('a', '.wh..wh.plnk/1.2')]],
  }),
  rejects('merge/link-directory', {
    title: 'A hard link to a directory is rejected',
    requirements: ['MERGE-014'],
    code: 'MERGE_LINK_DIRECTORY',
    control: 'merge/link',
    layers: [[directory('d/'), hardlink('a', 'd')]],
  }),
  rejects('merge/link-itself', {
    title: 'A hard link to itself is rejected',
    requirements: ['MERGE-015'],
    code: 'MERGE_LINK_SELF',
    control: 'merge/link-across-layers',
    layers: [[file('a', 'x')], [hardlink('a', './a')]],
  }),
  rejects('merge/link-itself-missing', {
    title: 'A hard link to its own path is rejected if nothing exists there',
    requirements: ['MERGE-015'],
    code: 'MERGE_LINK_SELF',
    control: 'merge/link',
    layers: [[hardlink('a', './a')]],
  }),
  rejects('merge/link-to-implied', {
    title: 'A hard link to a directory that it would imply has no target',
    requirements: ['MERGE-011', 'MERGE-013'],
    code: 'MERGE_LINK_TARGET',
    control: 'merge/link-implies-parent',
    layers: [[hardlink('a/b', 'a')]],
  }),
  rejects('merge/link-into-itself', {
    title: 'A hard link into the directory that it replaces is rejected',
    requirements: ['MERGE-015'],
    class: 'EDGE_CASE',
    code: 'MERGE_LINK_SELF',
    control: 'merge/link-over-directory',
    layers: [[directory('d/'), file('d/f')], [hardlink('d', 'd/f')]],
  }),
];
