/**
 * Images of format v2, the first layout of composefs-rs.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import {
  COMPOSEFS_RS,
  digest,
  directory,
  external,
  FSCK,
  FSVERITY,
  file,
  hardlink,
  names,
  object,
  objectOf,
  pinned,
  pinnedLink,
  rejectsTree,
  sample,
  sha512,
  symlink,
  two,
  whiteout,
  writers,
  writes as writesV1,
} from './parts.ts';

const format = 'v2';
const other = '6b'.repeat(32);

/** Without Linux, which does not show these trees: whiteouts hide names, and chunk addresses are missing. */
const notLinux = [COMPOSEFS_RS, FSVERITY, FSCK];

/** The case `erofs/v2-<slug>`, whose image composefs-rs writes too. */
function writes(slug: string, about: Parameters<typeof writesV1>[1]): Recipe {
  return writesV1(`v2-${slug}`, { format, ...about });
}

/** `count` extended attributes with short names, in order. */
function xattrs(count: number): string {
  return Array.from({ length: count }, (_, i) => `user.${String(i).padStart(3, '0')}=v`).join(' ');
}

/** Two files with the same `count` extended attributes. */
function sharing(count: number): string {
  return root + file('/a', '', { xattrs: xattrs(count) }) + file('/b', '', { xattrs: xattrs(count) });
}

/**
 * A file whose tail ends at byte `end` of the image. The tail begins at 3616, after the root and three other inodes.
 */
function tailEndingAt(end: number): string {
  const before = symlink('/0', 't'.repeat(1024)) + symlink('/1', 't'.repeat(1024)) + file('/2');
  return before + file('/a', 'a'.repeat(end - 3616));
}

