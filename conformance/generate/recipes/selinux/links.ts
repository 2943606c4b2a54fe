/**
 * Hard links whose names have different labels.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { c, f, h, type Labelled, l, labelled, removed } from './parts.ts';

function links(slug: string, title: string, image: Omit<Labelled, 'title' | 'requirements'>): Recipe {
  return labelled(`links-${slug}`, { title, requirements: ['SELINUX-025'], ...image });
}

const four = [f('/a', 'x'), h('/b', '/a'), h('/c', '/a'), h('/d', '/a')];

export const recipes: readonly Recipe[] = [
  links('one-label', 'Hard links with one label remain one inode', {
    main: '/. A\n',
    tree: four,
    labels: { '/a': 'A', '/b': 'A', '/c': 'A', '/d': 'A' },
  }),
  links('without-label', 'Hard links without a label remain one inode', {
    main: '/x A\n',
    tree: four,
    labels: {},
  }),
  links('two-labels', 'Hard links with two labels become two inodes', {
    main: '/a A\n/b B\n',
    tree: [f('/a', 'x'), h('/b', '/a')],
    labels: { '/a': 'A', '/b': 'B' },
    own: ['/b'],
  }),
  links('three-labels', 'Hard links with three labels become three inodes', {
    main: '/a A\n/b B\n/d/x D\n',
    tree: [f('/a', 'x'), h('/b', '/a'), h('/d/x', '/a')],
    labels: { '/a': 'A', '/b': 'B', '/d/x': 'D' },
    own: ['/b', '/d/x'],
  }),
  links('label-of-first', 'A name with the label of the first name stays with it', {
    main: '/[ad] A\n/[bc] B\n',
    tree: four,
    labels: { '/a': 'A', '/b': 'B', '/c': 'B', '/d': 'A' },
    own: ['/b', '/c'],
  }),
  links('first-without-label', 'A first name without a label keeps others without one', {
    main: '/[bd] B\n',
    tree: four,
    labels: { '/b': 'B', '/d': 'B' },
    own: ['/b', '/d'],
  }),
  links('later-without-label', 'Later names without a label become inodes of their own', {
    main: '/a A\n',
    tree: [f('/a', 'x'), h('/b', '/a'), h('/c', '/a')],
    labels: { '/a': 'A' },
    own: ['/b', '/c'],
  }),
  links('order', 'What is below a directory is visited before its next sibling', {
    class: 'EDGE_CASE',
    main: '/a/x A\n/a- B\n/b A\n',
    tree: [f('/a-', 'x'), h('/a/x', '/a-'), h('/b', '/a-')],
    labels: { '/a-': 'B', '/a/x': 'A', '/b': 'A' },
    own: ['/a-'],
  }),
  links('order-of-bytes', 'Names are visited in bytewise order', {
    class: 'EDGE_CASE',
    main: '/[Z\\^] A\n/a B\n/.. C\n',
    tree: [f('/\xc3\xa9', 'x'), h('/a', '/\xc3\xa9'), h('/Z', '/\xc3\xa9'), h('/^', '/\xc3\xa9')],
    labels: { '/Z': 'A', '/^': 'A', '/a': 'B', '/\xc3\xa9': 'C' },
    own: ['/a', '/\xc3\xa9'],
  }),
  links('symlink', 'Names of a symlink with two labels become two inodes', {
    class: 'EDGE_CASE',
    main: '/a A\n/b B\n',
    tree: [l('/a', 'target'), h('/b', '/a')],
    labels: { '/a': 'A', '/b': 'B' },
    own: ['/b'],
  }),
  links('device', 'Names of a device with two labels become two inodes', {
    class: 'EDGE_CASE',
    main: '/a A\n/b B\n',
    tree: [c('/a', 1, 5), h('/b', '/a')],
    labels: { '/a': 'A', '/b': 'B' },
    own: ['/b'],
  }),
  links('object', 'The inodes of a long file with two labels have one object', {
    main: '/a A\n/b B\n',
    tree: [f('/a', 'x'.repeat(65)), h('/b', '/a'), h('/c', '/a')],
    labels: { '/a': 'A', '/b': 'B' },
    own: ['/b', '/c'],
  }),
  links('attributes', 'An inode of its own keeps the other attributes', {
    class: 'EDGE_CASE',
    main: '/a A\n/b B\n',
    tree: [
      { ...f('/a', 'x'), xattrs: { 'security.capability': 'c' }, kept: 'security.capability=c' },
      h('/b', '/a'),
    ],
    labels: { '/a': 'A', '/b': 'B' },
    own: ['/b'],
  }),
  links('emptied', 'A name that is removed from /boot has no label', {
    class: 'EDGE_CASE',
    main: '/a A\n/boot/.* B\n/c A\n',
    tree: [f('/a', 'x'), removed(h('/boot/b', '/a')), h('/c', '/a')],
    labels: { '/a': 'A', '/c': 'A' },
  }),
  links('of-policy', 'Names of a policy file with two labels become two inodes', {
    class: 'EDGE_CASE',
    main: '/a A\n/etc/.*s C\n',
    tree: [h('/a', '/etc/selinux/t/contexts/files/file_contexts')],
    labels: {
      '/a': 'A',
      '/etc/selinux/t/contexts': 'C',
      '/etc/selinux/t/contexts/files': 'C',
      '/etc/selinux/t/contexts/files/file_contexts': 'C',
    },
    own: ['/etc/selinux/t/contexts/files/file_contexts'],
  }),
];
