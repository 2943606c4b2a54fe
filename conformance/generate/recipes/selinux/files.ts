/**
 * The policy files: which ones are read, what is at their paths, and their lengths.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { c, d, f, h, type Item, l, labelled, lowerPolicy, p, rejected, whiteout } from './parts.ts';

const POLICY = '/etc/selinux/t/contexts/files';
const CONTEXTS = `${POLICY}/file_contexts`;

const one = { main: '/a A\n', tree: [f('/a')] };
const oneLabel = { '/a': 'A' };

/** An image in which the policy lacks something. */
function missing(slug: string, what: string, path: string, more: readonly Item[] = []): Recipe {
  return rejected(`missing-${slug}`, 'TRANSFORM_SELINUX', 'contexts-empty', {
    title: `An image without ${what} is rejected`,
    requirements: ['SELINUX-009'],
    without: [path],
    tree: [f('/a'), ...more],
  });
}

/** An image with the wrong kind of inode on the path of a policy. */
function wrong(slug: string, what: string, item: Item, without: readonly string[] = []): Recipe {
  return rejected(slug, 'TRANSFORM_SELINUX', 'contexts-empty', {
    title: `An image with ${what} is rejected`,
    requirements: ['SELINUX-009'],
    tree: [f('/a'), item],
    without,
  });
}