export const recipes: readonly Recipe[] = [
  writes('empty-root', {
    title: 'An image of format v2 has no stubs',
    requirements: ['EROFS-084', 'EROFS-092'],
    input: root,
    digest: '086b702a519b57d6ef5aea6f8b3f2be24355cd1fb835cd80fb4e3d388b24d5a5',
  }),
  writes('pinned', {
    title: 'Format v2 gives the digest that composefs-rs pins',
    requirements: ['EROFS-090', 'EROFS-085'],
    links: [pinnedLink],
    input: pinned,
    digest: 'a8fcd41f8b313bede69f462f2af0a38d64b99a6333f5df884ea9ab4037fac722',
  }),
  writes('every-kind', {
    title: 'Format v2 stores every type of inode',
    requirements: ['EROFS-090', 'EROFS-084', 'EROFS-092'],
    input: sample,
    digest: '9bd039c461accc8902e680764b3954022531a33fd8533cb17a14bf1d662c411f',
  }),
  writes('depth-first', {
    title: 'Format v2 numbers inodes depth first',
    requirements: ['EROFS-085'],
    input:
      directory('/', { nlink: '4' }) +
      directory('/a', { nlink: '3' }) +
      directory('/a/b') +
      file('/a/b/c', 'c') +
      file('/a/d', 'd') +
      directory('/e') +
      file('/e/f', 'f') +
      file('/g', 'g'),
    digest: 'ffd12bb8dc140e5f6d4f106a42a4f35177b4a975e5e182a959309811a63ecaef',
  }),
  writes('hardlink', {
    title: 'Format v2 places a hard link at its first, deeper name',
    requirements: ['EROFS-085', 'EROFS-015'],
    input:
      directory('/', { nlink: '3' }) +
      directory('/d') +
      file('/d/first', 'x', { nlink: '3' }) +
      file('/e') +
      hardlink('/f', '/d/first') +
      hardlink('/z', '/d/first'),
    digest: '1ffedc7a566d2411d138feff4ab49a9127e31ec5c754e8773d3009103c573ef3',
  }),
  writes('names-around-dot', {
    title: 'Format v2 sorts names that precede a dot before . and ..',
    requirements: ['EROFS-085', 'EROFS-014'],
    input:
      directory('/', { nlink: '3' }) +
      directory('/!') +
      file('/!/a') +
      file('/-') +
      file('/...') +
      file('/a'),
    digest: 'e427354fe2a2fdcfad0cb2edd2a41eb871cf337a85b791665b1f6b4a31837fe8',
  }),
  writes('times', {
    title: 'Format v2 drops nanoseconds and has no build time',
    requirements: ['EROFS-090', 'EROFS-092'],
    input:
      directory('/', { mtime: '100.5' }) +
      file('/a', 'x', { mtime: '100.999999999' }) +
      file('/b', 'x', { mtime: '99.1' }),
    digest: '04213c7b9d850b845e2583de0d193e4f869229df0a3f43385e103a790b33a290',
  }),
  writes('owners', {
    title: 'Format v2 uses the extended form for every inode',
    requirements: ['EROFS-090'],
    input: root + file('/a', '', { uid: '65535', gid: '65536' }) + file('/b', '', { uid: '4294967295' }),
    digest: '846b98070e17c5ee29fc23076ebf77f89bf9927190e4d3c564cbfad95254b3e6',
  }),
  writes('whiteout', {
    title: 'Format v2 stores a whiteout unchanged and marks no directory',
    requirements: ['EROFS-084'],
    confirmedBy: notLinux,
    input: two + whiteout('/d/w', { xattrs: 'user.k=v' }) + whiteout('/00') + whiteout('/w'),
    digest: '37c7b5c45e59572b8ae739f6e3cd68b7da197d3276527228ec6c16f143ed26f9',
  }),
  writes('opaque-directory', {
    title: 'Format v2 escapes opaque attributes and adds none',
    requirements: ['EROFS-084', 'EROFS-005'],
    input:
      two.replace(' - - -\n/d', ' - - - trusted.overlay.opaque=y\n/d') +
      file('/d/f', '', { xattrs: 'trusted.overlay.overlay.x=1' }),
    digest: 'd21334cc34423b91a9fb302913bcceaab951691421111d95d0e9cd7bb9a2ec50',
  }),
  writes('external', {
    title: 'Format v2 gives an object one chunk of the largest size',
    requirements: ['EROFS-089', 'EROFS-006'],
    input:
      root +
      external('/a', '1', { payload: object, digest }) +
      external('/b', '5000', { payload: object, digest }),
    digest: 'f3115adcfd3047daaf6e75baf42c774e75a1b379099722432d7f029b94e8da21',
  }),
  writes('external-large', {
    title: 'Format v2 gives even an object of 2^53 bytes a single chunk',
    requirements: ['EROFS-089'],
    class: 'LIMIT',
    confirmedBy: notLinux,
    input:
      root +
      external('/a', String(2n ** 43n + 1n), { payload: object, digest }) +
      external('/b', String(2n ** 53n), { payload: object, digest }),
    digest: '13e3741a7bb1038d01f290f27a6150c1ce3c1051165e9633b886a51707e411ca',
  }),
  writes('external-without-digest', {
    title: 'Format v2 gives an object without a digest no chunk',
    requirements: ['EROFS-089'],
    class: 'EDGE_CASE',
    confirmedBy: notLinux,
    input: root + external('/a', '5000', { payload: object }) + external('/b', '5000') + file('/c', 'c'),
    digest: 'a728b7b8e641dca33b096220741f15a022bdbcbac973e8f6ed857a15bccba14d',
  }),
  writes('external-sha512', {
    title: 'Format v2 accepts SHA-512 object digests',
    requirements: ['EROFS-089', 'EROFS-006'],
    needs: ['digest.sha512-12'],
    algorithm: 'fsverity-sha512-12',
    input: root + external('/a', '100', { payload: objectOf(sha512), digest: sha512 }),
    digest:
      '72b71386bce08d0423494b96b3b25884188fb25b9ee816c1c850ff3310f297ac59715ef61f8189fa577b6ea4b3e41d1ddc2b83bcbc0fc77a5d6a225ed91b1686',
  }),
  writes('xattr-order', {
    title: 'Format v2 puts overlay attributes of an object before the others',
    requirements: ['EROFS-084'],
    input:
      root +
      external('/a', '5000', {
        payload: object,
        digest,
        xattrs: 'security.selinux=l trusted.a=1 trusted.overlay.z=2 trusted.z=3 user.k=v',
      }) +
      file('/b', '', {
        xattrs: 'other=0 security.z=1 system.posix_acl_access=2 trusted.overlay.z=3 user.a=4',
      }),
    digest: '74cd40b53c0dd59f5e81772b5f6515d6fa024b560bbf90740b470bc8169408f9',
  }),
  writes('xattr-lustre', {
    title: 'Format v2 gives the prefix lustre. a number',
    requirements: ['EROFS-086'],
    input: root + file('/a', '', { xattrs: 'lustre.lov=1 lustre=2' }),
    digest: '625eb23409e031fd914bc67a1af14cbb3976cfa47edd5fb775dd3f14e11f7cec',
  }),
  writes('xattr-acl', {
    title: 'Format v2 does not set the ACL flag',
    requirements: ['EROFS-092'],
    input: root + file('/a', 'x', { xattrs: 'system.posix_acl_access=acl' }),
    digest: '17a5edcfe4b7c44eecf8bfbcbfaa972b0e24d8970ed4d077e50284625caadf4b',
  }),
  writes('shared-order', {
    title: 'Format v2 sorts shared attributes by number, suffix and value',
    requirements: ['EROFS-087', 'EROFS-088'],
    input:
      root +
      ['/a', '/b']
        .map(path =>
          file(path, '', { xattrs: 'lustre.b=1 other=1 security.a=1 trusted.a=1 user.b=1 user.bb=1' }),
        )
        .join('') +
      ['/c', '/d'].map(path => file(path, '', { xattrs: 'user.b=02' })).join('') +
      ['/e', '/f'].map(path => file(path, '', { xattrs: 'user.b=' })).join('') +
      ['/g', '/h'].map(path => file(path, '', { xattrs: 'user.b=2' })).join(''),
    digest: 'd1a0014c7db0d5cb9cc95618e4256e3b44a02bfe0ee8be88295bada97113c889',
  }),
  writes('shared-objects', {
    title: 'Format v2 shares the overlay attributes of equal objects',
    requirements: ['EROFS-088', 'EROFS-087'],
    input:
      root +
      external('/a', '5000', { payload: object, digest, xattrs: 'user.k=v' }) +
      external('/b', '5000', { payload: object, digest }) +
      external('/c', '5000', { payload: objectOf(other), digest: other, xattrs: 'user.k=v' }),
    digest: '7ca3a51a62ccd068a52be310bf940742fc661b995cb1210210d4264f49adf9d8',
  }),
  writes('shared-129', {
    title: 'Format v2 stores more than 128 references in an inode',
    requirements: ['EROFS-088'],
    input: sharing(129),
    digest: '203f7c1dc891e5b04844df2bd3cf52a09261d169ae3da177ba3db55cc0e50dba',
  }),
  writes('shared-255', {
    title: 'Format v2 stores up to 255 references in an inode',
    requirements: ['EROFS-083', 'EROFS-088'],
    class: 'LIMIT',
    input: sharing(255),
    digest: '3a2379118d45b21dd00001fb8405c57b26fb459a774c319476e740e176d381c7',
  }),
  writes('directory-blocks', {
    title: 'Format v2 divides directory entries into blocks as v1 does',
    requirements: ['EROFS-091', 'EROFS-029'],
    input:
      directory('/', { nlink: '3' }) +
      names(60, 100)
        .map(name => file(`/${name}`))
        .join('') +
      directory('/d') +
      names(30, 100)
        .map(name => symlink(`/d/${name}`, 'x'))
        .join(''),
    digest: 'db3a6ffd2d4a6c597b59a814526bf366d09056cdf598635272b9ac1295c39271',
  }),
  writes('tails-moved', {
    title: 'Format v2 moves a tail that would cross a block',
    requirements: ['EROFS-091'],
    input:
      root +
      names(24, 20)
        .map((name, i) =>
          i % 2 === 0 ? symlink(`/${name}`, 't'.repeat(901)) : file(`/${name}`, 'c'.repeat(77)),
        )
        .join(''),
    digest: '9f664edfacd9d9a805fbee68e95c76852c6712eb090a46fdf48f1b9498e11d5d',
  }),
  writes('tail-before-block', {
    title: 'Format v2 keeps a tail that ends one byte before the block end',
    requirements: ['EROFS-091'],
    class: 'EDGE_CASE',
    input: root + tailEndingAt(4095),
    digest: '8f09a1e1f13c6899db80bc67191c27aa51187ab57d59fea8140bc96fb90b3b71',
  }),
  writes('tail-at-block-end', {
    title: 'Format v2 moves a tail that ends at the end of a block',
    requirements: ['EROFS-091'],
    class: 'EDGE_CASE',
    input: root + tailEndingAt(4096),
    digest: '08773637df68a47a6c73484604d5071205350ac2d2f8eb83bb474b1b17c7b73b',
  }),
  writes('inline-512', {
    title: 'Format v2 stores 512 bytes of content next to the inode',
    requirements: ['EROFS-083'],
    class: 'LIMIT',
    input: root + file('/a', 'a'.repeat(512)) + file('/b', 'b') + file('/c'),
    digest: '888b5b92a94c26f5ea9d560825e8c1f54771a401942af872a11eae43d9304484',
  }),
  writes('target-1024', {
    title: 'Format v2 stores a target of 1024 bytes next to the inode',
    requirements: ['EROFS-083', 'EROFS-032'],
    class: 'LIMIT',
    input: root + symlink('/a', 't'.repeat(1024)),
    digest: 'dbffdd921fd4085417403149ea74f05a970591f3f29c611fc747d44f2ca02fa5',
  }),
  rejectsTree('v2-target-1025', {
    title: 'In format v2, a target of 1025 bytes is rejected',
    format,
    requirements: ['EROFS-083'],
    class: 'LIMIT',
    input: root + symlink('/a', 't'.repeat(1025)),
    reasons: ['EROFS_LIMIT'],
    control: 'v2-target-1024',
  }),
  rejectsTree('v2-inline-513', {
    title: 'In format v2, an inline file of 513 bytes is rejected',
    format,
    requirements: ['EROFS-083'],
    class: 'LIMIT',
    input: root + file('/a', 'a'.repeat(513)),
    reasons: ['EROFS_LIMIT'],
    control: 'v2-inline-512',
  }),
  rejectsTree('v2-shared-256', {
    title: 'In format v2, an inode with 256 shared attributes is rejected',
    format,
    requirements: ['EROFS-083'],
    class: 'KNOWN_BUG',
    links: [writers.rs],
    input: sharing(256),
    reasons: ['EROFS_LIMIT'],
    control: 'v2-shared-255',
  }),
  rejectsTree('v2-whiteout-linked', {
    title: 'In format v2, a whiteout with two names is rejected',
    format,
    requirements: ['EROFS-002'],
    confirmedBy: [COMPOSEFS_RS],
    input: two + whiteout('/d/v', { nlink: '2' }) + hardlink('/d/w', '/d/v', '20644'),
    reasons: ['EROFS_WHITEOUT_LINKED'],
    control: 'v2-whiteout',
  }),
  rejectsTree('v2-digest-size', {
    title: 'In format v2, a digest of the wrong length is rejected',
    format,
    requirements: ['EROFS-003'],
    confirmedBy: [COMPOSEFS_RS],
    input: root + external('/a', '100', { payload: objectOf(sha512), digest: sha512 }),
    reasons: ['EROFS_DIGEST_SIZE'],
    control: 'v2-external',
  }),
];
