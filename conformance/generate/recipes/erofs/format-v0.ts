/**
 * Images of format v0: the differences from v1, and that there are no others.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { set } from './changes.ts';
import {
  COMPOSEFS_INFO,
  COMPOSEFS_RS,
  digest,
  directory,
  external,
  FSCK,
  FSVERITY,
  file,
  hardlink,
  LINUX,
  names,
  object,
  objectOf,
  onlyC,
  pinned,
  pinnedLink,
  reads as readsV1,
  rejectsImage,
  rejectsTree,
  sample,
  sha512,
  symlink,
  tailEndsWithBlock,
  two,
  whiteout,
  writers,
  writes as writesV1,
} from './parts.ts';

const format = 'v0';

type Written = Parameters<typeof writesV1>[1];
type Read = Parameters<typeof readsV1>[1];

/** The case `erofs/v0-<slug>`. */
function writes(slug: string, about: Written): Recipe {
  return writesV1(`v0-${slug}`, { format, ...about });
}

/** The case `erofs/v0-<slug>`. */
function reads(slug: string, about: Read): Recipe {
  return readsV1(`v0-${slug}`, { format, ...about });
}

/** A directory with a whiteout and with opaque attributes of its own, which v0 keeps. */
const opaque =
  directory('/', { nlink: '3' }) +
  directory('/d', { xattrs: 'trusted.overlay.opaque=y user.overlay.opaque=z' }) +
  whiteout('/d/w');

