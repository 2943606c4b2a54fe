/**
 * Escapes of overlay attributes, whiteouts and stubs.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import {
  COMPOSEFS_RS,
  directory,
  FSCK,
  FSVERITY,
  file,
  hardlink,
  LINUX,
  onlyC,
  rejectsTree,
  symlink,
  two,
  whiteout,
  writers,
  writes,
} from './parts.ts';

/** mkcomposefs accepts a hard-linked whiteout, and marks the directory of only one of its names. */
const rejectedByRust = {
  class: 'KNOWN_BUG',
  links: [writers.c],
  confirmedBy: [`${COMPOSEFS_RS} (in its parser)`],
} as const;

export const recipes: readonly Recipe[] = [
  writes('stub-name-taken', {
    title: 'A child of the root replaces the stub of its name',
    requirements: ['EROFS-012'],
    input:
      directory('/', { nlink: '3' }) +
      file('/00', 'x') +
      directory('/7f') +
      symlink('/ff', 'x') +
      file('/FF') +
      file('/0'),
    digest: 'f243cd2cc8ff90664444483e867c8229b857ab7993a51fe4e9dcfdad44121e12',
  }),
  writes('stub-name-hardlink', {
    title: 'A hard link in the root replaces the stub of its name',
    requirements: ['EROFS-012', 'EROFS-017'],
    input: root + file('/0', 'x', { nlink: '2' }) + hardlink('/00', '/0'),
    digest: '428d00d29359ec840782d03e15fb88045f487f48751d01d5da1219821b5454ea',
  }),
  writes('stub-label', {
    title: 'Stubs have the SELinux label of the root and share it',
    requirements: ['EROFS-013', 'EROFS-021', 'EROFS-026'],
    input: directory('/', { xattrs: 'security.capability=c security.selinux=label\\x00 user.k=v' }),
    digest: 'be3ee229be956a6c19c66b90db0cdb516c140f38072f73e1fbd8ef3ec336839f',
  }),
  writes('stub-label-alone', {
    title: 'The label of the root is not shared if there are no stubs',
    requirements: ['EROFS-021', 'EROFS-012'],
    class: 'EDGE_CASE',
    input:
      directory('/', { xattrs: 'security.selinux=label' }) +
      Array.from({ length: 256 }, (_, i) => file(`/${i.toString(16).padStart(2, '0')}`)).join(''),
    digest: '11ff3ee313b37bea8a99c7958a70236dcdbb6bbbcccbcad1f49f4f3683659de4',
  }),
  writes('stub-lookalike', {
    title: 'A whiteout that looks like a stub is escaped',
    requirements: ['EROFS-008', 'EROFS-012'],
    ...onlyC,
    input: root + whiteout('/00'),
    digest: '1277de565b93a5c554d33a94915cdcae812843af23906afe604e1529d26a7aef',
  }),
  writes('stub-name-whiteout', {
    title: 'A whiteout with the name of a stub is escaped',
    requirements: ['EROFS-008', 'EROFS-012'],
    input: root + whiteout('/00', { mode: '20600' }),
    digest: '6248d64d058c0a3aa13362ca4f0907ab731350ffca7fb336ebfbe2847900f40a',
  }),
  writes('whiteout', {
    title: 'A whiteout becomes an empty file, and its directory is marked',
    requirements: ['EROFS-008', 'EROFS-009', 'EROFS-010'],
    input: two + whiteout('/d/w'),
    digest: 'b48278c1d18c734e27769a6660f90910b63cec2d3d8826447bde5193ea1e2144',
  }),
  writes('whiteouts', {
    title: 'Two whiteouts share their attributes; their only directory does not',
    requirements: ['EROFS-009', 'EROFS-010', 'EROFS-021'],
    input: two + file('/d/f') + whiteout('/d/v') + whiteout('/d/w'),
    digest: 'f129d44df4a999616a06543e69a58cbdbc6ba9c76488c4048fe2081b81197dcb',
  }),
  writes('whiteout-in-root', {
    title: 'A root with a whiteout is marked, and is still opaque itself',
    requirements: ['EROFS-010', 'EROFS-011'],
    input: root + whiteout('/w'),
    digest: '24ba4ca8a5b48485654f7ff2f5863865db62c5a52338902df5642ff06d5aa7d1',
  }),
  writes('whiteout-attributes', {
    title: 'A whiteout keeps its mode, owner, mtime and other attributes',
    requirements: ['EROFS-008', 'EROFS-009'],
    input:
      two +
      whiteout('/d/w', {
        mode: '24711',
        uid: '1',
        gid: '70000',
        mtime: '5.6',
        xattrs: 'trusted.overlay.opaque=y user.k=v',
      }),
    digest: '394c910f062f9ed46ae38468496ec65f6a653853a5107c7b6a75fd08f07a7a66',
  }),
  writes('whiteout-in-opaque-directory', {
    title: 'A whiteout in an opaque directory changes the opaque value to x',
    requirements: ['EROFS-010', 'EROFS-005'],
    ...onlyC,
    input:
      directory('/', { nlink: '3' }) +
      directory('/d', { xattrs: 'trusted.overlay.opaque=y' }) +
      whiteout('/d/w'),
    digest: 'b48278c1d18c734e27769a6660f90910b63cec2d3d8826447bde5193ea1e2144',
  }),
  writes('whiteout-marks-replaced', {
    title: 'Whiteout attributes replace those of the same name in the tree',
    requirements: ['EROFS-009', 'EROFS-010'],
    class: 'KNOWN_BUG',
    links: [writers.c, writers.rs],
    confirmedBy: [FSVERITY, FSCK, LINUX],
    input:
      directory('/', { nlink: '3' }) +
      directory('/d', {
        xattrs: 'trusted.overlay.whiteouts=long user.overlay.opaque=y user.overlay.whiteouts=longer',
      }) +
      whiteout('/d/w', { xattrs: 'trusted.overlay.whiteout=long user.overlay.whiteout=longer' }),
    digest: 'b48278c1d18c734e27769a6660f90910b63cec2d3d8826447bde5193ea1e2144',
  }),
  writes('block-device-zero', {
    title: 'A block device 0:0 is not a whiteout',
    requirements: ['EROFS-008'],
    input: two + line({ path: '/d/b', mode: '60644' }),
    digest: 'c14e61eb99d769ba2371bf09cf34b3a1e93da1ea4aa8a62adccd91df71e03d00',
  }),
  writes('opaque-directory', {
    title: 'The opaque attribute of a directory is escaped',
    requirements: ['EROFS-005'],
    input:
      directory('/', { nlink: '3' }) + directory('/d', { xattrs: 'trusted.overlay.opaque=y' }) + file('/d/f'),
    digest: '38e0c7382e19e910170b6f47b3f7044f4f115dfcd10ed9264e1e0e994757c239',
  }),
  writes('escapes', {
    title: 'Exactly the names that begin with trusted.overlay. are escaped',
    requirements: ['EROFS-005'],
    input:
      root +
      file('/a', '', { xattrs: 'trusted.overlay.=1 trusted.overlay.x=2 trusted.overlay.overlay.x=3' }) +
      file('/b', '', { xattrs: 'trusted.overlay=4 trusted.overlayx=5 trusted.x=6 user.overlay.opaque=7' }),
    digest: '130f35860379821c31b53d1325b9e87fdaea3151152ce68be81e1d7160a8f91c',
  }),
  writes('escape-255', {
    title: 'A name of 255 bytes can be escaped',
    requirements: ['EROFS-005', 'EROFS-024'],
    class: 'LIMIT',
    input: root + file('/a', '', { xattrs: `trusted.overlay.${'x'.repeat(239)}=v` }),
    digest: '26ef232c72bcf921e4c666730710add5851c63a853acc7644a6bbee732ddd308',
  }),
  rejectsTree('whiteout-linked', {
    title: 'A whiteout with two names is rejected',
    requirements: ['EROFS-002'],
    ...rejectedByRust,
    input: two + whiteout('/d/v', { nlink: '2' }) + hardlink('/d/w', '/d/v', '20644'),
    reasons: ['EROFS_WHITEOUT_LINKED'],
    control: 'whiteouts',
  }),
  rejectsTree('whiteout-linked-elsewhere', {
    title: 'A whiteout with names in two directories is rejected',
    requirements: ['EROFS-002'],
    ...rejectedByRust,
    input: two + whiteout('/d/w', { nlink: '2' }) + hardlink('/w', '/d/w', '20644'),
    reasons: ['EROFS_WHITEOUT_LINKED'],
    control: 'whiteout',
  }),
  rejectsTree('whiteout-linked-as-stub', {
    title: 'A whiteout with two names of stubs is rejected',
    requirements: ['EROFS-002'],
    ...rejectedByRust,
    input: root + whiteout('/00', { nlink: '2' }) + hardlink('/01', '/00', '20644'),
    reasons: ['EROFS_WHITEOUT_LINKED'],
    control: 'stub-lookalike',
  }),
];
