/**
 * Paths and hard links that every parser rejects. Each dumpfile has one defect.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { acceptedBy, line, rejects, root } from './lines.ts';

const directory = { mode: '40755', nlink: '2' } as const;
const name255 = `/${'n'.repeat(255)}`;
/** Nested directories, down to a path of 3840 bytes. */
const nested = Array.from({ length: 15 }, (_, depth) =>
  line({ ...directory, path: name255.repeat(depth + 1) }),
).join('');
/** Nested directories, down to a path of 4095 bytes. */
const deep = nested + line({ ...directory, path: `${name255.repeat(15)}/${'n'.repeat(254)}` });
/** Nested directories, down to a path of 3846 bytes. */
const lessDeep = nested + line({ ...directory, path: `${name255.repeat(15)}/d1234` });

/** A directory with a file, whose parent the next line can repeat. */
const sibling =
  line({ ...directory, path: '/', nlink: '3' }) + line({ ...directory, path: '/d' }) + line({ path: '/d/a' });

export const recipes: readonly Recipe[] = [
  rejects('relative-path', {
    title: 'A relative path is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ path: 'a' }),
    ...acceptedBy.c,
  }),
  rejects('relative-path-below-a-directory', {
    title: 'A relative path that ends like an absolute one is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    // Without its first byte, the path is the valid /b/c.
    input:
      line({ ...directory, path: '/', nlink: '3' }) +
      line({ ...directory, path: '/b' }) +
      line({ path: 'a/b/c' }),
    control: 'lines-in-any-order',
  }),
  rejects('empty-component', {
    title: 'A path with two slashes in a row is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ path: '//a' }),
    ...acceptedBy.c,
  }),
  rejects('slash-at-the-end', {
    title: 'A path that ends in a slash is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ ...directory, path: '/a/' }),
  }),
  rejects('no-name-after-a-sibling', {
    title: 'A path that ends in a slash is rejected after a sibling',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: sibling + line({ path: '/d/' }),
  }),
  rejects('relative-path-after-a-sibling', {
    title: 'A path with another byte instead of its first slash is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: sibling + line({ path: 'xd/b' }),
  }),
  rejects('dot', {
    title: 'A path component "." is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ path: '/.' }),
  }),
  rejects('dot-dot', {
    title: 'A path component ".." is rejected',
    requirements: ['DUMP-032'],
    class: 'HOSTILE',
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ ...directory, path: '/d' }) + line({ path: '/d/..' }),
  }),
  ...(['.', '..'] as const).map(name =>
    rejects(name === '.' ? 'dot-after-a-sibling' : 'dot-dot-after-a-sibling', {
      title: `A path component "${name}" is rejected after a sibling`,
      requirements: ['DUMP-032'],
      class: 'HOSTILE',
      reasons: ['DUMPFILE_PATH'],
      input:
        line({ ...directory, path: '/', nlink: '3' }) +
        line({ ...directory, path: '/d' }) +
        line({ path: '/d/a' }) +
        line({ path: `/d/${name}` }),
      control: 'lines-in-any-order',
    }),
  ),
  rejects('nul-in-a-path', {
    title: 'A NUL in a path is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ path: '/a\\x00b' }),
    control: 'escapes',
    ...acceptedBy.c,
  }),
  rejects('name-of-256-bytes', {
    title: 'A name of 256 bytes is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({ path: `/${'n'.repeat(256)}` }),
    control: 'name-of-255-bytes',
    ...acceptedBy.rust,
  }),
  rejects('name-of-256-bytes-after-a-sibling', {
    title: 'A name of 256 bytes is rejected after a sibling with a short name',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: sibling + line({ path: `/d/${'n'.repeat(256)}` }),
    control: 'name-of-255-bytes',
    ...acceptedBy.rust,
  }),
  rejects('path-of-4097-bytes', {
    title: 'A path of 4097 bytes is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + deep + line({ path: `${name255.repeat(15)}/${'n'.repeat(254)}/a` }),
    control: 'path-of-4096-bytes',
    ...acceptedBy.c,
  }),
  rejects('path-of-4097-bytes-after-a-sibling', {
    title: 'A path of 4097 bytes is rejected after a sibling with a shorter one',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input:
      root +
      lessDeep +
      line({ path: `${name255.repeat(15)}/d1234/a` }) +
      line({ path: `${name255.repeat(15)}/d1234/${'n'.repeat(250)}` }),
    control: 'path-of-4096-bytes',
    ...acceptedBy.c,
  }),
  rejects('no-lines', {
    title: 'A dumpfile without lines is rejected',
    requirements: ['DUMP-034'],
    reasons: ['DUMPFILE_ROOT'],
    input: '',
  }),
  rejects('root-is-not-first', {
    title: 'A root that is not on the first line is rejected',
    requirements: ['DUMP-034'],
    reasons: ['DUMPFILE_ROOT'],
    input: line({ ...directory, path: '/d' }) + root,
  }),
  rejects('root-twice', {
    title: 'A second line for the root is rejected',
    requirements: ['DUMP-034'],
    reasons: ['DUMPFILE_ROOT'],
    input: root + root,
    ...acceptedBy.rust,
  }),
  rejects('root-is-a-file', {
    title: 'A root that is a regular file is rejected',
    requirements: ['DUMP-034'],
    reasons: ['DUMPFILE_ROOT'],
    input: line({ path: '/' }),
    ...acceptedBy.rust,
  }),
  rejects('parent-missing', {
    title: 'A path whose parent has no line is rejected',
    requirements: ['DUMP-035'],
    reasons: ['DUMPFILE_PARENT'],
    input: root + line({ path: '/d/a' }),
    control: 'lines-in-any-order',
  }),
  rejects('parent-after-child', {
    title: 'A path before the line of its parent is rejected',
    requirements: ['DUMP-035'],
    reasons: ['DUMPFILE_PARENT'],
    input: root + line({ path: '/d/a' }) + line({ ...directory, path: '/d' }),
    control: 'lines-in-any-order',
  }),
  rejects('parent-is-a-file', {
    title: 'A path below a regular file is rejected',
    requirements: ['DUMP-035'],
    reasons: ['DUMPFILE_PARENT'],
    input: root + line({}) + line({ path: '/a/b' }),
    control: 'lines-in-any-order',
  }),
  rejects('parent-is-a-symlink', {
    title: 'A path below a symlink to a directory is rejected',
    requirements: ['DUMP-035'],
    class: 'HOSTILE',
    reasons: ['DUMPFILE_PARENT'],
    input:
      root +
      line({ ...directory, path: '/d' }) +
      line({ path: '/l', mode: '120777', size: '1', payload: 'd' }) +
      line({ path: '/l/a' }),
    control: 'lines-in-any-order',
  }),
  rejects('path-twice', {
    title: 'Two lines with the same path are rejected',
    requirements: ['DUMP-036'],
    confirmedBy: ['mkcomposefs 1.0.8', 'composefs-rs 0.9.4 (in its writer)'],
    reasons: ['DUMPFILE_DUPLICATE'],
    input: root + line({}) + line({}),
  }),
  rejects('directory-twice', {
    title: 'Two lines for one empty directory are rejected',
    requirements: ['DUMP-036'],
    reasons: ['DUMPFILE_DUPLICATE'],
    input: root + line(directory) + line(directory),
    ...acceptedBy.rust,
  }),
  rejects('hard-link-to-nothing', {
    title: 'A hard link to a path that no line has is rejected',
    requirements: ['DUMP-038'],
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line({ path: '/b', mode: '@100644', payload: '/a' }),
    control: 'hard-link',
  }),
  rejects('hard-link-forward', {
    title: 'A hard link to a later line is rejected',
    requirements: ['DUMP-038'],
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line({ path: '/b', mode: '@100644', payload: '/a' }) + line({}),
    control: 'hard-link',
    ...acceptedBy.c,
  }),
  rejects('hard-link-to-itself', {
    title: 'A hard link to itself is rejected',
    requirements: ['DUMP-038'],
    class: 'HOSTILE',
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line({ mode: '@100644', payload: '/a' }),
    control: 'hard-link',
  }),
  rejects('hard-link-to-a-directory', {
    title: 'A hard link to a directory is rejected',
    requirements: ['DUMP-038'],
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line(directory) + line({ path: '/b', mode: '@100644', payload: '/a' }),
    control: 'hard-link',
    ...acceptedBy.c,
    class: 'HOSTILE',
  }),
  rejects('hard-link-to-the-root', {
    title: 'A hard link to the root is rejected',
    requirements: ['DUMP-038'],
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line({ path: '/b', mode: '@100644', payload: '/' }),
    control: 'hard-link',
    ...acceptedBy.c,
    class: 'HOSTILE',
  }),
  rejects('hard-link-that-is-a-directory', {
    title: 'A hard link line with the MODE of a directory is rejected',
    requirements: ['DUMP-038'],
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line({}) + line({ path: '/b', mode: '@40755', payload: '/a' }),
    control: 'hard-link',
  }),
  rejects('hard-link-without-target', {
    title: 'A hard link with an unset PAYLOAD is rejected',
    requirements: ['DUMP-038'],
    reasons: ['DUMPFILE_HARDLINK'],
    input: root + line({}) + line({ path: '/b', mode: '@100644' }),
    control: 'hard-link',
  }),
  rejects('hard-link-with-relative-target', {
    title: 'A relative hard link target is rejected',
    requirements: ['DUMP-032'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({}) + line({ path: '/b', mode: '@100644', payload: 'a' }),
    control: 'hard-link',
    ...acceptedBy.c,
  }),
  rejects('hard-link-to-an-escaped-dash', {
    title: 'A hard link to a name of one escaped dash has a relative target',
    requirements: ['DUMP-032', 'DUMP-038'],
    reasons: ['DUMPFILE_PATH'],
    input: root + line({}) + line({ path: '/b', mode: '@100644', payload: '\\x2d' }),
    control: 'hard-link',
  }),
  rejects('hard-link-with-an-unknown-escape', {
    title: 'An unknown escape in the target of a hard link is rejected',
    requirements: ['DUMP-021', 'DUMP-037'],
    reasons: ['DUMPFILE_ESCAPE'],
    input: root + line({}) + line({ path: '/b', mode: '@100644', payload: '/\\a' }),
    control: 'hard-link',
  }),
  rejects('hard-link-size-of-2-64', {
    title: 'A hard link line with a SIZE of 2^64 is rejected',
    requirements: ['DUMP-027', 'DUMP-037'],
    reasons: ['DUMPFILE_NUMBER'],
    input:
      root + line({}) + line({ path: '/b', mode: '@100644', size: '18446744073709551616', payload: '/a' }),
    control: 'hard-link-size-of-2-64-less-1',
    ...acceptedBy.c,
    class: 'LIMIT',
  }),
];