export const recipes: readonly Recipe[] = [
  writes('empty-root', {
    title: 'An image of format v0 has composefs version 0',
    requirements: ['EROFS-081'],
    input: root,
    digest: '8f589e8f57ecb88823736b0d857ddca1e1068a23e264fad164b28f7038eb3682',
  }),
  writes('pinned', {
    title: 'Format v0 gives the digest that composefs-rs pins',
    requirements: ['EROFS-081', 'EROFS-001'],
    links: [pinnedLink],
    input: pinned,
    digest: '9f3f5620ee0c54708516467d0d58741e7963047c7106b245d94c298259d0fa01',
  }),
  writes('every-kind', {
    title: 'Format v0 has the same layout as v1',
    requirements: ['EROFS-081'],
    input: sample,
    digest: '8b96ccabfbcc54967273f28181a3b55aa404049163f4da52e1974a0df1c5f17f',
  }),
  writes('tail-ends-with-block', {
    title: 'In format v0, a tail that ends with its block is not moved',
    requirements: ['EROFS-044', 'EROFS-081'],
    class: 'EDGE_CASE',
    input: tailEndsWithBlock,
    digest: 'beb190c05d5e5fe3a48f61d5a6d5ec3a6b959f52c5f3a43edc01da6a3c2b5b63',
  }),
  writes('whiteout', {
    title: 'In format v0, a whiteout does not make its directory opaque',
    requirements: ['EROFS-081', 'EROFS-082'],
    input: two + whiteout('/d/w'),
    digest: '96d3379930a17202edca1d64f7a5453be07add0a1d28675568f1d125ab875ac5',
  }),
  writes('whiteouts', {
    title: 'In format v0, two directories with whiteouts share attributes',
    requirements: ['EROFS-081', 'EROFS-021'],
    input:
      directory('/', { nlink: '4' }) +
      directory('/d') +
      whiteout('/d/v') +
      whiteout('/d/w') +
      directory('/e') +
      whiteout('/e/w'),
    digest: '5816a04bcbc8483eae6d199953bd0117570e4f105b7bb98b3e4593c68c230481',
  }),
  writes('whiteout-in-root', {
    title: 'In format v0, a root with a whiteout has the opaque value y',
    requirements: ['EROFS-081', 'EROFS-011'],
    input: root + whiteout('/w'),
    digest: 'b830b59bf7ff844b61074110de0eea6285daecc25a0c50b375611a206d19e867',
  }),
  writes('whiteout-in-opaque-directory', {
    title: 'In format v0, an opaque directory with a whiteout stays opaque',
    requirements: ['EROFS-081', 'EROFS-005'],
    input: opaque,
    digest: '59273f8d9ab985c375aa74a571df8d029d24de89afa83780b7b530f34bedb111',
  }),
  writes('whiteout-attributes', {
    title: 'In format v0, a whiteout keeps its attributes',
    requirements: ['EROFS-081', 'EROFS-008'],
    input: two + whiteout('/d/w', { mode: '24711', uid: '1', mtime: '5.6', xattrs: 'user.k=v' }),
    digest: 'ef50080c3bdc573ce1a66dc66a900f95035f76c1a67b6ca717bcca35df4c18f6',
  }),
  writes('stub-lookalike', {
    title: 'In format v0, a whiteout that looks like a stub is escaped',
    requirements: ['EROFS-081', 'EROFS-008'],
    ...onlyC,
    input: root + whiteout('/00'),
    digest: '5a914347240b1dad9e3eae3f3a067a40da4e76de82f00d751d4e38331778f044',
  }),
  writes('stub-label', {
    title: 'In format v0, stubs have the label of the root',
    requirements: ['EROFS-081', 'EROFS-013'],
    input: directory('/', { xattrs: 'security.selinux=label\\x00' }) + whiteout('/0'),
    digest: 'caa712d98111f85613fd477e3a328fe00eb5119e0f8aad5ed6e4998d4e832db6',
  }),
  writes('acl', {
    title: 'Format v0 sets the ACL flag',
    requirements: ['EROFS-081', 'EROFS-048'],
    input: root + file('/a', 'x', { xattrs: 'system.posix_acl_access=acl' }),
    digest: '3b5f517e1c4c2610d7acd5e468c9bc5ce4c6b256fd9baf9fc6426533d718a970',
  }),
  writes('hardlink', {
    title: 'Format v0 places a hard link at its first name',
    requirements: ['EROFS-081', 'EROFS-015'],
    input:
      directory('/', { nlink: '3' }) +
      directory('/d') +
      file('/d/first', 'x', { nlink: '2' }) +
      hardlink('/z', '/d/first'),
    digest: '70bd2e2f2ffe69992acdcac3619c0f6deac4a9588e97c3a4f40e958f585dc66f',
  }),
  writes('external-sha512', {
    title: 'Format v0 accepts SHA-512 object digests',
    requirements: ['EROFS-081', 'EROFS-006'],
    needs: ['digest.sha512-12'],
    confirmedBy: [COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
    algorithm: 'fsverity-sha512-12',
    input: root + external('/a', '100', { payload: objectOf(sha512), digest: sha512 }),
    digest:
      '2e20216057cacebcfc5725864fac0a7a2dffbab8c9946cb52a6ea7cdeb02f5143cab683c4b610f44824e3318150de621ccf453844d8553a2c81e801cdb53bf8b',
  }),
  writes('places', {
    title: 'Format v0 moves tails and symlinks as v1 does',
    requirements: ['EROFS-081', 'EROFS-043', 'EROFS-044'],
    input:
      root +
      names(40, 200)
        .map((name, i) =>
          i % 2 === 0 ? symlink(`/${name}`, 't'.repeat(900)) : file(`/${name}`, 'c'.repeat(500)),
        )
        .join(''),
    digest: 'db66279cb3206a4143e3d84db74cddd78620d92b07ac74b7531fe7b21ceb005e',
  }),
  rejectsTree('v0-whiteout-linked', {
    title: 'In format v0, a whiteout with two names is rejected',
    format,
    requirements: ['EROFS-002'],
    class: 'KNOWN_BUG',
    links: [writers.c],
    confirmedBy: [`${COMPOSEFS_RS} (in its parser)`],
    input: two + whiteout('/d/v', { nlink: '2' }) + hardlink('/d/w', '/d/v', '20644'),
    reasons: ['EROFS_WHITEOUT_LINKED'],
    control: 'v0-whiteouts',
  }),
  reads('read-tree', {
    title: 'A tree is read from an image of format v0',
    requirements: ['EROFS-078', 'EROFS-052'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: sample,
  }),
  reads('read-whiteouts', {
    title: 'Whiteouts are read from an image of format v0',
    requirements: ['EROFS-073'],
    image: two + line({ path: '/d/f', size: '3', content: 'abc' }) + whiteout('/d/w', { xattrs: 'user.k=v' }),
  }),
  reads('read-opaque-directory', {
    title: 'In format v0, a directory with a whiteout keeps its attributes',
    requirements: ['EROFS-073', 'EROFS-074'],
    image: opaque,
  }),
  reads('read-object', {
    title: 'An object is read from an image of format v0',
    requirements: ['EROFS-075', 'EROFS-077'],
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: root + external('/a', '5000', { payload: object, digest }),
  }),
  rejectsImage('v0-opaque-root-missing', {
    title: 'In format v0, a root that is not opaque is rejected',
    format,
    requirements: ['EROFS-070'],
    changes: [set('inode /, xattr trusted.overlay.opaque', 'value', 'n')],
    control: 'v0-read-tree',
    reasons: ['EROFS_OVERLAY'],
  }),
  rejectsImage('v0-stub-mode', {
    title: 'In format v0, a stub with a mode other than 0644 is rejected',
    format,
    requirements: ['EROFS-071'],
    changes: [set('inode /05', 'i_mode', 0o20600)],
    control: 'v0-read-tree',
    reasons: ['EROFS_OVERLAY'],
  }),
];
