/**
 * Annotations of a table of contents that are incomplete, malformed or contradict each other, and positions that are
 * not those of frames.
 * @module
 */

import type { Changes, Footer } from '../../builder/chunked.ts';
import { skippable } from '../../builder/compression.ts';
import { digestOf, type Json } from '../../builder/layout.ts';
import { concat, zeros } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { agrees, annotation, keys, rejects, STORAGE, shifted } from './parts.ts';

const confirmedBy = [STORAGE];

/** Limits of the lengths of a table of contents and of tar-split data (TOC-011, TOC-047). */
const TABLE_LIMIT = 157286400;
const TAR_SPLIT_LIMIT = 1073741824;

/** A position with another number in place of its `number`th. */
const withNumber = (number: number, value: number) => (position: string) =>
  position
    .split(':')
    .map((old, i) => (i === number ? `${value}` : old))
    .join(':');

/** Digests of what is built, for its annotation or for the table. */
let sha512 = '';
let plain = '';
let first = '';

const other = skippable(new Uint8Array(3), 7);
/** Length of the frame of the table of contents in `table-before-content`, which is filled up with spaces. */
const TOC_FRAME = 2048;
/** Length of the headers of a skippable frame, of a stored zstd frame and of its one block. */
const HEADERS = 8 + 9 + 3;

/** Length of the last frame in `table-before-the-end-of-content`: padding of the last file, and 20 blocks of zeros. */
const LAST_FRAME = 9 + 3 + 72 + 20 * 512;

/** Entries whose frames start `by` bytes later than in an ordinary blob. */
const later =
  (by: number) =>
  (entries: readonly Json[]): readonly Json[] =>
    entries.map(entry => ({
      ...entry,
      ...(typeof entry['offset'] === 'number' && { offset: entry['offset'] + by }),
      ...(typeof entry['endOffset'] === 'number' && { endOffset: entry['endOffset'] + by }),
    }));

/** Changes of an annotation in a blob without a footer, which would differ from it. */
const withoutFooter = (key: string, change: (value: string) => string): Changes => ({
  footer: () => undefined,
  ...annotation(key, change),
});

/** A compressed part with a skippable frame behind it; `first` is its digest without this frame. */
const withFrameBehind = (compressed: Uint8Array): Uint8Array => {
  first = digestOf(compressed);
  return concat(compressed, other);
};

/** A table without tar-split data, whose annotation and footer give it the offset `to`. */
const movedTable = (to: (offset: number) => number): Changes => ({
  tarSplitDigest: () => undefined,
  order: ({ content, toc, footer }) => [content, toc, footer],
  footer: ([offset = 0, length = 0, plainLength = 0, type = 0]) => [
    to(offset),
    length,
    plainLength,
    type,
    ...[0, 0, 0],
  ],
  annotations: all => {
    const [offset = '', ...others] = (all[keys.position] ?? '').split(':');
    return {
      [keys.checksum]: all[keys.checksum] ?? '',
      [keys.position]: [to(Number(offset)), ...others].join(':'),
    };
  },
});

const withoutTarSplit: Changes = {
  order: ({ content, toc, footer }) => [content, toc, footer],
  footer: (numbers: Footer) => numbers.map((value, i) => (i > 3 ? 0 : value)),
  ...annotation(keys.tarSplit, () => undefined),
};

const malformed: readonly (readonly [slug: string, title: string, requirement: string, changes: Changes])[] =
  [
    [
      'both-formats',
      'A layer has the annotations of zstd:chunked and of eStargz',
      'TOC-003',
      { annotations: all => ({ ...all, [keys.estargz]: all[keys.checksum] ?? '' }) },
    ],
    [
      'no-checksum',
      'The annotation manifest-checksum is missing',
      'TOC-005',
      annotation(keys.checksum, () => undefined),
    ],
    [
      'no-position',
      'The annotation manifest-position is missing',
      'TOC-005',
      annotation(keys.position, () => undefined),
    ],
    [
      'tar-split-checksum-alone',
      'Only the annotation tarsplit-checksum is there',
      'TOC-005',
      { annotations: () => ({ [keys.tarSplitChecksum]: `sha256:${'0'.repeat(64)}` }) },
    ],
    [
      'checksum-without-algorithm',
      'The annotation manifest-checksum has no algorithm',
      'TOC-006',
      annotation(keys.checksum, value => value.slice('sha256:'.length)),
    ],
    [
      'checksum-in-upper-case',
      'The annotation manifest-checksum has upper-case digits',
      'TOC-006',
      annotation(keys.checksum, value => `sha256:${value.slice(7).toUpperCase()}`),
    ],
    [
      'position-with-three-numbers',
      'The annotation manifest-position has no type',
      'TOC-007',
      annotation(keys.position, value => value.replace(/:1$/, '')),
    ],
    [
      'position-with-five-numbers',
      'The annotation manifest-position has a fifth number',
      'TOC-007',
      annotation(keys.position, value => `${value}:1`),
    ],
    [
      'position-with-leading-zero',
      'A number of the annotation manifest-position begins with a zero',
      'TOC-007',
      annotation(keys.position, value => `0${value}`),
    ],
    [
      'position-with-sign',
      'A number of the annotation manifest-position has a sign',
      'TOC-007',
      annotation(keys.position, value => `+${value}`),
    ],
    [
      'position-of-2-53',
      'A number of the annotation manifest-position is 2^53',
      'TOC-007',
      withoutFooter(keys.position, value => value.replace(/^[0-9]+/, '9007199254740992')),
    ],
    [
      'position-of-another-type',
      'The annotation manifest-position has the type 2',
      'TOC-007',
      withoutFooter(keys.position, value => value.replace(/:1$/, ':2')),
    ],
    [
      'tar-split-position-of-two-numbers',
      'The annotation tarsplit-position has two numbers',
      'TOC-007',
      annotation(keys.tarSplit, value => value.replace(/:[0-9]+$/, '')),
    ],
  ];