export const recipes: readonly Recipe[] = [
  labelled('all-files', {
    title: 'The five policy files are read',
    requirements: ['SELINUX-008'],
    main: '/a A\n',
    local: '/b B\n',
    homedirs: '/c C\n',
    subs: '/d /a\n',
    subsDist: '/e /b\n',
    tree: ['/a', '/b', '/c', '/d', '/e'].map(path => f(path)),
    labels: { '/a': 'A', '/b': 'B', '/c': 'C', '/d': 'A', '/e': 'B' },
  }),
  labelled('contexts-empty', {
    title: 'An empty policy gives no labels',
    requirements: ['SELINUX-008', 'SELINUX-018'],
    class: 'EDGE_CASE',
    tree: [f('/a')],
    labels: {},
  }),
  labelled('files-empty', {
    title: 'Five empty policy files give no labels',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    main: '',
    local: '',
    homedirs: '',
    subs: '',
    subsDist: '',
    tree: [f('/a')],
    labels: {},
  }),
  ...[64, 65].map(size =>
    labelled(`contexts-${size}`, {
      title: `A policy file of ${size} bytes is read`,
      requirements: ['SELINUX-008', 'TREE-004'],
      class: 'EDGE_CASE',
      ...one,
      main: `/a A\n${'#'.repeat(size - 6)}\n`,
      labels: oneLabel,
    }),
  ),
  labelled('contexts-4194304', {
    title: 'A policy file of 4,194,304 bytes is read',
    requirements: ['SELINUX-010'],
    class: 'LIMIT',
    ...one,
    main: `${'#'.repeat(4_194_298)}\n/a A\n`,
    compressed: true,
    labels: oneLabel,
  }),
  rejected('contexts-4194305', 'TRANSFORM_LIMIT', 'contexts-4194304', {
    title: 'A policy file of 4,194,305 bytes is rejected',
    requirements: ['SELINUX-010'],
    class: 'LIMIT',
    ...one,
    main: `${'#'.repeat(4_194_299)}\n/a A\n`,
    compressed: true,
  }),
  rejected('aliases-4194305', 'TRANSFORM_LIMIT', 'contexts-4194304', {
    title: 'A file of aliases of 4,194,305 bytes is rejected',
    requirements: ['SELINUX-010'],
    class: 'LIMIT',
    ...one,
    subsDist: '\n'.repeat(4_194_305),
    compressed: true,
  }),
  labelled('compiled-file', {
    title: 'A compiled policy file has no effect',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [
      ...one.tree,
      f(`${CONTEXTS}.bin`, 'garbage'),
      f(`${CONTEXTS}.homedirs.bin`, '/a B\n'),
      f(`${CONTEXTS}.subs.bin`),
    ],
    labels: oneLabel,
  }),
  labelled('other-files', {
    title: 'Files with other names beside the policy have no effect',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [
      ...one.tree,
      f(`${CONTEXTS}.local.bak`, '/a B\n'),
      f(`${CONTEXTS}.Local`, '/a B\n'),
      f(`${POLICY}/media`, '/a B\n'),
      l(`${CONTEXTS}.subs_dist.old`),
    ],
    labels: oneLabel,
  }),
  labelled('files-linked', {
    title: 'One file can be two of the policy files',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    main: '/a. A\n',
    tree: [f('/ab'), h(`${CONTEXTS}.homedirs`, CONTEXTS)],
    labels: { '/ab': 'A' },
  }),
  labelled('file-linked-elsewhere', {
    title: 'A policy file is read if it has several names',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [...one.tree, f('/etc/x', '/a A\n'), h(CONTEXTS, '/etc/x')],
    labels: oneLabel,
  }),
  labelled('long-file-linked-elsewhere', {
    title: 'A long policy file is read if it is a hard link to another path',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [...one.tree, f('/etc/x', `/a A\n${'#'.repeat(60)}\n`), h(CONTEXTS, '/etc/x')],
    labels: oneLabel,
  }),
  labelled('long-config-linked-elsewhere', {
    title: 'A long config is read if it is a hard link to another path',
    requirements: ['SELINUX-002', 'SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [
      ...one.tree,
      f('/etc/x', `/a A\n${'#'.repeat(60)}\n`),
      h(CONTEXTS, '/etc/x'),
      f('/etc/z', `SELINUXTYPE=t\n${'#'.repeat(60)}\n`),
      h('/etc/selinux/config', '/etc/z'),
    ],
    except: ['rs'],
    labels: oneLabel,
  }),
  labelled('contexts-replaced', {
    title: 'A policy file is that of the upper layer',
    requirements: ['SELINUX-008'],
    ...one,
    lower: lowerPolicy('t', 'file_contexts', '/a B\n/b B\n'),
    labels: oneLabel,
  }),
  labelled('contexts-of-lower-layer', {
    title: 'The policy files can come from different layers',
    requirements: ['SELINUX-008'],
    main: '/a A\n',
    lower: lowerPolicy('t', 'file_contexts.local', '/b B\n'),
    tree: [f('/a'), f('/b'), { ...f(`${CONTEXTS}.local`, '/b B\n'), only: 'below' }],
    labels: { '/a': 'A', '/b': 'B' },
  }),
  labelled('local-deleted', {
    title: 'A policy file that an upper layer deletes has no effect',
    requirements: ['SELINUX-008', 'MERGE-019'],
    ...one,
    lower: lowerPolicy('t', 'file_contexts.local', '/a B\n'),
    also: [whiteout(`${CONTEXTS}.local`)],
    labels: oneLabel,
  }),
  rejected('contexts-deleted', 'TRANSFORM_SELINUX', 'local-deleted', {
    title: 'An image whose upper layer deletes file_contexts is rejected',
    requirements: ['SELINUX-009', 'MERGE-019'],
    ...one,
    main: null,
    lower: lowerPolicy('t', 'file_contexts', '/a B\n'),
    also: [whiteout(CONTEXTS)],
  }),
  missing('type', 'the directory that its config names', '/etc/selinux/t'),
  missing('contexts', 'a directory contexts', '/etc/selinux/t/contexts'),
  missing('files', 'a directory contexts/files', POLICY),
  missing('file-contexts', 'file_contexts', CONTEXTS, [f(`${CONTEXTS}.local`), f(`${CONTEXTS}.bin`, 'x')]),
  wrong('policy-symlink', 'a symlink to its policy', l('/etc/selinux/t', 'u'), ['/etc/selinux/t/contexts']),
  wrong('policy-file', 'a file in place of its policy', f('/etc/selinux/t'), ['/etc/selinux/t/contexts']),
  wrong('contexts-symlink', 'a symlink at contexts', l('/etc/selinux/t/contexts'), [POLICY]),
  wrong('files-symlink', 'a symlink at contexts/files', l(POLICY, '/usr'), [CONTEXTS]),
  wrong('files-device', 'a device at contexts/files', c(POLICY), [CONTEXTS]),
  wrong('file-contexts-symlink', 'a symlink at file_contexts', l(CONTEXTS, 'file_contexts.local')),
  wrong('file-contexts-directory', 'a directory at file_contexts', d(CONTEXTS)),
  wrong('file-contexts-fifo', 'a fifo at file_contexts', p(CONTEXTS)),
  wrong('local-symlink', 'a symlink at file_contexts.local', l(`${CONTEXTS}.local`, 'file_contexts')),
  wrong('homedirs-directory', 'a directory at file_contexts.homedirs', d(`${CONTEXTS}.homedirs`)),
  wrong('subs-device', 'a device 0:0 at file_contexts.subs', c(`${CONTEXTS}.subs`, 0, 0)),
  wrong(
    'subs-dist-symlink',
    'a symlink at file_contexts.subs_dist',
    l(`${CONTEXTS}.subs_dist`, 'file_contexts.subs'),
  ),
  labelled('file-contexts-of-symlink', {
    title: 'What a symlink beside the policy leads to has no effect',
    requirements: ['SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [
      ...one.tree,
      l('/etc/selinux/current', 't'),
      l('/etc/selinux/t/contexts/files/link', 'file_contexts'),
    ],
    labels: oneLabel,
  }),
];
