/**
 * Files whose digests and chunks are not those of their content.
 * @module
 */

import type { Changes } from '../../builder/chunked.ts';
import { digestOf } from '../../builder/layout.ts';
import { concat } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { agrees, chunkMember, everything, filePart, member, rejects, STORAGE, usr } from './parts.ts';

const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

/** Length of the header of the frames of the builder: the magic number, a descriptor, and the size of the content. */
const STORED_HEADER = 9;

type Row = readonly [slug: string, changes: Changes, title: string];

const wrongDigests: readonly Row[] = [
  [
    'digest-wrong',
    member('usr/greeting', 'digest', NO_DIGEST),
    'The digest of a file is not that of its content',
  ],
  ['digest-missing', member('usr/greeting', 'digest', undefined), 'A file with content has no digest'],
];

const wrongChunkDigests: readonly Row[] = [
  [
    'chunk-digest-wrong',
    chunkMember(1, 'chunkDigest', NO_DIGEST),
    'The digest of a chunk is not that of its content',
  ],
  ['chunk-digest-missing', chunkMember(1, 'chunkDigest', undefined), 'A chunk of a split file has no digest'],
];

const wrongChunks: readonly Row[] = [
  ['chunk-missing', { entries: entries => entries.slice(0, -1) }, 'The chunks of a file do not cover it'],
  ['chunk-overlap', chunkMember(0, 'chunkOffset', 999), 'A chunk starts before the one before it ends'],
  [
    'chunk-beyond-the-file',
    member('usr/greeting', 'chunkSize', 7),
    'The only chunk of a file is longer than the file',
  ],
  [
    'chunk-of-another-file',
    chunkMember(0, 'name', 'usr/greeting'),
    'A chunk has the name of a file that is not before it',
  ],
  [
    'chunk-after-a-directory',
    { entries: ([first = {}, ...others]) => [first, { type: 'chunk', name: 'usr/' }, ...others] },
    'A chunk follows an entry that is not a file',
  ],
  [
    'chunk-first',
    { entries: entries => [{ type: 'chunk', name: 'usr/greeting' }, ...entries] },
    'The first entry is a chunk',
  ],
];

const misplaced: readonly Row[] = [
  ['file-offset', member('usr/greeting', 'offset', 1), 'The offset of a file is not that of a frame'],
  [
    'file-offset-of-another-frame',
    member('usr/greeting', 'offset', 0),
    'The offset of a file is that of a frame before it',
  ],
  [
    'file-offset-of-first-block',
    {
      entries: entries =>
        entries.map(entry =>
          entry['name'] === 'usr/greeting'
            ? { ...entry, offset: Number(entry['offset']) + STORED_HEADER }
            : entry,
        ),
    },
    'The offset of a file is that of the first block of its frame',
  ],
  [
    'file-end-offset',
    member('usr/greeting', 'endOffset', 1 << 20),
    'The end of a file is not the end of its frames',
  ],
  [
    'chunk-offset-in-blob',
    chunkMember(1, 'offset', Number.MAX_SAFE_INTEGER),
    'The offset of a chunk is outside of the blob',
  ],
];

const rows = (code: string, list: readonly Row[], requirement: string): Recipe[] =>
  list.map(([slug, changes, title]) =>
    rejects(slug, code, 'few-entries', { title, requirements: [requirement], changes, class: 'HOSTILE' }),
  );

export const recipes: readonly Recipe[] = [
  ...rows('TOC_DIGEST', wrongDigests, 'TOC-036'),
  rejects('digest-of-empty-file', 'TOC_DIGEST', 'every-type', {
    title: 'The digest of an empty file is not that of no bytes',
    requirements: ['TOC-036'],
    parts: everything,
    changes: member('usr/empty', 'digest', digestOf('x')),
    class: 'HOSTILE',
  }),
  ...rows('TOC_DIGEST', wrongChunkDigests, 'TOC-037'),
  ...rows('TOC_CHUNK', wrongChunks, 'TOC-034'),
  rejects('chunk-of-an-empty-file', 'TOC_CHUNK', 'every-type', {
    title: 'A file without content has a chunk',
    requirements: ['TOC-034'],
    parts: everything,
    changes: {
      entries: entries =>
        entries.flatMap(entry =>
          entry['name'] === 'usr/empty' ? [entry, { type: 'chunk', name: 'usr/empty' }] : [entry],
        ),
    },
    class: 'HOSTILE',
  }),
  ...(
    [
      ['first', 'The first chunk of a split file is empty', [0, 1000]],
      ['second', 'A chunk between two others is empty', [600, 0, 400]],
    ] as const
  ).map(([slug, title, sizes]) =>
    rejects(`chunk-empty-${slug}`, 'TOC_CHUNK', 'few-entries', {
      title,
      requirements: ['TOC-034'],
      parts: [usr, filePart('usr/data', 'a'.repeat(1000), { chunks: sizes.map(size => ({ size })) })],
      class: 'HOSTILE',
    }),
  ),
  ...rows('TOC_CHUNK', misplaced, 'TOC-035'),
  rejects('chunk-not-zeros', 'TOC_CHUNK', 'few-entries', {
    title: 'A chunk of type zeros has other bytes',
    requirements: ['TOC-038'],
    changes: chunkMember(1, 'chunkType', 'zeros'),
    class: 'HOSTILE',
  }),
  rejects('chunk-not-all-zeros', 'TOC_CHUNK', 'few-entries', {
    title: 'A chunk of type zeros has one other byte among zeros',
    requirements: ['TOC-038'],
    parts: [
      usr,
      filePart('usr/data', concat('a', new Uint8Array(600), 'b', new Uint8Array(400)), {
        chunks: [{ size: 1 }, { size: 1001, zeros: true }],
      }),
    ],
    class: 'HOSTILE',
  }),
  agrees('chunk-of-two-frames', {
    title: 'A chunk can be two frames, and an empty file can have a digest',
    requirements: ['TOC-035', 'TOC-036', 'TOC-037'],
    parts: [
      usr,
      filePart('usr/empty', '', { entry: { digest: digestOf('') } }),
      filePart('usr/data', concat('a'.repeat(1000), 'b'.repeat(1000)), {
        chunks: [{ size: 1200, cut: 300 }, { size: 800 }],
      }),
    ],
    class: 'EDGE_CASE',
    confirmedBy: [STORAGE],
  }),
];
