/**
 * Role merged.bootable: emptied /boot and /sysroot, and whether an image has an SELinux policy.
 * @module
 */

import { accepts, COMPOSEFS_RS, type LayersTreeFacts, rejects } from '../../builder/layers.ts';
import { directory, file, hardlink, pax, symlink } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';

const NANOSECONDS = 'https://github.com/composefs/composefs-rs/pull/396';

const needs = ['role.merged.bootable'];
const params = { role: 'merged.bootable', transform: 'oci' };

/** A tree of role merged.bootable. */
function bootable(slug: string, facts: LayersTreeFacts & { readonly tree: readonly string[] }): Recipe {
  return accepts(`transform/bootable-${slug}`, {
    ...facts,
    needs: [...needs, ...(facts.needs ?? [])],
    params: { ...params, ...facts.params },
  });
}

/** The two directories that composefs-rs requires in a bootable image. */
const bootDirectories = [directory('boot/'), directory('sysroot/')];
const emptied = (mtime = '0.0') => ({
  boot: `/boot 0 40755 2 0 0 0 ${mtime} - - -`,
  sysroot: `/sysroot 0 40755 2 0 0 0 ${mtime} - - -`,
});
const { boot, sysroot } = emptied();

/** A layer with a policy that has a defect; everything else is as composefs-rs requires. */
function policy(slug: string, title: string, requirement: string, layer: readonly Uint8Array[]): Recipe {
  return rejects(`transform/bootable-${slug}`, {
    title,
    requirements: [requirement],
    needs,
    params,
    code: 'TRANSFORM_SELINUX',
    control: 'transform/bootable-policy',
    layers: [[directory('usr/'), ...bootDirectories, ...layer]],
  });
}

/** The directories and the config file of Fedora. */
const folder = [directory('etc/'), directory('etc/selinux/')];
const config = 'SELINUX=enforcing\nSELINUXTYPE=targeted\n';
const contexts = [
  directory('etc/selinux/targeted/'),
  directory('etc/selinux/targeted/contexts/'),
  directory('etc/selinux/targeted/contexts/files/'),
  file('etc/selinux/targeted/contexts/files/file_contexts', '/.* system_u:object_r:default_t:s0\n'),
];

