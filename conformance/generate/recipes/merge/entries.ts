/**
 * Ordinary entries: what they replace, and their parent directories.
 * @module
 */

import { accepts, COMPOSEFS_RS, rejects } from '../../builder/layers.ts';
import { directory, fifo, file, hardlink, pax, symlink } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';

const IMPLIED = 'https://github.com/composefs/composefs-rs/issues/132';

export const recipes: readonly Recipe[] = [
  accepts('merge/three-layers', {
    title: 'Three layers add, change and delete files',
    requirements: ['MERGE-002', 'MERGE-003', 'TREE-008'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('etc/', { mtime: 1 }),
        file('etc/hosts', 'one', { mtime: 1 }),
        file('etc/passwd', 'root', { mode: 0o600 }),
        directory('tmp/', { mode: 0o1777 }),
      ],
      [file('etc/hosts', 'two', { mtime: 2 }), file('etc/.wh.passwd'), file('tmp/x', 'y')],
      [
        directory('etc/', { mtime: 3, uid: 5 }),
        file('etc/passwd', 'anew'),
        file('.wh.tmp'),
        symlink('bin', 'usr/bin'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/bin 7 120777 1 0 0 0 0.0 usr/bin - -',
      '/etc 0 40755 2 5 0 0 3.0 - - -',
      '/etc/hosts 3 100644 1 0 0 0 2.0 - two -',
      '/etc/passwd 4 100644 1 0 0 0 0.0 - anew -',
    ],
  }),
  accepts('merge/implied-parents', {
    title: 'Implied directories have fixed attributes',
    requirements: ['MERGE-007'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/issues/132',
      'https://github.com/opencontainers/image-spec/issues/970',
      'https://github.com/moby/moby/issues/53257',
      'https://github.com/containers/storage/issues/1929',
      'https://github.com/containers/storage/pull/1289',
    ],
    layers: [[file('a/b/c', 'x', { mode: 0o600, uid: 7, gid: 8, mtime: 9 })]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/a 0 40755 3 0 0 0 0.0 - - -',
      '/a/b 0 40755 2 0 0 0 0.0 - - -',
      '/a/b/c 1 100600 1 7 8 0 9.0 - x -',
    ],
  }),
  accepts('merge/implied-then-explicit', {
    title: 'A later entry sets the attributes of an implied directory',
    requirements: ['MERGE-008', 'MERGE-007'],
    class: 'KNOWN_BUG',
    links: [IMPLIED],
    layers: [
      [file('a/f'), directory('a/', { mode: 0o750, uid: 7, gid: 8, mtime: 9 }), file('b/f')],
      [directory('b/', { mode: 0o700, mtime: 10 })],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/a 0 40750 2 7 8 0 9.0 - - -',
      '/a/f 0 100644 1 0 0 0 0.0 - - -',
      '/b 0 40700 2 0 0 0 10.0 - - -',
      '/b/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/implied-after-deletion', {
    title: 'An implied directory inherits nothing from a deleted one',
    requirements: ['MERGE-007', 'MERGE-019'],
    class: 'EDGE_CASE',
    layers: [
      [directory('d/', { mode: 0o700, uid: 7, mtime: 9 }), file('d/old')],
      [file('.wh.d'), file('d/new')],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/new 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/directory-kept', {
    title: 'Entries below a directory do not change its attributes',
    requirements: ['MERGE-010'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/bootc-dev/bootc/issues/2194',
      'https://github.com/containers/storage/pull/1962',
    ],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('d/', { mode: 0o700, uid: 7, gid: 8, mtime: 9 }),
        file('d/a'),
        file('d/b', '', { mtime: 3 }),
      ],
      [file('d/.wh.a'), file('d/b', 'new', { mtime: 20 }), file('d/c', '', { mtime: 21 })],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40700 2 7 8 0 9.0 - - -',
      '/d/b 3 100644 1 0 0 0 20.0 - new -',
      '/d/c 0 100644 1 0 0 0 21.0 - - -',
    ],
  }),
  accepts('merge/directory-over-directory', {
    title: 'A directory over a directory changes only its attributes',
    requirements: ['MERGE-008'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/issues/132'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.user.b': '2', mtime: '9.5' }),
        directory('d/', { mode: 0o700, uid: 7, gid: 8 }),
        file('d/f'),
        directory('d/e/'),
      ],
      [pax({ 'SCHILY.xattr.user.b': '3' }), directory('d/', { mode: 0o2755 })],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 42755 3 0 0 0 0.0 - - - user.b=3',
      '/d/e 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/file-over-directory', {
    title: 'A file over a directory removes everything below it',
    requirements: ['MERGE-009'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('d/'), directory('d/e/'), file('d/e/f'), directory('g/')],
      [file('d', 'x'), symlink('g', 'd')],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/d 1 100644 1 0 0 0 0.0 - x -', '/g 1 120777 1 0 0 0 0.0 d - -'],
  }),
  accepts('merge/directory-over-file', {
    title: 'A directory over a file or a symlink is empty',
    requirements: ['MERGE-009'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [file('d', 'x'), directory('e/'), file('e/f'), symlink('l', 'e')],
      [directory('d/'), directory('l/')],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/e 0 40755 2 0 0 0 0.0 - - -',
      '/e/f 0 100644 1 0 0 0 0.0 - - -',
      '/l 0 40755 2 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/file-over-file', {
    title: 'A file over a file inherits nothing from it',
    requirements: ['MERGE-009'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ 'SCHILY.xattr.user.a': '1' }),
        file('f', 'old', { mode: 0o4755, uid: 7, gid: 8, mtime: 9 }),
        file('p'),
      ],
      [file('f', 'new'), fifo('p')],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 3 100644 1 0 0 0 0.0 - new -', '/p 0 10644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/path-twice', {
    title: 'Of two entries for one path in a layer, the later one wins',
    requirements: ['MERGE-003', 'MERGE-008', 'MERGE-009'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        file('f', 'one'),
        file('f', 'two'),
        directory('d/', { mode: 0o700 }),
        file('d/f'),
        directory('d/', { mode: 0o750 }),
        directory('e/'),
        file('e/f'),
        file('e', 'x'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40750 2 0 0 0 0.0 - - -',
      '/d/f 0 100644 1 0 0 0 0.0 - - -',
      '/e 1 100644 1 0 0 0 0.0 - x -',
      '/f 3 100644 1 0 0 0 0.0 - two -',
    ],
  }),
  accepts('merge/root-entry', {
    title: 'An entry for the root has no effect',
    requirements: ['MERGE-004', 'MERGE-001'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/containers/storage/issues/743',
      'https://github.com/composefs/composefs-rs/issues/34',
      'https://github.com/confidential-containers/guest-components/issues/1473',
    ],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ 'SCHILY.xattr.user.a': '1', mtime: '9.5' }),
        directory('./', { mode: 0o700, uid: 7, gid: 8 }),
        file('./f'),
        directory('/', { mode: 0o555 }),
      ],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  rejects('merge/parent-file', {
    title: 'An entry below a file is rejected',
    requirements: ['MERGE-006'],
    code: 'MERGE_PARENT',
    control: 'merge/directory-over-file',
    layers: [[file('a', 'x'), file('a/b')]],
  }),
  rejects('merge/parent-symlink', {
    title: 'An entry below a symlink is rejected',
    requirements: ['MERGE-006'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/containerd/containerd/blob/main/pkg/archive/tar.go'],
    code: 'MERGE_PARENT',
    control: 'merge/directory-over-file',
    layers: [[directory('e/'), symlink('l', 'e')], [file('l/f')]],
  }),
  rejects('merge/parent-symlink-outside', {
    title: 'An entry below a symlink that leads outside is rejected',
    requirements: ['MERGE-006'],
    class: 'HOSTILE',
    code: 'MERGE_PARENT',
    control: 'merge/directory-over-file',
    layers: [[symlink('a', '/etc'), file('a/b/c')]],
  }),
  rejects('merge/parent-fifo-deep', {
    title: 'A directory two levels below a fifo is rejected',
    requirements: ['MERGE-006'],
    code: 'MERGE_PARENT',
    control: 'merge/directory-over-file',
    layers: [[fifo('a')], [directory('a/b/c/')]],
  }),
  rejects('merge/refused-though-replaced', {
    title: 'An entry is rejected even if a later one would replace it',
    requirements: ['MERGE-005'],
    class: 'EDGE_CASE',
    code: 'MERGE_LINK_TARGET',
    control: 'merge/path-twice',
    layers: [[hardlink('f', 'nowhere'), file('f', 'two')], [file('.wh.f')]],
  }),
];
