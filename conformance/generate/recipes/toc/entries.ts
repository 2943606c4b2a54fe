/**
 * Entries of a table of contents that differ from those of the archive.
 * @module
 */

import type { Changes } from '../../builder/chunked.ts';
import type { Json } from '../../builder/layout.ts';
import { concat, directory, header, pax } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { everything, filePart, greeting, member, part, rejects, usr } from './parts.ts';

/** A member of an entry of the layer with every type, and a wrong value. */
type WrongMember = readonly [slug: string, name: string, key: string, value: unknown, title: string];

const wrongMembers: readonly WrongMember[] = [
  ['entry-type', 'usr/empty', 'type', 'fifo', 'An entry has a different type'],
  ['entry-name', 'usr/fifo', 'name', 'usr/fifo2', 'An entry has a different name'],
  ['entry-name-form', 'usr/', 'name', 'usr', 'The name of a directory lacks its slash'],
  ['entry-link-target', 'usr/link', 'linkName', 'empty', 'A symbolic link has a different target'],
  ['entry-hard-link-target', 'usr/hard', 'linkName', 'usr/empty', 'A hard link has a different target'],
  ['entry-mode', 'usr/greeting', 'mode', 2541, 'An entry has a different mode'],
  ['entry-size', 'usr/greeting', 'size', 7, 'A file has a different size'],
  ['entry-owner', 'usr/fifo', 'uid', 0, 'An entry has a different owner'],
  ['entry-group', 'usr/fifo', 'gid', 0, 'An entry has a different group'],
  ['entry-major', 'usr/disk', 'devMajor', 9, 'A device has a different major number'],
  ['entry-minor', 'usr/disk', 'devMinor', 44, 'A device has a different minor number'],
  [
    'entry-xattr-value',
    'usr/attributes',
    'xattrs',
    { 'user.a': 'AAE=', 'user.b': 'Yw==' },
    'An xattr has a different value',
  ],
  ['entry-xattr-missing', 'usr/attributes', 'xattrs', { 'user.a': 'AAE=' }, 'An xattr is missing'],
  ['entry-xattr-added', 'usr/greeting', 'xattrs', { 'security.capability': 'AQ==' }, 'An xattr is added'],
];

const wrongTimes: readonly WrongMember[] = [
  ['entry-modtime', 'usr/', 'modtime', '2023-11-14T22:13:21Z', 'An entry has a different mtime'],
  [
    'entry-modtime-fraction',
    'usr/attributes',
    'modtime',
    '2023-11-14T22:13:22Z',
    'An mtime lacks its fraction',
  ],
  ['entry-accesstime', 'usr/attributes', 'accesstime', undefined, 'An entry lacks its access time'],
  ['entry-changetime', 'usr/attributes', 'changetime', '2023-11-14T22:13:25Z', 'A change time differs'],
];

/** Malformed records `atime`, and the times that some readers take them for. */
const malformedTimes: readonly (readonly [slug: string, atime: string, accesstime: string, title: string])[] =
  [
    ['record-time-with-sign', '+1', '1970-01-01T00:00:01Z', 'An access time of a record begins with a plus'],
    ['record-time-with-unit', '1s', '1970-01-01T00:00:01Z', 'An access time of a record ends with a letter'],
    [
      'record-time-without-seconds',
      '.5',
      '1970-01-01T00:00:00.5Z',
      'An access time of a record is only a fraction',
    ],
  ];

const wrong = (list: readonly WrongMember[], requirements: readonly string[]): Recipe[] =>
  list.map(([slug, name, key, value, title]) =>
    rejects(slug, 'TOC_ENTRY', 'every-type', {
      title,
      requirements,
      parts: everything,
      changes: member(name, key, value),
      class: 'HOSTILE',
    }),
  );

const without = (name: string): Changes => ({
  entries: (entries: readonly Json[]) => entries.filter(entry => entry['name'] !== name),
});

const extra = { type: 'reg', name: 'usr/extra', mode: 420 };
/** A name in Latin-1. */
const latin = Uint8Array.of(0x61, 0xe4);

