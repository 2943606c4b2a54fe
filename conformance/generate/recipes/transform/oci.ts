/**
 * The OCI transforms and the xattr policies.
 * @module
 */

import { accepts, COMPOSEFS_RS, type LayersTreeFacts } from '../../builder/layers.ts';
import { directory, file, hardlink, pax, symlink } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';

/** A merged tree with transform oci. */
function transformed(id: string, facts: LayersTreeFacts & { readonly tree: readonly string[] }): Recipe {
  return accepts(`transform/${id}`, { ...facts, params: { transform: 'oci', ...facts.params } });
}

const xattrs = pax({
  'SCHILY.xattr.security.capability': 'c',
  'SCHILY.xattr.security.capability2': 'no',
  'SCHILY.xattr.security.ima': 'no',
  'SCHILY.xattr.security.selinux': 'no',
  'SCHILY.xattr.system.posix_acl_access': 'no',
  'SCHILY.xattr.trusted.a': 'no',
  'SCHILY.xattr.user.a': 'u',
  'SCHILY.xattr.userb': 'no',
});

export const recipes: readonly Recipe[] = [
  transformed('root', {
    title: 'The root has the attributes of /usr',
    requirements: ['XFORM-001', 'TREE-008'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/pull/209',
      'https://github.com/composefs/composefs-rs/issues/34',
    ],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('./', { mode: 0o700, uid: 1, gid: 1, mtime: 1 }),
        pax({ mtime: '1700000000.123456789', 'SCHILY.xattr.security.capability': 'c' }),
        directory('usr/', { mode: 0o2751, uid: 3, gid: 4 }),
        file('usr/f', 'x'),
      ],
    ],
    tree: [
      '/ 0 42751 3 3 4 0 1700000000.123456789 - - - security.capability=c',
      '/usr 0 42751 2 3 4 0 1700000000.123456789 - - - security.capability=c',
      '/usr/f 1 100644 1 0 0 0 0.0 - x -',
    ],
  }),
  transformed('root-upper-layer', {
    title: 'The root has the attributes that the last layer gives /usr',
    requirements: ['XFORM-001', 'XFORM-004'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('usr/', { mode: 0o755, mtime: 5 }), directory('run/', { mtime: 5 })],
      [directory('usr/', { mode: 0o555, mtime: 6 })],
    ],
    tree: ['/ 0 40555 4 0 0 0 6.0 - - -', '/run 0 40755 2 0 0 0 6.0 - - -', '/usr 0 40555 2 0 0 0 6.0 - - -'],
  }),
  transformed('usr-implied', {
    title: 'An implied /usr gives the root its fixed attributes',
    requirements: ['XFORM-001', 'MERGE-007'],
    class: 'EDGE_CASE',
    layers: [[directory('./', { mode: 0o700, mtime: 1 }), file('usr/bin/f', 'x', { mtime: 9 })]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/usr 0 40755 3 0 0 0 0.0 - - -',
      '/usr/bin 0 40755 2 0 0 0 0.0 - - -',
      '/usr/bin/f 1 100644 1 0 0 0 9.0 - x -',
    ],
  }),
  transformed('usr-missing', {
    title: 'Without /usr, the root has fixed attributes',
    requirements: ['XFORM-002', 'XFORM-004', 'XFORM-003'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/generic_tree.rs'],
    layers: [
      [
        directory('./', { mode: 0o700, uid: 7, mtime: 9 }),
        file('app', 'x', { mode: 0o755, mtime: 9 }),
        directory('run/', { mode: 0o711, uid: 5, mtime: 9 }),
        file('run/f'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/app 1 100755 1 0 0 0 9.0 - x -',
      '/run 0 40711 2 5 0 0 0.0 - - -',
    ],
  }),
  transformed('usr-symlink', {
    title: 'A symlink at /usr does not affect the root',
    requirements: ['XFORM-002', 'XFORM-004'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/generic_tree.rs'],
    layers: [
      [
        directory('system/', { mode: 0o700, uid: 7, mtime: 9 }),
        symlink('usr', 'system', { uid: 7, mtime: 9 }),
        directory('run/', { mtime: 9 }),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/run 0 40755 2 0 0 0 0.0 - - -',
      '/system 0 40700 2 7 0 0 9.0 - - -',
      '/usr 6 120777 1 7 0 0 9.0 system - -',
    ],
  }),
  transformed('usr-deleted', {
    title: 'A deleted /usr does not affect the root',
    requirements: ['XFORM-002'],
    class: 'EDGE_CASE',
    layers: [[directory('usr/', { mode: 0o555, mtime: 9 }), file('f')], [file('.wh.usr')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  transformed('run', {
    title: '/run is emptied and keeps all attributes except its mtime',
    requirements: ['XFORM-003', 'XFORM-004', 'XFORM-008'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/bootc-dev/bootc/issues/1898'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ mtime: '1700000000.5' }),
        directory('usr/'),
        pax({ mtime: '9.25', 'SCHILY.xattr.security.capability': 'c', 'SCHILY.xattr.user.a': 'no' }),
        directory('run/', { mode: 0o1711, uid: 5, gid: 6 }),
        file('run/.containerenv'),
        directory('run/lock/'),
        file('run/lock/f'),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 1700000000.500000000 - - -',
      '/run 0 41711 2 5 6 0 1700000000.500000000 - - - security.capability=c',
      '/usr 0 40755 2 0 0 0 1700000000.500000000 - - -',
    ],
  }),
  transformed('run-links', {
    title: 'A hard link elsewhere keeps a file that is removed from /run',
    requirements: ['XFORM-003'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [[directory('usr/'), directory('run/'), file('run/a', 'x'), hardlink('usr/b', 'run/a')]],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/run 0 40755 2 0 0 0 0.0 - - -',
      '/usr 0 40755 2 0 0 0 0.0 - - -',
      '/usr/b 1 100644 1 0 0 0 0.0 - x -',
    ],
  }),
  transformed('run-missing', {
    title: 'A missing /run is not created, and /var/run is not emptied',
    requirements: ['XFORM-005', 'XFORM-003'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[directory('usr/', { mtime: 9 }), directory('var/'), directory('var/run/'), file('var/run/f')]],
    tree: [
      '/ 0 40755 4 0 0 0 9.0 - - -',
      '/usr 0 40755 2 0 0 0 9.0 - - -',
      '/var 0 40755 3 0 0 0 0.0 - - -',
      '/var/run 0 40755 2 0 0 0 0.0 - - -',
      '/var/run/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  transformed('run-symlink', {
    title: 'A symlink at /run is kept, and so is its target',
    requirements: ['XFORM-005'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/generic_tree.rs'],
    layers: [
      [
        directory('usr/', { mtime: 9 }),
        directory('var/run/'),
        file('var/run/f'),
        symlink('run', 'var/run', { mtime: 3 }),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 9.0 - - -',
      '/run 7 120777 1 0 0 0 3.0 var/run - -',
      '/usr 0 40755 2 0 0 0 9.0 - - -',
      '/var 0 40755 3 0 0 0 0.0 - - -',
      '/var/run 0 40755 2 0 0 0 0.0 - - -',
      '/var/run/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  transformed('run-file', {
    title: 'A file at /run is kept',
    requirements: ['XFORM-005'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/generic_tree.rs'],
    layers: [[directory('usr/', { mtime: 9 }), file('run', 'x', { mtime: 3 })]],
    tree: [
      '/ 0 40755 3 0 0 0 9.0 - - -',
      '/run 1 100644 1 0 0 0 3.0 - x -',
      '/usr 0 40755 2 0 0 0 9.0 - - -',
    ],
  }),
  transformed('boot-stays', {
    title: 'Only /run is emptied, not /boot, /sysroot or /tmp',
    requirements: ['XFORM-003', 'TREE-008'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/'),
        directory('boot/'),
        file('boot/f'),
        directory('sysroot/'),
        file('sysroot/f'),
        directory('tmp/'),
        file('tmp/f'),
        directory('usr/run/'),
        file('usr/run/f'),
      ],
    ],
    tree: [
      '/ 0 40755 6 0 0 0 0.0 - - -',
      '/boot 0 40755 2 0 0 0 0.0 - - -',
      '/boot/f 0 100644 1 0 0 0 0.0 - - -',
      '/sysroot 0 40755 2 0 0 0 0.0 - - -',
      '/sysroot/f 0 100644 1 0 0 0 0.0 - - -',
      '/tmp 0 40755 2 0 0 0 0.0 - - -',
      '/tmp/f 0 100644 1 0 0 0 0.0 - - -',
      '/usr 0 40755 3 0 0 0 0.0 - - -',
      '/usr/run 0 40755 2 0 0 0 0.0 - - -',
      '/usr/run/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  transformed('xattrs-allowlist', {
    title: 'Policy allowlist-only keeps only security.capability',
    requirements: ['XFORM-006', 'XFORM-008'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/issues/212',
      'https://github.com/composefs/composefs-rs/issues/337',
      'https://github.com/containers/storage/issues/1608',
      'https://github.com/bootc-dev/bootc/issues/2334',
      'https://github.com/bootc-dev/bootc/issues/2353',
      'https://github.com/osbuild/osbuild/issues/2564',
    ],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[xattrs, directory('usr/'), xattrs, file('usr/f'), xattrs, symlink('usr/l', 'f')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - - security.capability=c',
      '/usr 0 40755 2 0 0 0 0.0 - - - security.capability=c',
      '/usr/f 0 100644 1 0 0 0 0.0 - - - security.capability=c',
      '/usr/l 1 120777 1 0 0 0 0.0 f - - security.capability=c',
    ],
  }),
  transformed('xattrs-user-elsewhere', {
    title: 'Policy keep-user-xattrs removes names with user. elsewhere',
    requirements: ['XFORM-007'],
    class: 'EDGE_CASE',
    needs: ['xattrs.keep-user-xattrs'],
    confirmedBy: [COMPOSEFS_RS],
    params: { xattrs: 'keep-user-xattrs' },
    layers: [
      [
        directory('usr/'),
        pax({
          'SCHILY.xattr.trusted.user.a': 't',
          'SCHILY.xattr.user': 'u',
          'SCHILY.xattr.User.b': 'v',
          'SCHILY.xattr.security.capability.user.c': 'w',
        }),
        file('usr/f'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/usr 0 40755 2 0 0 0 0.0 - - -',
      '/usr/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  transformed('xattrs-user-alone', {
    title: 'Policy keep-user-xattrs keeps user. as a whole name',
    requirements: ['XFORM-007'],
    class: 'EDGE_CASE',
    needs: ['xattrs.keep-user-xattrs'],
    confirmedBy: [COMPOSEFS_RS],
    params: { xattrs: 'keep-user-xattrs' },
    layers: [[directory('usr/'), pax({ 'SCHILY.xattr.user.': 'u' }), file('usr/f')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/usr 0 40755 2 0 0 0 0.0 - - -',
      '/usr/f 0 100644 1 0 0 0 0.0 - - - user.=u',
    ],
  }),
  transformed('xattrs-user', {
    title: 'Policy keep-user-xattrs also keeps the user namespace',
    requirements: ['XFORM-007', 'XFORM-008'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/issues/367',
      'https://github.com/composefs/composefs-rs/issues/337',
    ],
    needs: ['xattrs.keep-user-xattrs'],
    confirmedBy: [COMPOSEFS_RS],
    params: { xattrs: 'keep-user-xattrs' },
    layers: [[xattrs, directory('usr/'), xattrs, file('usr/f'), xattrs, symlink('usr/l', 'f')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - - security.capability=c user.a=u',
      '/usr 0 40755 2 0 0 0 0.0 - - - security.capability=c user.a=u',
      '/usr/f 0 100644 1 0 0 0 0.0 - - - security.capability=c user.a=u',
      '/usr/l 1 120777 1 0 0 0 0.0 f - - security.capability=c user.a=u',
    ],
  }),
];
