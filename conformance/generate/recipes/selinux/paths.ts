/**
 * The label of a path: slashes that a pattern repeats, names with any bytes, emptied directories, and attributes.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { ambiguous, c, d, decided, f, removed } from './parts.ts';

export const recipes: readonly Recipe[] = [
  decided(
    'slash-once',
    'A repeated slash matches one slash of a path',
    {
      main: '/etc/selinux/*x A\n/d/?x B\n',
      tree: [f('/etc/selinux/x'), f('/d/x')],
      labels: { '/etc/selinux/x': 'A', '/d/x': 'B' },
    },
    ['SELINUX-021'],
  ),
  ambiguous(
    'slash-absent',
    'slash-once',
    'A slash that is repeated zero times is rejected',
    { main: '/run/*x A\n', tree: [f('/runx')] },
    ['SELINUX-021'],
  ),
  ambiguous(
    'slash-absent-optional',
    'slash-once',
    'An optional slash that the path lacks is rejected',
    { main: '/d/?x A\n', tree: [f('/dx')] },
    ['SELINUX-021'],
  ),
  ambiguous(
    'slash-absent-at-end',
    'slash-once',
    'An optional slash at the end of a directory is rejected',
    { main: '/d/? A\n', tree: [d('/d')] },
    ['SELINUX-021'],
  ),
  ambiguous(
    'slash-absent-before-another',
    'slash-once',
    'A slash that the path has only later is rejected',
    { main: '/d/*x/d/y A\n', tree: [f('/dx/d/y')] },
    ['SELINUX-021'],
  ),
  ambiguous(
    'slash-absent-undecided',
    'slash-once',
    'A slash that is repeated zero times in an earlier line is rejected',
    { main: '/d/*x A\n/dx A\n', tree: [f('/dx')] },
    ['SELINUX-021'],
  ),
  decided(
    'slash-absent-elsewhere',
    'A slash that no path of the tree lacks has no effect',
    {
      class: 'EDGE_CASE',
      main: '/run/*x A\n/run/*y -d B\n',
      tree: [f('/runz'), f('/runy')],
      labels: {},
    },
    ['SELINUX-021'],
  ),
  decided(
    'slash-behind-escape',
    'The literal start of a line has its escapes replaced',
    {
      class: 'EDGE_CASE',
      main: '/d/a\\.b/c* A\n/d/(e)/?f B\n',
      tree: [f('/d/a.b/c'), f('/d/ef')],
      labels: { '/d/a.b/c': 'A', '/d/ef': 'B' },
    },
    ['SELINUX-021'],
  ),
  decided(
    'newline-inside',
    'A path can contain a newline',
    {
      class: 'EDGE_CASE',
      main: '/a.*b A\n',
      tree: [f('/a\nb')],
      labels: { '/a\nb': 'A' },
    },
    ['SELINUX-023'],
  ),
  ambiguous(
    'newline-at-end',
    'newline-inside',
    'A path that ends with a newline is rejected',
    { main: '/a.*b A\n', tree: [f('/a\nb'), f('/ab\n')] },
    ['SELINUX-023'],
  ),
  ambiguous(
    'newline-at-end-of-directory',
    'newline-inside',
    'A directory whose path ends with a newline is rejected',
    { main: '/a.*b A\n', tree: [f('/a\nb'), f('/ab\n/c')] },
    ['SELINUX-023'],
  ),
  decided(
    'newline-emptied',
    'A path that is removed from /boot can end with a newline',
    {
      class: 'EDGE_CASE',
      main: '/boot A\n',
      tree: [removed(f('/boot/a\n'))],
      labels: { '/boot': 'A' },
    },
    ['SELINUX-001', 'SELINUX-023', 'XFORM-009'],
  ),
  decided(
    'names',
    'Names are bytes in labels as elsewhere',
    {
      class: 'EDGE_CASE',
      main: '/d/.*x -- A\n/d/[^y]y -- B\n',
      tree: [' x', '\tx', '\x01x', '\x7fx', '\xe9x', '\xc3\xa9x', 'a b\xffx', '\xffy', ' y', '\n\n\ny'].map(
        name => f(`/d/${name}`),
      ),
      labels: {
        '/d/ x': 'A',
        '/d/\tx': 'A',
        '/d/\x01x': 'A',
        '/d/\x7fx': 'A',
        '/d/\xe9x': 'A',
        '/d/\xc3\xa9x': 'A',
        '/d/a b\xffx': 'A',
        '/d/\xffy': 'B',
        '/d/ y': 'B',
      },
    },
    ['SELINUX-015'],
  ),
  decided(
    'emptied',
    'An emptied directory keeps its label',
    {
      main: '/(run|boot|sysroot)(/.*)? A\n',
      tree: ['/boot/f', '/run/f', '/sysroot/f'].map(path => removed(f(path))),
      labels: { '/boot': 'A', '/run': 'A', '/sysroot': 'A' },
    },
    ['SELINUX-001', 'XFORM-009'],
  ),
  decided(
    'attributes',
    'Labels of the layers are replaced, other attributes are kept',
    {
      xattrs: 'keep-user-xattrs',
      needs: ['xattrs.keep-user-xattrs'],
      main: '/a A\n',
      tree: [
        {
          ...f('/a'),
          xattrs: { 'security.selinux': 'old', 'user.a': '1', 'user.z': '2' },
          kept: 'user.a=1 user.z=2',
        },
        {
          ...f('/b'),
          xattrs: { 'security.selinux': 'old', 'security.capability': 'c', 'user.b': '3' },
          kept: 'security.capability=c user.b=3',
        },
      ],
      labels: { '/a': 'A' },
    },
    ['SELINUX-024', 'XFORM-007'],
  ),
  decided(
    'label-of-layer',
    'An inode without a label does not keep that of its layer',
    {
      main: '/a A\n/b <<none>>\n',
      tree: ['/a', '/b', '/c'].map(path => ({ ...f(path), xattrs: { 'security.selinux': 'old' } })),
      labels: { '/a': 'A' },
    },
    ['SELINUX-003', 'SELINUX-024', 'XFORM-006'],
  ),
  decided(
    'whiteout-device',
    'A character device 0:0 is looked up as a device',
    {
      class: 'EDGE_CASE',
      main: '/w A\n/x -c C\n/x. -- F\n/y/.* -c C\n',
      tree: [c('/w', 0, 0), c('/x', 0, 0), c('/y/00', 0, 0), c('/xz', 0, 0)],
      labels: { '/w': 'A', '/x': 'C', '/y/00': 'C' },
    },
    ['SELINUX-024'],
  ),
  decided(
    'slash-once-by-alias',
    'A repeated slash matches one slash of a replaced path',
    { class: 'EDGE_CASE', main: '/d/*x A\n', subs: '/a /d/x\n', tree: [f('/a')], labels: { '/a': 'A' } },
    ['SELINUX-021'],
  ),
  ambiguous(
    'slash-absent-by-alias',
    'slash-once-by-alias',
    'A slash that a replaced path lacks is rejected',
    { main: '/d/*x A\n', subs: '/a /dx\n', tree: [f('/a')] },
    ['SELINUX-021'],
  ),
];