export const recipes: readonly Recipe[] = [
  ...wrong(wrongMembers, ['TOC-031']),
  ...wrong(wrongTimes, ['TOC-032', 'TOC-031']),
  rejects('entry-missing', 'TOC_ENTRY', 'every-type', {
    title: 'An entry of the archive is missing',
    requirements: ['TOC-030'],
    parts: everything,
    changes: without('usr/fifo'),
    class: 'HOSTILE',
  }),
  rejects('last-entry-missing', 'TOC_ENTRY', 'every-type', {
    title: 'The last entry of the archive is missing',
    requirements: ['TOC-030'],
    parts: everything,
    changes: without('usr/attributes'),
    class: 'HOSTILE',
  }),
  rejects('entry-added', 'TOC_ENTRY', 'few-entries', {
    title: 'The archive lacks an entry of the table',
    requirements: ['TOC-030'],
    changes: { entries: entries => [...entries, extra] },
    class: 'HOSTILE',
  }),
  rejects('entries-out-of-order', 'TOC_ENTRY', 'every-type', {
    title: 'The entries are in another order than in the archive',
    requirements: ['TOC-030'],
    parts: everything,
    changes: { entries: ([first = {}, second = {}, ...others]) => [second, first, ...others] },
  }),
  rejects('name-not-utf8', 'TOC_ENTRY', 'every-type', {
    title: 'A name that is not UTF-8 has no entry that agrees',
    requirements: ['TOC-033'],
    parts: [
      usr,
      {
        headers: header({ name: latin, mode: 0o644, size: 0 }),
        name: latin,
        // What Go writes for it.
        entry: { type: 'reg', name: 'a\ufffd', mode: 420 },
      },
    ],
  }),
  rejects('target-not-utf8', 'TOC_ENTRY', 'every-type', {
    title: 'A link target that is not UTF-8 has no entry that agrees',
    requirements: ['TOC-033'],
    parts: [
      usr,
      {
        headers: header({ name: 'l', type: '2', mode: 0o777, size: 0, link: latin }),
        name: 'l',
        entry: { type: 'symlink', name: 'l', linkName: 'a\ufffd', mode: 511 },
      },
    ],
  }),
  ...malformedTimes.map(([slug, atime, accesstime, title]) =>
    rejects(slug, 'TOC_ENTRY', 'record-times-before-1970', {
      title,
      requirements: ['TOC-032'],
      parts: [
        part(concat(pax({ atime }), directory('a/')), { type: 'dir', name: 'a/', mode: 493, accesstime }),
      ],
    }),
  ),
  rejects('star-header-time-malformed', 'TOC_ENTRY', 'star-header-times', {
    title: 'A malformed access time of star has no entry that agrees',
    requirements: ['TOC-032'],
    parts: [
      part(directory('a/', { at: { 476: '00000000001x', 508: 'tar\0' } }), {
        type: 'dir',
        name: 'a/',
        mode: 493,
        accesstime: '1970-01-01T00:00:01Z',
      }),
    ],
  }),
  rejects('path-twice', 'TOC_DUPLICATE', 'few-entries', {
    title: 'Two entries of layer and table have the same path',
    requirements: ['TOC-024'],
    parts: [usr, greeting, filePart('usr/greeting', 'bye\n')],
    class: 'HOSTILE',
  }),
  rejects('path-twice-in-other-forms', 'TOC_DUPLICATE', 'few-entries', {
    title: 'Two entries have the same path in different forms',
    requirements: ['TOC-024'],
    parts: [usr, greeting, filePart('./usr//greeting', 'bye\n')],
    class: 'HOSTILE',
  }),
  rejects('path-twice-in-the-table', ['TOC_DUPLICATE', 'TOC_ENTRY'], 'few-entries', {
    title: 'Two entries of the table have the path of one in the layer',
    requirements: ['TOC-024', 'TOC-030'],
    changes: { entries: ([first = {}, ...others]) => [first, first, ...others] },
    class: 'HOSTILE',
  }),
];
