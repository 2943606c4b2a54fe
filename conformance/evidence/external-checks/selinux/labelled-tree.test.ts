import { expect, test } from 'vitest';
import { labelDifferences, labelledPaths } from './labelled-tree.ts';

const dumpfile = [
  '/ 0 40755 3 0 0 0 0.0 - - - security.selinux=r:s0',
  '/a\\x20b 0 100644 2 0 0 0 0.0 - - - security.capability=x security.selinux=a\\x3db',
  '/c 0 @100644 - - - - 0.0 /a\\x20b - -',
  '/d 0 20600 1 0 0 0 0.0 - - -',
  '/e\\n\\xff 1 120777 1 0 0 0 0.0 t - -',
  '',
].join('\n');

test('reads paths, types and labels, and gives a hard link the label of its target', () => {
  expect(labelledPaths(dumpfile)).toEqual([
    { path: '/', type: 'd', label: 'r:s0' },
    { path: '/a b', type: '-', label: 'a=b' },
    { path: '/c', type: '-', label: 'a=b' },
    { path: '/d', type: 'c' },
    { path: '/e\n\xff', type: 'l' },
  ]);
});

test('lists every path with another label, and failed lookups as differences', () => {
  const answers = [
    { kind: 'label', label: 'r:s0' },
    { kind: 'label', label: 'other' },
    { kind: 'none' },
    { kind: 'failed', why: 'Invalid argument' },
    { kind: 'none' },
  ] as const;
  expect(labelDifferences(labelledPaths(dumpfile), answers, 'libselinux 3')).toEqual([
    '"/a b" (-): expected the label "a=b", libselinux 3 gives the label "other"',
    '"/c" (-): expected the label "a=b", libselinux 3 gives no label',
    '"/d" (c): libselinux 3 fails: Invalid argument',
  ]);
});

test('counts a missing answer as a difference', () => {
  expect(labelDifferences([{ path: '/', type: 'd' }], [], 'libselinux 3')).toEqual([
    '"/" (d): libselinux 3 fails: no answer',
  ]);
});