const misplaced: readonly (readonly [slug: string, title: string, requirement: string, changes: Changes])[] =
  [
    [
      'position-of-frame-header',
      'The position of the table is that of its frame, not of its content',
      'TOC-012',
      withoutFooter(keys.position, shifted(0, -8)),
    ],
    [
      'position-before-the-end',
      'The position of the table ends before its frame ends',
      'TOC-012',
      {
        compressedToc: withFrameBehind,
        footer: () => undefined,
        annotations: all => ({
          ...all,
          [keys.checksum]: first,
          [keys.position]: shifted(1, -other.length)(all[keys.position] ?? ''),
        }),
      },
    ],
    [
      'tar-split-position-before-the-end',
      'The position of the tar-split data ends before its frame ends',
      'TOC-012',
      {
        compressedTarSplit: withFrameBehind,
        tarSplitDigest: () => first,
        ...withoutFooter(keys.tarSplit, shifted(1, -other.length)),
      },
    ],
    [
      'table-before-content',
      'The table of contents is before the content of the layer',
      'TOC-013',
      {
        order: ({ content, toc, tarSplit }) => [toc, content, tarSplit],
        entries: later(TOC_FRAME),
        toc: text => text.padEnd(TOC_FRAME - HEADERS),
      },
    ],
    [
      'table-before-the-end-of-content',
      'The table of contents is before the last frame of the content',
      'TOC-013',
      {
        // The last frame is longer than the table, so that neither its start nor its length alone decides.
        end: padding => concat(padding, zeros(20)),
        order: ({ content, toc, tarSplit }) => [
          content.subarray(0, -LAST_FRAME),
          toc,
          content.subarray(-LAST_FRAME),
          tarSplit,
        ],
      },
    ],
    [
      'tar-split-before-table',
      'The tar-split data is before the table of contents',
      'TOC-013',
      { order: ({ content, toc, tarSplit }) => [content, tarSplit, toc] },
    ],
  ];