export const recipes: readonly Recipe[] = [
  bootable('emptied', {
    title: '/boot and /sysroot are emptied and get the mtime of /usr',
    requirements: ['XFORM-009', 'XFORM-010', 'TREE-013'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/', { mtime: 1700000000 }),
        directory('boot/', { mtime: 5 }),
        directory('boot/efi/', { mtime: 5 }),
        file('boot/efi/f', 'x'),
        symlink('boot/link', 'efi'),
        directory('sysroot/', { mtime: 6 }),
        directory('sysroot/ostree/'),
        file('sysroot/ostree/f', 'x'),
      ],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 1700000000.0 - - -',
      emptied('1700000000.0').boot,
      emptied('1700000000.0').sysroot,
      '/usr 0 40755 2 0 0 0 1700000000.0 - - -',
    ],
  }),
  bootable('nanoseconds', {
    title: 'An emptied directory also gets the nanoseconds of /usr',
    requirements: ['XFORM-010'],
    class: 'KNOWN_BUG',
    links: [NANOSECONDS],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ mtime: '1700000000.123456789' }),
        directory('usr/'),
        pax({ mtime: '9.5' }),
        directory('boot/'),
        directory('sysroot/', { mtime: 9 }),
      ],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 1700000000.123456789 - - -',
      emptied('1700000000.123456789').boot,
      emptied('1700000000.123456789').sysroot,
      '/usr 0 40755 2 0 0 0 1700000000.123456789 - - -',
    ],
  }),
  bootable('keeps-attributes', {
    title: 'An emptied directory keeps its mode, owner and allowed attributes',
    requirements: ['XFORM-009'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/', { mtime: 7 }),
        pax({ 'SCHILY.xattr.security.capability': 'c', 'SCHILY.xattr.user.a': 'no' }),
        directory('boot/', { mode: 0o1700, uid: 5, gid: 6, mtime: 9 }),
        directory('sysroot/', { mode: 0o555, uid: 8, gid: 9 }),
      ],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 7.0 - - -',
      '/boot 0 41700 2 5 6 0 7.0 - - - security.capability=c',
      '/sysroot 0 40555 2 8 9 0 7.0 - - -',
      '/usr 0 40755 2 0 0 0 7.0 - - -',
    ],
  }),
  bootable('transformed', {
    title: 'Role merged.bootable includes the OCI transforms',
    requirements: ['TREE-013', 'XFORM-001', 'XFORM-003'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('usr/', { mode: 0o555, uid: 1, mtime: 7 }), ...bootDirectories, file('boot/f')],
      [directory('run/', { mtime: 9 }), file('run/f'), directory('usr/', { mode: 0o751, gid: 2, mtime: 8 })],
    ],
    tree: [
      '/ 0 40751 6 0 2 0 8.0 - - -',
      emptied('8.0').boot,
      '/run 0 40755 2 0 0 0 8.0 - - -',
      emptied('8.0').sysroot,
      '/usr 0 40751 2 0 2 0 8.0 - - -',
    ],
  }),
  bootable('links', {
    title: 'A hard link elsewhere keeps a file that is removed from /boot',
    requirements: ['XFORM-009'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/'),
        ...bootDirectories,
        file('boot/vmlinuz', 'x'),
        hardlink('usr/vmlinuz', 'boot/vmlinuz'),
        hardlink('sysroot/vmlinuz', 'boot/vmlinuz'),
      ],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 0.0 - - -',
      boot,
      sysroot,
      '/usr 0 40755 2 0 0 0 0.0 - - -',
      '/usr/vmlinuz 1 100644 1 0 0 0 0.0 - x -',
    ],
  }),
  bootable('root-only', {
    title: 'Only the /boot and /sysroot of the root are emptied',
    requirements: ['XFORM-009'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/issues/164'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/'),
        ...bootDirectories,
        directory('usr/boot/'),
        file('usr/boot/f'),
        directory('usr/sysroot/'),
        file('usr/sysroot/f'),
        directory('ostree/'),
        file('ostree/f'),
      ],
    ],
    tree: [
      '/ 0 40755 6 0 0 0 0.0 - - -',
      boot,
      '/ostree 0 40755 2 0 0 0 0.0 - - -',
      '/ostree/f 0 100644 1 0 0 0 0.0 - - -',
      sysroot,
      '/usr 0 40755 4 0 0 0 0.0 - - -',
      '/usr/boot 0 40755 2 0 0 0 0.0 - - -',
      '/usr/boot/f 0 100644 1 0 0 0 0.0 - - -',
      '/usr/sysroot 0 40755 2 0 0 0 0.0 - - -',
      '/usr/sysroot/f 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  bootable('labels', {
    title: 'Without a policy, no inode has a label',
    requirements: ['XFORM-006', 'TREE-013'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/issues/337'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ 'SCHILY.xattr.security.selinux': 'system_u:object_r:usr_t:s0\0' }),
        directory('usr/'),
        pax({ 'SCHILY.xattr.security.selinux': 'system_u:object_r:bin_t:s0\0' }),
        file('usr/f', 'x'),
        ...bootDirectories,
      ],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 0.0 - - -',
      boot,
      sysroot,
      '/usr 0 40755 2 0 0 0 0.0 - - -',
      '/usr/f 1 100644 1 0 0 0 0.0 - x -',
    ],
  }),
  bootable('user-xattrs', {
    title: 'Role merged.bootable can keep user attributes',
    requirements: ['TREE-013', 'XFORM-007'],
    needs: ['xattrs.keep-user-xattrs'],
    params: { xattrs: 'keep-user-xattrs' },
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/'),
        pax({ 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.security.selinux': 'no' }),
        directory('boot/'),
        directory('sysroot/'),
      ],
    ],
    tree: ['/ 0 40755 5 0 0 0 0.0 - - -', `${boot} user.a=1`, sysroot, '/usr 0 40755 2 0 0 0 0.0 - - -'],
  }),
  bootable('missing', {
    title: 'A missing /boot or /sysroot is not created',
    requirements: ['XFORM-011'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-boot/src/integration.rs'],
    layers: [[directory('usr/', { mtime: 7 }), directory('sysroot/'), file('sysroot/f')]],
    tree: ['/ 0 40755 4 0 0 0 7.0 - - -', emptied('7.0').sysroot, '/usr 0 40755 2 0 0 0 7.0 - - -'],
  }),
  bootable('no-directories', {
    title: 'A symlink at /boot and a file at /sysroot are kept',
    requirements: ['XFORM-011'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-boot/src/integration.rs'],
    layers: [
      [
        directory('usr/', { mtime: 7 }),
        directory('efi/'),
        file('efi/f'),
        symlink('boot', 'efi', { mtime: 3 }),
        file('sysroot', 'x', { mtime: 4 }),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 7.0 - - -',
      '/boot 3 120777 1 0 0 0 3.0 efi - -',
      '/efi 0 40755 2 0 0 0 0.0 - - -',
      '/efi/f 0 100644 1 0 0 0 0.0 - - -',
      '/sysroot 1 100644 1 0 0 0 4.0 - x -',
      '/usr 0 40755 2 0 0 0 7.0 - - -',
    ],
  }),
  bootable('usr-missing', {
    title: 'Without /usr, an emptied /boot has mtime 0',
    requirements: ['XFORM-010', 'XFORM-002'],
    class: 'EDGE_CASE',
    layers: [[directory('boot/', { mode: 0o700, mtime: 9 }), file('boot/f'), symlink('usr', 'boot')]],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/boot 0 40700 2 0 0 0 0.0 - - -',
      '/usr 4 120777 1 0 0 0 0.0 boot - -',
    ],
  }),
  policy('policy-not-named', 'A policy of a default type without a config is rejected', 'SELINUX-004', [
    directory('etc/'),
    directory('etc/selinux/'),
    file('etc/selinux/semanage.conf', 'x'),
    ...contexts,
  ]),
  bootable('policy-deleted', {
    title: 'A policy that a layer deletes has no effect',
    requirements: ['SELINUX-003', 'MERGE-019'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        directory('usr/'),
        ...bootDirectories,
        directory('etc/'),
        directory('etc/selinux/'),
        file('etc/selinux/config', config),
      ],
      [file('etc/selinux/.wh.config')],
    ],
    tree: [
      '/ 0 40755 6 0 0 0 0.0 - - -',
      boot,
      '/etc 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux 0 40755 2 0 0 0 0.0 - - -',
      sysroot,
      '/usr 0 40755 2 0 0 0 0.0 - - -',
    ],
  }),
  bootable('policy', {
    title: 'An image is labelled by its SELinux policy',
    requirements: ['SELINUX-001', 'SELINUX-024'],
    class: 'KNOWN_BUG',
    links: ['29', '164', '296'].map(number => `https://github.com/composefs/composefs-rs/issues/${number}`),
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [directory('usr/'), ...bootDirectories, ...folder, file('etc/selinux/config', config), ...contexts],
    ],
    tree: [
      '/ 0 40755 6 0 0 0 0.0 - - -',
      boot,
      '/etc 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux/config 39 100644 1 0 0 0 0.0 - SELINUX=enforcing\\nSELINUXTYPE=targeted\\n -',
      '/etc/selinux/targeted 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux/targeted/contexts 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux/targeted/contexts/files 0 40755 2 0 0 0 0.0 - - -',
      '/etc/selinux/targeted/contexts/files/file_contexts 35 100644 1 0 0 0 0.0 - ' +
        '/.*\\x20system_u:object_r:default_t:s0\\n -',
      sysroot,
      '/usr 0 40755 2 0 0 0 0.0 - - -',
    ].map(line => `${line} security.selinux=system_u:object_r:default_t:s0`),
  }),
  policy(
    'policy-without-contexts',
    'An image that names a policy it does not contain is rejected',
    'SELINUX-009',
    [...folder, file('etc/selinux/config', config)],
  ),
  bootable('policy-config-empty', {
    title: 'An empty /etc/selinux/config names no policy',
    requirements: ['SELINUX-003'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [[directory('usr/'), ...bootDirectories, ...folder, file('etc/selinux/config')]],
    tree: [
      '/ 0 40755 6 0 0 0 0.0 - - -',
      boot,
      '/etc 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux 0 40755 2 0 0 0 0.0 - - -',
      '/etc/selinux/config 0 100644 1 0 0 0 0.0 - - -',
      sysroot,
      '/usr 0 40755 2 0 0 0 0.0 - - -',
    ],
  }),
  policy(
    'policy-config-symlink',
    'An image whose /etc/selinux/config is a symlink is rejected',
    'SELINUX-002',
    [...folder, symlink('etc/selinux/config', '../sysconfig/selinux')],
  ),
  policy('policy-folder-symlink', 'An image whose /etc/selinux is a symlink is rejected', 'SELINUX-002', [
    directory('etc/'),
    symlink('etc/selinux', '../usr/selinux'),
  ]),
  policy('policy-etc-symlink', 'An image whose /etc is a symlink is rejected', 'SELINUX-002', [
    symlink('etc', 'usr/etc'),
  ]),
  accepts('transform/policy-not-to-be-booted', {
    title: 'In role merged, an SELinux policy is an ordinary file',
    requirements: ['SELINUX-001', 'TREE-008'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    params: { transform: 'oci' },
    layers: [
      [
        directory('usr/'),
        directory('etc/'),
        directory('etc/selinux/'),
        file('etc/selinux/config', config),
        directory('boot/', { mtime: 9 }),
        file('boot/f'),
      ],
    ],
    tree: [
      '/ 0 40755 5 0 0 0 0.0 - - -',
      '/boot 0 40755 2 0 0 0 9.0 - - -',
      '/boot/f 0 100644 1 0 0 0 0.0 - - -',
      '/etc 0 40755 3 0 0 0 0.0 - - -',
      '/etc/selinux 0 40755 2 0 0 0 0.0 - - -',
      '/etc/selinux/config 39 100644 1 0 0 0 0.0 - SELINUX=enforcing\\nSELINUXTYPE=targeted\\n -',
      '/usr 0 40755 2 0 0 0 0.0 - - -',
    ],
  }),
  rejects('transform/bootable-untransformed', {
    title: 'Role merged.bootable without transform oci is rejected',
    requirements: ['TREE-014'],
    needs,
    params: { ...params, transform: 'none' },
    code: 'REQUEST_ROLE',
    control: 'transform/bootable-emptied',
    layers: [[directory('usr/'), ...bootDirectories]],
  }),
];
