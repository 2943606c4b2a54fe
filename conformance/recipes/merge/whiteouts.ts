/**
 * What whiteouts and opaque markers do to the tree below, and what they do not.
 * @module
 */

import { accepts, COMPOSEFS_RS, rejects } from '../../builder/layers.ts';
import { character, directory, file, hardlink, symlink } from '../../builder/tar.ts';
import type { Recipe } from '../recipe.ts';

const ORDER = 'https://github.com/composefs/composefs-rs/issues/8';

export const recipes: readonly Recipe[] = [
  accepts('merge/whiteout', {
    title: 'A whiteout deletes a file of a lower layer',
    requirements: ['MERGE-019', 'MERGE-022'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[file('gone', 'old'), file('kept', 'old')], [file('.wh.gone')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/kept 3 100644 1 0 0 0 0.0 - old -'],
  }),
  accepts('merge/whiteout-deep', {
    title: 'A whiteout deletes a directory with all that is below it',
    requirements: ['MERGE-019', 'MERGE-010'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('a/', { mtime: 5 }), directory('a/b/'), directory('a/b/c/'), file('a/b/c/f'), file('a/f')],
      [file('a/.wh.b')],
    ],
    tree: ['/ 0 40755 3 0 0 0 0.0 - - -', '/a 0 40755 2 0 0 0 5.0 - - -', '/a/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/whiteout-before-entry', {
    title: 'A whiteout before an entry of its name leaves the entry',
    requirements: ['MERGE-021', 'MERGE-003'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[file('f', 'old')], [file('.wh.f'), file('f', 'new')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 3 100644 1 0 0 0 0.0 - new -'],
  }),
  accepts('merge/whiteout-after-entry', {
    title: 'A whiteout after an entry of its name leaves the entry',
    requirements: ['MERGE-021', 'MERGE-003'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    layers: [[file('f', 'old')], [file('f', 'new'), file('.wh.f')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 3 100644 1 0 0 0 0.0 - new -'],
  }),
  accepts('merge/whiteout-in-base', {
    title: 'A whiteout in the base layer deletes nothing',
    requirements: ['MERGE-021', 'MERGE-023'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    layers: [[file('f', 'new'), file('.wh.f'), directory('d/'), file('d/f', 'new'), file('d/.wh..wh..opq')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 3 100644 1 0 0 0 0.0 - new -',
      '/f 3 100644 1 0 0 0 0.0 - new -',
    ],
  }),
  accepts('merge/whiteout-of-nothing', {
    title: 'A whiteout of nothing has no effect and makes no directory',
    requirements: ['MERGE-023', 'MERGE-022'],
    class: 'EDGE_CASE',
    layers: [[directory('d/')], [file('.wh.f'), file('d/.wh.f'), file('e/g/.wh.f'), file('h/.wh..wh..opq')]],
    tree: ['/ 0 40755 3 0 0 0 0.0 - - -', '/d 0 40755 2 0 0 0 0.0 - - -'],
  }),
  accepts('merge/whiteout-directory-anew', {
    title: 'A deleted directory that is made again has only new children',
    requirements: ['MERGE-021', 'MERGE-019'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    layers: [
      [directory('d/', { mode: 0o700, uid: 7 }), file('d/old')],
      [directory('d/', { mode: 0o750 }), file('d/new'), file('.wh.d')],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40750 2 0 0 0 0.0 - - -',
      '/d/new 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/whiteout-any-type', {
    title: 'A whiteout is one by its name, whatever its type and attributes',
    requirements: ['MERGE-017'],
    class: 'EDGE_CASE',
    layers: [
      [file('a'), file('b'), file('c'), file('d'), file('e')],
      [
        directory('.wh.a/'),
        symlink('.wh.b', 'x'),
        hardlink('.wh.c', 'nowhere'),
        character('.wh.d', 1, 3),
        file('.wh.e', 'content', { mode: 0o4755, uid: 7, mtime: 9 }),
      ],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -'],
  }),
  accepts('merge/opaque-any-type', {
    title: 'An opaque marker is one by its name, whatever its type',
    requirements: ['MERGE-018', 'MERGE-020'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('a/'), file('a/f'), directory('b/'), file('b/f')],
      [directory('a/.wh..wh..opq/'), file('b/.wh..wh..opq', 'content')],
    ],
    tree: ['/ 0 40755 4 0 0 0 0.0 - - -', '/a 0 40755 2 0 0 0 0.0 - - -', '/b 0 40755 2 0 0 0 0.0 - - -'],
  }),
  accepts('merge/opaque-first', {
    title: 'An opaque marker before its siblings leaves them',
    requirements: ['MERGE-020', 'MERGE-021'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('d/'), file('d/old')],
      [directory('d/'), file('d/.wh..wh..opq'), file('d/new')],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/new 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/opaque-last', {
    title: 'An opaque marker after its siblings leaves them',
    requirements: ['MERGE-021', 'MERGE-020'],
    class: 'KNOWN_BUG',
    links: [ORDER],
    layers: [
      [directory('d/'), file('d/old'), directory('d/e/'), file('d/e/old')],
      [directory('d/'), file('d/new'), directory('d/e/'), file('d/e/new'), file('d/.wh..wh..opq')],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 3 0 0 0 0.0 - - -',
      '/d/e 0 40755 2 0 0 0 0.0 - - -',
      '/d/e/new 0 100644 1 0 0 0 0.0 - - -',
      '/d/new 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/opaque-keeps-directory', {
    title: 'An opaque directory that has no entry keeps its attributes',
    requirements: ['MERGE-020', 'MERGE-010'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('d/', { mode: 0o1777, uid: 7, gid: 8, mtime: 9 }), file('d/old')],
      [file('d/.wh..wh..opq')],
    ],
    tree: ['/ 0 40755 3 0 0 0 0.0 - - -', '/d 0 41777 2 7 8 0 9.0 - - -'],
  }),
  accepts('merge/opaque-root', {
    title: 'An opaque marker in the root deletes everything below',
    requirements: ['MERGE-020'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('a/'), file('a/b'), file('d')],
      [file('.wh..wh..opq'), file('new')],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/new 0 100644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/opaque-misspelt', {
    title: 'The name .wh..wh.opq is no opaque marker and has no effect',
    requirements: ['MERGE-026'],
    class: 'EDGE_CASE',
    links: ['https://github.com/composefs/composefs-rs/issues/203'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[directory('d/'), file('d/old')], [file('d/.wh..wh.opq')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/old 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/reserved-names', {
    title: 'Names that AUFS left, and what is below them, have no effect',
    requirements: ['MERGE-026'],
    class: 'EDGE_CASE',
    layers: [
      [
        file('.wh..wh.aufs'),
        directory('.wh..wh.orph/'),
        directory('.wh..wh.plnk/'),
        file('.wh..wh.plnk/1.2', 'x'),
        file('.wh..wh.plnk/.wh.f'),
        file('d/.wh..wh.'),
        file('f'),
      ],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/opaque-over-symlink', {
    title: 'A directory in the place of a symlink can be opaque',
    requirements: ['MERGE-023', 'MERGE-009'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('d/'), file('d/f'), symlink('a', 'd')],
      [directory('a/'), file('a/.wh..wh..opq'), file('a/.wh.f')],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/a 0 40755 2 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/whiteout-before-its-directory', {
    title: 'A whiteout before the directory that replaces a file has no effect',
    requirements: ['MERGE-021', 'MERGE-023'],
    class: 'EDGE_CASE',
    layers: [[file('a', 'old')], [file('a/.wh.x'), directory('a/')]],
    tree: ['/ 0 40755 3 0 0 0 0.0 - - -', '/a 0 40755 2 0 0 0 0.0 - - -'],
  }),
  accepts('merge/whiteout-below-replaced', {
    title: 'A whiteout in a directory that becomes a file acts on the directory',
    requirements: ['MERGE-021', 'MERGE-009'],
    class: 'EDGE_CASE',
    layers: [
      [directory('a/'), file('a/x'), file('a/y')],
      [file('a', 'new'), file('a/.wh.x')],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/a 3 100644 1 0 0 0 0.0 - new -'],
  }),
  accepts('merge/whiteout-below-deleted', {
    title: 'A whiteout in a deleted directory has no further effect',
    requirements: ['MERGE-021', 'MERGE-022'],
    class: 'EDGE_CASE',
    layers: [
      [file('d/x'), file('d/y'), file('e/x')],
      [file('.wh.d'), file('d/.wh.x'), file('e/.wh.x'), file('.wh.e')],
    ],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -'],
  }),
  accepts('merge/whiteout-name-prefix', {
    title: 'A name that only holds the prefix in its middle is ordinary',
    requirements: ['MERGE-017'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [[file('a'), file('x.wh.a'), file('.WH.a'), file('.wh')], [file('..wh.a')]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/..wh.a 0 100644 1 0 0 0 0.0 - - -',
      '/.WH.a 0 100644 1 0 0 0 0.0 - - -',
      '/.wh 0 100644 1 0 0 0 0.0 - - -',
      '/a 0 100644 1 0 0 0 0.0 - - -',
      '/x.wh.a 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  rejects('merge/whiteout-bare', {
    title: 'The bare whiteout prefix is refused',
    requirements: ['MERGE-025'],
    code: 'MERGE_WHITEOUT_NAME',
    control: 'merge/whiteout-of-nothing',
    layers: [[directory('d/')], [file('d/.wh.')]],
  }),
  rejects('merge/whiteout-dot', {
    title: 'A whiteout of "." is refused',
    requirements: ['MERGE-025'],
    class: 'HOSTILE',
    code: 'MERGE_WHITEOUT_NAME',
    control: 'merge/whiteout-of-nothing',
    layers: [[directory('d/')], [file('d/.wh..')]],
  }),
  rejects('merge/whiteout-dot-dot', {
    title: 'A whiteout of ".." is refused',
    requirements: ['MERGE-025'],
    class: 'HOSTILE',
    code: 'MERGE_WHITEOUT_NAME',
    control: 'merge/whiteout-of-nothing',
    layers: [[directory('d/')], [file('d/.wh...')]],
  }),
  rejects('merge/whiteout-in-path', {
    title: 'A path through the name of a whiteout is refused',
    requirements: ['MERGE-027'],
    code: 'MERGE_WHITEOUT_PATH',
    control: 'merge/whiteout',
    layers: [[file('gone')], [file('.wh.gone/f')]],
  }),
  rejects('merge/opaque-in-path', {
    title: 'A path through the name of an opaque marker is refused',
    requirements: ['MERGE-027'],
    code: 'MERGE_WHITEOUT_PATH',
    control: 'merge/opaque-any-type',
    layers: [[file('d/.wh..wh..opq/f')]],
  }),
  rejects('merge/whiteout-below-symlink', {
    title: 'A whiteout below a symlink is refused',
    requirements: ['MERGE-024'],
    class: 'HOSTILE',
    code: 'MERGE_PARENT',
    control: 'merge/opaque-over-symlink',
    layers: [[directory('d/'), file('d/f'), symlink('a', 'd')], [file('a/.wh.f')]],
  }),
  rejects('merge/opaque-below-symlink', {
    title: 'An opaque marker below a symlink is refused',
    requirements: ['MERGE-024'],
    class: 'HOSTILE',
    code: 'MERGE_PARENT',
    control: 'merge/opaque-over-symlink',
    layers: [[directory('d/'), file('d/f'), symlink('a', 'd')], [file('a/.wh..wh..opq')]],
  }),
  rejects('merge/whiteout-below-file', {
    title: 'A whiteout below a file of its own layer alone is refused',
    requirements: ['MERGE-024'],
    code: 'MERGE_PARENT',
    control: 'merge/whiteout-below-replaced',
    layers: [[file('x')], [file('a', 'new'), file('a/.wh.x')]],
  }),
  rejects('merge/whiteout-below-deleted-file', {
    title: 'A whiteout below a file that its layer deletes is refused',
    requirements: ['MERGE-024'],
    class: 'EDGE_CASE',
    code: 'MERGE_PARENT',
    control: 'merge/whiteout-below-deleted',
    layers: [[file('a')], [file('.wh.a'), file('a/.wh.x')]],
  }),
];
