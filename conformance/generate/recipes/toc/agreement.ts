/**
 * Tables of contents that agree with their layers: every type of entry, every optional part left out, and layers
 * without one.
 * @module
 */

import { storedGzip, storedZstd } from '../../builder/compression.ts';
import { concat, directory, entry, GNU, longLink, longName, pax, symlink, zeros } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import {
  agrees,
  annotation,
  everything,
  filePart,
  greeting,
  hasNone,
  keys,
  member,
  part,
  STORAGE,
  usr,
} from './parts.ts';

const confirmedBy = [STORAGE];
const without = () => ({});

/** A `K` header without the final NUL. */
const longLinkWithoutNul = (link: string) =>
  entry({ name: '././@LongLink', mode: 0o644, type: 'K', magic: GNU }, link);

/** A directory with this mtime, in seconds, and as it is in the table of contents. */
const atTime = (name: string, mtime: number, modtime: string) =>
  part(directory(name, { mtime }), { type: 'dir', name, mode: 493, modtime });

export const recipes: readonly Recipe[] = [
  agrees('every-type', {
    title: 'A table of contents has an entry of each type, with all members',
    requirements: ['TOC-031', 'TOC-030', 'TOC-032', 'TOC-034', 'TOC-035', 'TOC-044', 'TOC-014'],
    parts: everything,
    confirmedBy,
  }),
  agrees('few-entries', {
    title: 'A table of contents lists a directory, a file and a file in chunks',
    requirements: ['TOC-030', 'TOC-031', 'TOC-012', 'TOC-015', 'TOC-016', 'TOC-036', 'TOC-037', 'TOC-045'],
    confirmedBy,
  }),
  agrees('no-entries', {
    title: 'A layer without entries has a table of contents without entries',
    requirements: ['TOC-030'],
    parts: [],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('no-footer', {
    title: 'A blob without a footer has its positions only in annotations',
    requirements: ['TOC-014'],
    changes: { footer: () => undefined },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('tar-split-unbound', {
    title: 'Tar-split data without a digest in the table is compared as well',
    requirements: ['TOC-041', 'TOC-044'],
    changes: { tarSplitDigest: () => undefined },
    tarSplit: 'unbound',
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('tar-split-none', {
    title: 'A table of contents without tar-split data agrees with its layer',
    requirements: ['TOC-041'],
    changes: {
      tarSplitDigest: () => undefined,
      order: ({ content, toc, footer }) => [content, toc, footer],
      footer: ([offset = 0, length = 0, plain = 0, type = 0]) => [offset, length, plain, type, 0, 0, 0],
      ...annotation(keys.tarSplit, () => undefined),
    },
    tarSplit: 'none',
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('tar-split-checksum-annotation', {
    title: 'The value of the annotation tarsplit-checksum is ignored',
    requirements: ['TOC-009'],
    changes: { annotations: all => ({ ...all, [keys.tarSplitChecksum]: 'sha256:0' }) },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('unknown-members', {
    title: 'Members with unknown names are ignored',
    requirements: ['TOC-025'],
    changes: {
      ...member('usr/greeting', 'userName', 'root'),
      toc: text => text.replace('{"version"', '{"comment":[{"a":null}],"version"'),
    },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('time-zone', {
    title: 'A time can have a zone other than UTC',
    requirements: ['TOC-023', 'TOC-032'],
    parts: [
      atTime('a/', 1700000000, '2023-11-15T01:13:20+03:00'),
      atTime('b/', 1700000000, '2023-11-14T18:43:20-03:30'),
      atTime('c/', 1700000000, '2023-11-15T22:12:20+23:59'),
      atTime('d/', 1700000000, '2023-11-13T22:14:20-23:59'),
      atTime('e/', 1700006399, '2023-11-14T23:59:59Z'),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('time-of-year-one', {
    title: 'The first second of 1970 and of year 1 mean no time',
    requirements: ['TOC-032'],
    parts: [
      part(directory('a/'), { type: 'dir', name: 'a/', mode: 493, modtime: '1970-01-01T00:00:00Z' }),
      part(directory('b/'), { type: 'dir', name: 'b/', mode: 493, modtime: '0001-01-01T00:00:00Z' }),
      part(directory('c/'), { type: 'dir', name: 'c/', mode: 493, accesstime: '1970-01-01T00:00:00Z' }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('gnu-header-times', {
    title: 'Access and change times come from a GNU header',
    requirements: ['TOC-032'],
    parts: [
      part(directory('a/', { magic: GNU, at: { 345: '00000000001\0', 357: '00000000002\0' } }), {
        type: 'dir',
        name: 'a/',
        mode: 493,
        accesstime: '1970-01-01T00:00:01Z',
        changetime: '1970-01-01T00:00:02Z',
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('star-header-times', {
    title: 'Access and change times come from a ustar header with the mark of star',
    requirements: ['TOC-032'],
    parts: [
      part(directory('a/', { at: { 476: '00000000001\0', 488: '00000000002\0', 508: 'tar\0' } }), {
        type: 'dir',
        name: 'a/',
        mode: 493,
        accesstime: '1970-01-01T00:00:01Z',
        changetime: '1970-01-01T00:00:02Z',
      }),
      part(directory('b/', { at: { 476: '00000000001\0', 488: '00000000002\0' } }), {
        type: 'dir',
        name: 'b/',
        mode: 493,
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('star-header-field-without-time', {
    title: 'A field of star that begins with a NUL has no time',
    requirements: ['TOC-032'],
    parts: [
      part(directory('a/', { at: { 476: '\x0000000000x\0', 488: '00000000002\0', 508: 'tar\0' } }), {
        type: 'dir',
        name: 'a/',
        mode: 493,
        changetime: '1970-01-01T00:00:02Z',
      }),
    ],
    class: 'EDGE_CASE',
  }),
  agrees('record-times-before-1970', {
    title: 'Access and change times of PAX records can be before 1970',
    requirements: ['TOC-032'],
    parts: [
      part(concat(pax({ atime: '-1', ctime: '-1.123456789' }), directory('a/')), {
        type: 'dir',
        name: 'a/',
        mode: 493,
        accesstime: '1969-12-31T23:59:59Z',
        changetime: '1969-12-31T23:59:58.876543211Z',
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('record-time-of-20-digits', {
    title: 'A time of a PAX record can begin with zeros, and end with a point',
    requirements: ['TOC-032'],
    parts: [
      part(concat(pax({ atime: '1'.padStart(20, '0'), ctime: '2.' }), directory('a/')), {
        type: 'dir',
        name: 'a/',
        mode: 493,
        accesstime: '1970-01-01T00:00:01Z',
        changetime: '1970-01-01T00:00:02Z',
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('names-as-they-are', {
    title: 'Names and targets are those of the archive, not normal paths',
    requirements: ['TOC-031', 'TOC-024', 'TOC-033'],
    parts: [
      part(directory('./'), { type: 'dir', name: './', mode: 493 }),
      part(directory('./usr'), { type: 'dir', name: './usr', mode: 493 }),
      part(concat(longName('./usr/long'), longLink('../target'), symlink('x', 'y')), {
        type: 'symlink',
        name: './usr/long',
        linkName: '../target',
        mode: 511,
      }),
      part(concat(longLinkWithoutNul('../other'), symlink('usr/other', 'y')), {
        type: 'symlink',
        name: 'usr/other',
        linkName: '../other',
        mode: 511,
      }),
      part(concat(pax({ path: 'usr//\u00e4', linkpath: '\u00f6' }), symlink('x', 'y')), {
        type: 'symlink',
        name: 'usr//\u00e4',
        linkName: '\u00f6',
        mode: 511,
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('empty-values', {
    title: 'Attributes, link targets of files, and types of chunks can be empty',
    requirements: ['TOC-023', 'TOC-031'],
    parts: [
      filePart('a', 'x', {
        before: pax({ 'SCHILY.xattr.user.a': '' }),
        entry: { linkName: '', xattrs: { 'user.a': '' }, chunkType: '' },
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('mode-with-type', {
    title: 'The mode has all bits of the field, with those of the file type',
    requirements: ['TOC-031'],
    parts: [
      filePart('a', '', { fields: { mode: 0o100644 }, entry: { mode: 0o100644 } }),
      // Digits up to the end of the field.
      filePart('b', '', { fields: { mode: '00100755' }, entry: { mode: 0o100755 } }),
    ],
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('bytes-after-the-end', {
    title: 'Bytes after the end of the archive are a part of the tar-split data',
    requirements: ['TOC-044'],
    changes: { end: padding => concat(padding, zeros(20), 'more') },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('no-end', {
    title: 'An archive without an end has a frame behind its last file',
    requirements: ['TOC-035', 'TOC-044'],
    parts: [usr, filePart('usr/block', 'x'.repeat(512))],
    changes: { end: padding => padding },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  hasNone('annotations-none', {
    title: 'A layer without annotations has no table of contents',
    requirements: ['TOC-008'],
    changes: { annotations: without },
  }),
  hasNone('annotations-other', {
    title: 'Other annotations, and keys in another case, name no table of contents',
    requirements: ['TOC-008'],
    changes: {
      annotations: all => ({ [keys.checksum.toUpperCase()]: all[keys.checksum] ?? '', 'org.example': '1' }),
    },
    class: 'EDGE_CASE',
  }),
  hasNone('annotations-none-gzip', {
    title: 'A gzip layer without annotations has no table of contents',
    requirements: ['TOC-008'],
    changes: { annotations: without },
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    blob: () => storedGzip(concat(usr.headers, zeros())),
    class: 'EDGE_CASE',
  }),
  hasNone('estargz-alone', {
    title: 'A layer with only the annotation of eStargz is not checked',
    requirements: ['TOC-008'],
    changes: { annotations: all => ({ [keys.estargz]: all[keys.checksum] ?? '' }) },
    blob: () => storedZstd(concat(greeting.headers, 'hello\n', new Uint8Array(506), zeros())),
    class: 'EDGE_CASE',
  }),
];
