/**
 * Extended attributes: names, order, sharing, filter.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { directory, file, hardlink, names, onlyC, writes } from './parts.ts';

/** The XATTR fields of `count` attributes with the value `v`. */
function many(count: number): string {
  return names(count, 5)
    .map(name => `user.${name}=v`)
    .join(' ');
}

/** Every byte, escaped as in a VALUE. */
const everyByte = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x09) return '\\t';
  if (byte === 0x0a) return '\\n';
  if (byte === 0x0d) return '\\r';
  if (byte === 0x5c) return '\\\\';
  const plain = byte > 0x20 && byte < 0x7f && byte !== 0x3d;
  return plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}).join('');

export const recipes: readonly Recipe[] = [
  writes('xattr-prefixes', {
    title: 'Each known prefix gets its number; other names are stored whole',
    requirements: ['EROFS-019', 'EROFS-024', 'EROFS-025', 'EROFS-027', 'EROFS-028'],
    input:
      root +
      file('/a', '', {
        xattrs: 'lustre.lov=1 other=2 security.capability=3 system.other=4 trusted.t=5 user.u=6 users.u=7',
      }),
    digest: '77be551acbba3cda1b7448e413878dd69a34c5174f3d05e004a74fd493fa75bb',
  }),
  writes('xattr-prefix-alone', {
    title: 'A name that equals a prefix has an empty suffix',
    requirements: ['EROFS-019', 'EROFS-027'],
    class: 'EDGE_CASE',
    input: root + file('/a', '', { xattrs: 'security.=1 trusted.=2 user.=3' }),
    digest: 'd0627929fea6acdd09424503654115010007af8f00b3833005da4db0548b7286',
  }),
  writes('xattr-prefix-within-name', {
    title: 'A prefix within a name has no number',
    requirements: ['EROFS-019', 'EROFS-005'],
    class: 'EDGE_CASE',
    input:
      root +
      file('/a', '', {
        xattrs:
          'other.user.x=1 trusted.security.x=2 trusted.user.x=3 user.system.posix_acl_access=4 user.trusted.overlay.x=5',
      }),
    digest: '9e31c592b78cd969afb78e897e206b02637e7fcf79df4dc5c358b381fded1097',
  }),
  writes('xattr-acl', {
    title: 'An access ACL sets the ACL flag',
    requirements: ['EROFS-048', 'EROFS-019'],
    input: root + file('/a', '', { xattrs: 'system.posix_acl_access=\\x02\\x00\\x00\\x00' }),
    digest: '0c1fd38206bed99d5418fd536003213ec18757b471945ad8fb4256ebb3a837f3',
  }),
  writes('xattr-acl-default', {
    title: 'A default ACL sets the ACL flag',
    requirements: ['EROFS-048', 'EROFS-019'],
    input: directory('/', { nlink: '3' }) + directory('/d', { xattrs: 'system.posix_acl_default=acl' }),
    digest: '55ab9f1ffe50ce8e174f259cc6bdf5bbb3d280a0ee5528c8d1bb5b6852424884',
  }),
  writes('xattr-acl-longer-name', {
    title: 'A longer name that begins like an ACL does not set the ACL flag',
    requirements: ['EROFS-048', 'EROFS-019'],
    ...onlyC,
    input: root + file('/a', '', { xattrs: 'system.posix_acl_accessX=1 system.posix_acl_defaults=2' }),
    digest: '56a8a668d78479d84313c5b94a0a0475809757ff3b174f17c0a3034d8e274317',
  }),
  writes('xattr-order', {
    title: 'Attributes are sorted by full name, not by prefix number',
    requirements: ['EROFS-020', 'EROFS-025'],
    input: root + file('/a', '', { xattrs: 'user.b=1 user.a=2 trusted.z=3 security.y=4 other=5 zz=6' }),
    digest: '81db761489d81dbbb7ebf22593a6169bca5b98a192071ff1861ec2803bda427c',
  }),
  writes('xattr-shared', {
    title: 'Exactly the attributes that two inodes have are shared',
    requirements: ['EROFS-021', 'EROFS-025', 'EROFS-026', 'EROFS-028'],
    input:
      root +
      file('/a', '', { xattrs: 'user.one=1 user.two=2' }) +
      file('/b', '', { xattrs: 'user.one=2 user.three=1 user.two=2' }),
    digest: 'dd6058d7964fbfbd18013cc7e29adf986b73538f9cb081bdc884f126ba708085',
  }),
  writes('xattr-of-hard-links', {
    title: 'An attribute of one inode with several names is not shared',
    requirements: ['EROFS-021'],
    class: 'EDGE_CASE',
    input:
      root +
      file('/a', '', { nlink: '3', xattrs: 'user.k=v' }) +
      hardlink('/b', '/a') +
      hardlink('/c', '/a') +
      file('/d', '', { xattrs: 'user.k=w' }),
    digest: 'a18afd14a07831f65697b51307154eb84864582f73401466053c197c21858723',
  }),
  writes('xattr-shared-order', {
    title: 'The shared area is sorted descending by name, length and value',
    requirements: ['EROFS-022', 'EROFS-026'],
    input:
      root +
      ['a', 'b']
        .flatMap(name => [
          file(`/${name}1`, '', { xattrs: 'security.s=v trusted.t=v user.a=aa user.ab=v' }),
          file(`/${name}2`, '', { xattrs: 'user.a=b' }),
          file(`/${name}3`, '', { xattrs: 'user.a=' }),
          file(`/${name}4`, '', { xattrs: 'user.a=c' }),
          file(`/${name}5`, '', { xattrs: 'user.a=\\xff' }),
        ])
        .join(''),
    digest: '843827f386a3c58793167bde3545501174581737e3c91c178236f09fab550e8c',
  }),
  writes('xattr-shared-128', {
    title: 'An inode can have 128 references',
    requirements: ['EROFS-023'],
    class: 'LIMIT',
    input: root + file('/a', '', { xattrs: many(128) }) + file('/b', '', { xattrs: many(128) }),
    digest: '4934d03de19bb81bf82a00e0556d2495dd8ee4f11fe2879932c05b8e285f0b3f',
  }),
  writes('xattr-shared-129', {
    title: 'Shared attributes after the 128th are stored in the inode',
    requirements: ['EROFS-023'],
    ...onlyC,
    input: root + file('/a', '', { xattrs: many(130) }) + file('/b', '', { xattrs: many(130) }),
    digest: '1551b545a9e7ad1a9734773dcb479224058acbce5dbf7e97024ec07ec176864f',
  }),
  writes('xattr-300', {
    title: 'An inode can have many unshared attributes',
    requirements: ['EROFS-023', 'EROFS-025', 'EROFS-028'],
    input: root + file('/a', '', { xattrs: many(300) }),
    digest: '107c28e5b75e095b11030f87cdf229c4a0fc0c7d9dc82f30fa7b65fe2dedbb5c',
  }),
  writes('xattr-shared-blocks', {
    title: 'The shared area can begin within a block and fill several',
    requirements: ['EROFS-026', 'EROFS-046', 'EROFS-049'],
    input:
      root +
      ['a', 'b']
        .map(name =>
          file(`/${name}`, '', {
            xattrs: names(5, 5)
              .map(key => `user.${key}=${'v'.repeat(2000)}`)
              .join(' '),
          }),
        )
        .join(''),
    digest: '1426d652dbf803b78eb8dca821b01f3a92223df5f4932a018f2a0d51e349f459',
  }),
  writes('xattr-filter-long', {
    title: 'Suffixes around 16 and 32 bytes set the right filter bits',
    requirements: ['EROFS-027'],
    input:
      root +
      [15, 16, 17, 31, 32, 33]
        .map(size => file(`/${size}`, '', { xattrs: `user.${'abcdefgh'.repeat(5).slice(0, size)}=v` }))
        .join(''),
    digest: 'e502d444e157d0c5847f309a7b10a4caebcb5fb6ab14e70edf6a0fab79447ee4',
  }),
  writes('xattr-padding', {
    title: 'Attribute entries are padded to a multiple of 4 bytes',
    requirements: ['EROFS-024', 'EROFS-028'],
    input:
      root +
      file('/a', '', { xattrs: 'user.a= user.b=1 user.c=12 user.d=123 user.e=1234' }) +
      file('/b', 'x', { xattrs: 'user.abc=' }),
    digest: 'f7f31b6dc24d153471ff75dc6aeeacd33e1116d320853be180da4492213f86c1',
  }),
  writes('xattr-value-bytes', {
    title: 'A value can contain every byte',
    requirements: ['EROFS-024'],
    input: root + file('/a', '', { xattrs: `user.a=${everyByte}` }),
    digest: '6989fb569a619ee5c21c038ca029973b68ab37ed848c02c417af85aec66b5052',
  }),
  writes('xattr-largest', {
    title: 'An inode can have attributes with a sum of 32767',
    requirements: ['EROFS-028', 'EROFS-024'],
    class: 'LIMIT',
    input: root + file('/a', 'x', { xattrs: `user.a=${'v'.repeat(32742)}` }),
    digest: '7e088ceadae5a00562af205ffaa0706a0d68cf38faf9d24597a4a4bb9bfb9196',
  }),
  writes('shared-values-in-any-order', {
    title: 'Shared values of equal length are in descending order',
    requirements: ['EROFS-022'],
    class: 'EDGE_CASE',
    input:
      root +
      ['b', 'c', 'a', 'b', 'c', 'a']
        .map((value, i) => file(`/p${i}`, '', { xattrs: `user.k=${value}` }))
        .join(''),
    digest: '940c859c4c94f5f6c686e13c470f088dceb437288499219b6a508c95f83f8eb6',
  }),
];
