/**
 * The content of a merged tree: files, bytes, attributes.
 * @module
 */

import { accepts, COMPOSEFS_RS } from '../../builder/layers.ts';
import { directory, file, pax, symlink } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';

/** fs-verity digests of 65 letters x, from `fsverity digest --hash-alg=…`. */
const SHA256 = '097e39836f303d0546bb49f570157f2c38ed302d174dfdfa1a45887bcd6ad4d6';
const SHA512 =
  'fddabf96ce70b54037c1e081a60982b280a76b776c6f6c3004e863a0e3ebd34d48e92cba569fc8143d54c103850c3f806920f84ccab27aaa5c0664301470d047';
const X64 = 'x'.repeat(64);
const X65 = 'x'.repeat(65);

const external = (digest: string): string => `${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;

/** The bytes of a text in which each character is one byte. */
const raw = (text: string): Uint8Array => Uint8Array.from(text, character => character.charCodeAt(0));

export const recipes: readonly Recipe[] = [
  accepts('merge/inline-limit', {
    title: 'Content of 64 bytes is inline, content of 65 bytes is external',
    requirements: ['TREE-004', 'TREE-005', 'TREE-006'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/issues/107',
      'https://github.com/composefs/composefs/issues/187',
      'https://github.com/containers/storage/pull/2091',
    ],
    confirmedBy: ['fsverity-utils 1.6', COMPOSEFS_RS],
    layers: [[file('0'), file('1', 'x'), file('64', X64), file('65', X65)]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/0 0 100644 1 0 0 0 0.0 - - -',
      '/1 1 100644 1 0 0 0 0.0 - x -',
      `/64 64 100644 1 0 0 0 0.0 - ${X64} -`,
      `/65 65 100644 1 0 0 0 0.0 ${external(SHA256)}`,
    ],
  }),
  accepts('merge/external-sha512', {
    title: 'The digest of external content uses the requested algorithm',
    requirements: ['TREE-005', 'TREE-006'],
    needs: ['digest.sha512-12'],
    confirmedBy: ['fsverity-utils 1.6', COMPOSEFS_RS],
    params: { algorithm: 'fsverity-sha512-12' },
    layers: [[file('64', X64), file('65', X65)]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      `/64 64 100644 1 0 0 0 0.0 - ${X64} -`,
      `/65 65 100644 1 0 0 0 0.0 ${external(SHA512)}`,
    ],
  }),
  accepts('merge/equal-files', {
    title: 'Equal files are separate inodes',
    requirements: ['TREE-002', 'TREE-005'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [[file('a', 'x'), file('b', 'x'), file('c', X65)], [file('d', X65)]],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/a 1 100644 1 0 0 0 0.0 - x -',
      '/b 1 100644 1 0 0 0 0.0 - x -',
      `/c 65 100644 1 0 0 0 0.0 ${external(SHA256)}`,
      `/d 65 100644 1 0 0 0 0.0 ${external(SHA256)}`,
    ],
  }),
  accepts('merge/names-are-bytes', {
    title: 'Names, targets and extended attributes are kept byte for byte',
    requirements: ['TREE-001'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        file(raw('\xff')),
        file(raw('e\xcc\x81')),
        file(raw('\xc3\xa9')),
        directory(raw('\x80/')),
        symlink(raw('\x80/l'), raw('\xfe\x01')),
        pax({ 'SCHILY.xattr.user.\u00e9': raw('\x00\xff=\n') }),
        file('x'),
      ],
    ],
    tree: [
      '/ 0 40755 3 0 0 0 0.0 - - -',
      '/e\\xcc\\x81 0 100644 1 0 0 0 0.0 - - -',
      '/x 0 100644 1 0 0 0 0.0 - - - user.\\xc3\\xa9=\\x00\\xff\\x3d\\n',
      '/\\x80 0 40755 2 0 0 0 0.0 - - -',
      '/\\x80/l 2 120777 1 0 0 0 0.0 \\xfe\\x01 - -',
      '/\\xc3\\xa9 0 100644 1 0 0 0 0.0 - - -',
      '/\\xff 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  accepts('merge/every-xattr', {
    title: 'The merged tree without transform keeps every extended attribute',
    requirements: ['TREE-008'],
    layers: [
      [
        pax({
          'SCHILY.xattr.user.a': '1',
          'SCHILY.xattr.security.selinux': 'label\0',
          'SCHILY.xattr.trusted.overlay.opaque': 'y',
          'SCHILY.xattr.security.capability': raw('\x01\x00\x00\x02'),
        }),
        directory('usr/', { mode: 0o555 }),
        directory('run/', { mtime: 9 }),
        file('run/f'),
      ],
    ],
    tree: [
      '/ 0 40755 4 0 0 0 0.0 - - -',
      '/run 0 40755 2 0 0 0 9.0 - - -',
      '/run/f 0 100644 1 0 0 0 0.0 - - -',
      '/usr 0 40555 2 0 0 0 0.0 - - - security.capability=\\x01\\x00\\x00\\x02 security.selinux=label\\x00 ' +
        'trusted.overlay.opaque=y user.a=1',
    ],
  }),
  accepts('merge/xattr-order', {
    title: 'The order of extended attributes in the archive has no effect',
    requirements: ['LAYER-093', 'TREE-008'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/ostreedev/ostree/issues/3346'],
    confirmedBy: [COMPOSEFS_RS],
    layers: [
      [
        pax({ 'SCHILY.xattr.user.b': '2', 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.user.B': '3' }),
        file('f'),
        pax({ 'SCHILY.xattr.user.B': '3', 'SCHILY.xattr.user.b': '2', 'SCHILY.xattr.user.a': '1' }),
        file('g'),
      ],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/f 0 100644 1 0 0 0 0.0 - - - user.B=3 user.a=1 user.b=2',
      '/g 0 100644 1 0 0 0 0.0 - - - user.B=3 user.a=1 user.b=2',
    ],
  }),
  accepts('merge/attributes-in-a-row', {
    title: 'Entries in a row whose attributes differ in one thing keep their own',
    requirements: ['LAYER-093', 'LAYER-091', 'TREE-008'],
    class: 'EDGE_CASE',
    layers: [
      [
        pax({ 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.user.b': '2' }),
        file('a'),
        pax({ 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.user.b': '3' }),
        file('b'),
        pax({ 'SCHILY.xattr.user.a': '1', 'SCHILY.xattr.user.c': '3' }),
        file('c'),
        pax({ 'SCHILY.xattr.user.a': '1' }),
        file('d'),
        pax({ mtime: '5.5' }),
        file('e'),
        pax({ mtime: '5.6' }),
        file('f'),
        pax({ mtime: '6.6' }),
        file('g'),
      ],
    ],
    tree: [
      '/ 0 40755 2 0 0 0 0.0 - - -',
      '/a 0 100644 1 0 0 0 0.0 - - - user.a=1 user.b=2',
      '/b 0 100644 1 0 0 0 0.0 - - - user.a=1 user.b=3',
      '/c 0 100644 1 0 0 0 0.0 - - - user.a=1 user.c=3',
      '/d 0 100644 1 0 0 0 0.0 - - - user.a=1',
      '/e 0 100644 1 0 0 0 5.500000000 - - -',
      '/f 0 100644 1 0 0 0 5.600000000 - - -',
      '/g 0 100644 1 0 0 0 6.600000000 - - -',
    ],
  }),
  accepts('merge/no-layers', {
    title: 'An image without layers is an empty root',
    requirements: ['TREE-012', 'MERGE-001'],
    class: 'LIMIT',
    confirmedBy: [COMPOSEFS_RS],
    layers: [],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -'],
  }),
  accepts('merge/empty-layers', {
    title: 'Layers without entries have no effect',
    requirements: ['MERGE-002'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS],
    layers: [[], [file('f')], []],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  accepts('merge/128-layers', {
    title: '128 layers form one tree, with the last layer on top',
    requirements: ['TREE-012', 'MERGE-002'],
    class: 'LIMIT',
    confirmedBy: [COMPOSEFS_RS],
    layers: [...Array.from({ length: 127 }, () => [file('f', 'below')]), [file('f', 'top')]],
    tree: ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 3 100644 1 0 0 0 0.0 - top -'],
  }),
];