export const recipes: readonly Recipe[] = [
  ...malformed.map(([slug, title, requirement, changes]) =>
    rejects(slug, 'TOC_ANNOTATION', 'few-entries', { title, requirements: [requirement], changes }),
  ),
  rejects('layer-not-zstd', 'TOC_ANNOTATION', 'annotations-none-gzip', {
    title: 'A gzip layer has the annotations of zstd:chunked',
    requirements: ['TOC-004'],
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  }),
  rejects('no-tar-split-position', 'TOC_ANNOTATION', 'tar-split-none', {
    title: 'A table has a digest of tar-split data whose position is missing',
    requirements: ['TOC-040'],
    changes: withoutTarSplit,
  }),
  agrees('checksum-sha512', {
    title: 'The annotation manifest-checksum can be a SHA-512 digest',
    requirements: ['TOC-006', 'TOC-015'],
    changes: {
      compressedToc: compressed => {
        sha512 = digestOf(compressed, 'sha512');
        return compressed;
      },
      ...annotation(keys.checksum, () => sha512),
    },
    class: 'EDGE_CASE',
    confirmedBy,
  }),

  ...misplaced.map(([slug, title, requirement, changes]) =>
    rejects(slug, 'TOC_POSITION', 'no-footer', {
      title,
      requirements: [requirement],
      changes,
      class: 'HOSTILE',
    }),
  ),
  rejects('position-after-the-blob', 'TOC_POSITION', 'tar-split-none', {
    title: 'The position of the table is after the end of the blob',
    requirements: ['TOC-012'],
    changes: movedTable(offset => offset + (1 << 20)),
    class: 'HOSTILE',
  }),
  rejects('position-of-2-53-minus-1', 'TOC_POSITION', 'tar-split-none', {
    title: 'The position of the table starts at 2^53-1',
    requirements: ['TOC-012'],
    changes: movedTable(() => Number.MAX_SAFE_INTEGER),
    class: 'HOSTILE',
  }),
  rejects('position-above-the-limit', ['TOC_LIMIT', 'TOC_POSITION'], 'no-footer', {
    title: 'The position of the table is longer than the blob and the limit',
    requirements: ['TOC-011', 'TOC-012'],
    changes: withoutFooter(keys.position, shifted(1, 157286400)),
    class: 'HOSTILE',
  }),
  rejects('position-length-of-2-53-minus-1', ['TOC_LIMIT', 'TOC_POSITION'], 'no-footer', {
    title: 'The position of the table has the length 2^53-1',
    requirements: ['TOC-007', 'TOC-011', 'TOC-012'],
    changes: withoutFooter(keys.position, withNumber(1, Number.MAX_SAFE_INTEGER)),
    class: 'HOSTILE',
  }),
  rejects('position-at-the-limit', 'TOC_POSITION', 'no-footer', {
    title: 'The position of the table has the length of the limit',
    requirements: ['TOC-012', 'TOC-011'],
    changes: withoutFooter(keys.position, withNumber(1, TABLE_LIMIT)),
    class: 'LIMIT',
  }),
  rejects('tar-split-position-at-the-limit', 'TOC_TARSPLIT', 'no-footer', {
    title: 'The position of the tar-split data has the limit as its plain length',
    requirements: ['TOC-042'],
    changes: withoutFooter(keys.tarSplit, withNumber(2, TAR_SPLIT_LIMIT)),
    class: 'LIMIT',
  }),
  rejects('tar-split-in-the-table', 'TOC_POSITION', 'no-entries', {
    title: 'The table of contents is also the tar-split data',
    requirements: ['TOC-013'],
    parts: [],
    changes: {
      // One text is both: a table without entries, and a line with an archive without entries.
      toc: () =>
        `{"version":1,"entries":[],"type":2,"payload":"${Buffer.from(zeros()).toString('base64')}","position":0}\n`,
      order: ({ content, toc }) => [content, toc],
      annotations: all => ({ ...all, [keys.tarSplit]: (all[keys.position] ?? '').replace(/:1$/, '') }),
    },
    class: 'HOSTILE',
  }),
  agrees('last-frame-without-magic', {
    title: 'A last frame of 64 bytes without the magic number is not a footer',
    requirements: ['TOC-014'],
    changes: {
      order: ({ content, toc, tarSplit, footer }) => [
        content,
        toc,
        tarSplit,
        footer,
        skippable(new Uint8Array(64)),
      ],
      // Nor is the frame before it the last one.
      footer: numbers => numbers.map(value => value + 1),
    },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('other-skippable-frames', {
    title: 'Other skippable frames can be between and behind those of the table',
    requirements: ['TOC-013', 'TOC-014'],
    changes: {
      order: ({ content, toc, tarSplit, footer }) => [
        other,
        content,
        other,
        toc,
        other,
        tarSplit,
        footer,
        other,
      ],
      entries: later(other.length),
    },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  ...[
    ['footer-offset', 'The footer has a different offset of the table of contents'],
    ['footer-length', 'The footer has a different length of the table of contents'],
    ['footer-plain-length', 'The footer has a different plain length of the table'],
    ['footer-type', 'The footer has a different type'],
    ['footer-tar-split-offset', 'The footer has a different offset of the tar-split data'],
    ['footer-tar-split-length', 'The footer has a different length of the tar-split data'],
    ['footer-tar-split-plain-length', 'The footer has a different plain length of tar-split data'],
  ].map(([slug = '', title = ''], number) =>
    rejects(slug, 'TOC_POSITION', 'few-entries', {
      title,
      requirements: ['TOC-014'],
      changes: { footer: numbers => numbers.map((value, i) => (i === number ? value + 1 : value)) },
    }),
  ),
  rejects('checksum-wrong', 'TOC_CHECKSUM', 'few-entries', {
    title: 'The annotation manifest-checksum is not the digest of the table',
    requirements: ['TOC-015'],
    changes: annotation(keys.checksum, () => `sha256:${'0'.repeat(64)}`),
    class: 'HOSTILE',
  }),
  rejects('checksum-of-plain-table', 'TOC_CHECKSUM', 'few-entries', {
    title: 'The annotation manifest-checksum is that of the decompressed table',
    requirements: ['TOC-015'],
    changes: {
      toc: text => {
        plain = digestOf(text);
        return text;
      },
      ...annotation(keys.checksum, () => plain),
    },
  }),
];
