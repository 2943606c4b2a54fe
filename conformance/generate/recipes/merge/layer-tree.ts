/**
 * Standalone layer trees, and requests that do not fit the role.
 * @module
 */

import { accepts, rejects } from '../../builder/layers.ts';
import { character, directory, file, hardlink, pax } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';

const roleLayer = { needs: ['role.layer'], params: { role: 'layer' } } as const;

export const recipes: readonly Recipe[] = [
  accepts('merge/own', {
    ...roleLayer,
    title: 'A standalone layer tree contains only the entries of its layer',
    requirements: ['TREE-009', 'MERGE-028'],
    layers: [
      [
        directory('./', { mode: 0o700, mtime: 9 }),
        directory('usr/', { mode: 0o555, mtime: 9 }),
        file('usr/f', 'x'),
        hardlink('usr/g', 'usr/f'),
        directory('run/'),
        file('run/f'),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/run 0 40755 2 0 0 0 0.0 - - -',
      '/run/f 0 100644 1 0 0 0 0.0 - - -',
      '/usr 0 40555 2 0 0 0 9.0 - - -',
      '/usr/f 1 100644 2 0 0 0 0.0 - x -',
      '/usr/g 0 @100644 - - - - 0.0 /usr/f - -',
    ],
  }),
  accepts('merge/own-whiteout', {
    ...roleLayer,
    title: 'A whiteout is a character device 0:0 with fixed attributes',
    requirements: ['MERGE-031', 'MERGE-028'],
    layers: [
      [
        directory('d/'),
        pax({ 'SCHILY.xattr.security.capability': 'c', mtime: '9.5' }),
        file('d/.wh.f', 'x', { mode: 0o4755, uid: 7, gid: 8 }),
        file('.wh.g'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 0 20644 1 0 0 0 0.0 - - -',
      '/g 0 20644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/own-whiteout-implies', {
    ...roleLayer,
    title: 'A marker in a standalone layer tree implies its directory',
    requirements: ['MERGE-037'],
    class: 'EDGE_CASE',
    layers: [[file('a/b/.wh.f'), file('c/.wh..wh..opq')]],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/a 0 40755 3 0 0 0 0.0 - - -',
      '/a/b 0 40755 2 0 0 0 0.0 - - -',
      '/a/b/f 0 20644 1 0 0 0 0.0 - - -',
      '/c 0 40755 2 0 0 0 0.0 - - - trusted.overlay.opaque=y',
    ],
  }),
  accepts('merge/own-opaque', {
    ...roleLayer,
    title: 'An opaque directory has an attribute and no whiteouts below it',
    requirements: ['MERGE-032', 'MERGE-035'],
    layers: [
      [
        directory('d/', { mtime: 9 }),
        file('d/.wh.x'),
        directory('d/e/'),
        file('d/e/.wh.y'),
        file('d/new'),
        file('d/f/.wh.z'),
        file('d/.wh..wh..opq'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/d 0 40755 3 0 0 0 9.0 - - - trusted.overlay.opaque=y',
      '/d/e 0 40755 2 0 0 0 0.0 - - -',
      '/d/new 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/own-opaque-root', {
    ...roleLayer,
    title: 'An opaque marker in the root makes the root opaque',
    requirements: ['MERGE-032', 'MERGE-035'],
    class: 'EDGE_CASE',
    layers: [[file('.wh.x'), file('new'), file('.wh..wh..opq')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - - trusted.overlay.opaque=y', '/new 0 100644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/own-whiteout-and-directory', {
    ...roleLayer,
    title: 'A whiteout of a directory of its own layer makes it opaque',
    requirements: ['MERGE-033', 'MERGE-035', 'MERGE-038'],
    layers: [[directory('d/'), file('d/f'), file('d/.wh.x'), file('.wh.d'), file('e/f'), file('.wh.e')]],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - - trusted.overlay.opaque=y',
      '/d/f 0 100644 1 0 0 0 0.0 - - -',
      '/e 0 40755 2 0 0 0 0.0 - - - trusted.overlay.opaque=y',
      '/e/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/own-whiteout-and-file', {
    ...roleLayer,
    title: 'A whiteout of a file of its own layer has no effect',
    requirements: ['MERGE-034'],
    layers: [[file('f', 'new'), file('.wh.f')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 3 100644 1 0 0 0 0.0 - new -'],
  }),
  accepts('merge/own-below-whiteout', {
    ...roleLayer,
    title: 'Markers below a whiteout have no effect, in any order',
    requirements: ['MERGE-036', 'MERGE-038'],
    class: 'EDGE_CASE',
    layers: [[file('d/.wh.x'), file('d/e/.wh..wh..opq'), file('.wh.d')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/d 0 20644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/own-xattrs', {
    ...roleLayer,
    title: 'The xattr policy applies to the archive, not to opaque markers',
    requirements: ['MERGE-028', 'MERGE-032'],
    layers: [
      [
        pax({
          'SCHILY.xattr.user.a': '1',
          'SCHILY.xattr.trusted.overlay.opaque': 'x',
          'SCHILY.xattr.security.capability': 'c',
        }),
        directory('d/'),
        file('d/.wh..wh..opq'),
        pax({ 'SCHILY.xattr.trusted.overlay.opaque': 'y' }),
        directory('e/'),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - - security.capability=c trusted.overlay.opaque=y',
      '/e 0 40755 2 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/own-xattrs-user', {
    needs: ['role.layer', 'xattrs.keep-user-xattrs'],
    params: { role: 'layer', xattrs: 'keep-user-xattrs' },
    title: 'A standalone layer tree can keep user attributes',
    requirements: ['MERGE-028', 'XFORM-007'],
    layers: [[pax({ 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.trusted.a': '2' }), file('f')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 0 100644 1 0 0 0 0.0 - - - user.a=1'],
  }),
  rejects('merge/own-link-lower', {
    ...roleLayer,
    title: 'A standalone layer tree with a link to a lower layer is rejected',
    requirements: ['MERGE-029'],
    code: 'MERGE_LINK_LOWER',
    control: 'merge/own',
    layers: [[directory('usr/'), hardlink('usr/g', 'usr/f')]],
  }),
  rejects('merge/own-device-zero', {
    ...roleLayer,
    title: 'A standalone layer tree with a character device 0:0 is rejected',
    requirements: ['MERGE-030'],
    code: 'MERGE_DEVICE',
    control: 'merge/own-whiteout',
    layers: [[character('g', 0, 0)]],
  }),
  rejects('merge/own-whiteout-below-file', {
    ...roleLayer,
    title: 'A whiteout below a file of a standalone layer tree is rejected',
    requirements: ['MERGE-037'],
    code: 'MERGE_PARENT',
    control: 'merge/own-whiteout',
    layers: [[file('d', 'x'), file('d/.wh.f')]],
  }),
  rejects('merge/role-layer-transform', {
    needs: ['role.layer'],
    params: { role: 'layer', transform: 'oci' },
    title: 'Role layer with a transform is rejected',
    requirements: ['TREE-010'],
    code: 'REQUEST_ROLE',
    control: 'merge/own',
    layers: [[directory('usr/')]],
  }),
  rejects('merge/role-layer-none', {
    ...roleLayer,
    title: 'Role layer without a layer is rejected',
    requirements: ['TREE-011'],
    class: 'LIMIT',
    code: 'REQUEST_ROLE',
    control: 'merge/own',
    layers: [],
  }),
  rejects('merge/role-layer-two', {
    ...roleLayer,
    title: 'Role layer with two layers is rejected',
    requirements: ['TREE-011'],
    class: 'LIMIT',
    code: 'REQUEST_ROLE',
    control: 'merge/own',
    layers: [[directory('usr/')], [file('usr/f')]],
  }),
];
