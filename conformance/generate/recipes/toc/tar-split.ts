/**
 * Tar-split data that is malformed, not that of the table of contents, or rebuilds other bytes.
 * @module
 */

import type { Changes, TarSplitLine } from '../../builder/chunked.ts';
import { rawBlock, repeatedBlocks, SMALL_WINDOW, storedZstd, zstdFrame } from '../../builder/compression.ts';
import { bytes, concat, directory } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { agrees, annotation, inverted, keys, part, rejects, STORAGE, shifted, usr } from './parts.ts';

const confirmedBy = [STORAGE];

/** Length of the header of a stored zstd frame and of its one block. */
const FRAME_HEADERS = 12;
const LINE_FEED = 0x0a;
/** The longest line that has to be read, without its line feed. */
const LINE_LIMIT = 4194304;
/** Spaces at the end of the last line of `tar-split-line-of-4-mib`. */
let spaces = 0;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** The line of this number replaced, and positions counted again. */
function line(number: number, change: (line: TarSplitLine) => readonly TarSplitLine[]): Changes {
  return {
    tarSplit: lines =>
      lines
        .flatMap((each, i) => (i === number ? change(each) : [each]))
        .map((each, position) => ({ ...each, position })),
  };
}

const segment = (bytes: Uint8Array): TarSplitLine => ({ type: 2, payload: base64(bytes), position: 0 });

type TextRow = readonly [slug: string, change: (text: string) => string, title: string];

const malformed: readonly TextRow[] = [
  ['not-json', text => `${text}x\n`, 'A line of tar-split data is not JSON'],
  ['without-line-feed', text => text.slice(0, -1), 'The last line of tar-split data has no line feed'],
  ['empty-line', text => `${text}\n`, 'A line of tar-split data is empty'],
  [
    'member-in-another-case',
    text => text.replace('"size":6', '"size":6,"Size":5'),
    'A member of a line of tar-split data is in another case',
  ],
  [
    'member-twice',
    text => text.replace('"size":6', '"size":5,"size":6'),
    'A line of tar-split data has two members of the same name',
  ],
  [
    'position-of-line',
    text => text.replace('"position":2', '"position":3'),
    'A line of tar-split data has the position of another one',
  ],
  ['type', text => text.replace('"type":1', '"type":3'), 'A line of tar-split data has an unknown type'],
  [
    'not-base64',
    text => text.replace('"payload":"', '"payload":"*'),
    'A payload in tar-split data is not base64',
  ],
  [
    'name-not-base64',
    text => text.replace('"name":"usr/greeting"', '"name_raw":"A==="'),
    'A name in tar-split data has three characters of padding',
  ],
  [
    'without-position',
    text => text.replace(',"position":0}', '}'),
    'The first line of tar-split data has no position',
  ],
  [
    'segment-without-bytes',
    text => `${text}{"type":2,"payload":null,"position":7}\n`,
    'A segment of tar-split data has null as its payload',
  ],
  [
    'segment-without-payload',
    text => `${text}{"type":2,"position":7}\n`,
    'A segment of tar-split data has no payload',
  ],
  [
    'second-name',
    text =>
      text.replace(
        '"name":"usr/greeting"',
        `"name":"usr/greeting","name_raw":"${base64(bytes('usr/other'))}"`,
      ),
    'A line of tar-split data has another name in base64 beside its name',
  ],
  [
    'checksum-of-nothing',
    text => text.replace('"payload":null', '"payload":"AAAAAAAAAAA="'),
    'A line without content has a checksum',
  ],
];

type Row = readonly [slug: string, changes: Changes, title: string];

const otherBytes: readonly Row[] = [
  // A byte of the name of the owner, which is a part of no entry.
  ['other-header', line(0, inverted(265)), 'The tar-split data rebuilds another header'],
  ['other-padding', line(4, inverted(0)), 'The tar-split data rebuilds other padding'],
  ['ends-early', { tarSplit: lines => lines.slice(0, -1) }, 'The tar-split data ends before the archive'],
  [
    'goes-on',
    { tarSplit: lines => [...lines, { ...segment(new Uint8Array(512)), position: lines.length }] },
    'The tar-split data goes on after the archive',
  ],
  [
    'last-segment-longer',
    line(6, each => [segment(concat(Buffer.from(each.payload ?? '', 'base64'), new Uint8Array(1)))]),
    'The last segment of the tar-split data is one byte too long',
  ],
];

const otherEntries: readonly Row[] = [
  [
    'checksum',
    line(3, each => [{ ...each, payload: 'AAAAAAAAAAA=' }]),
    'The checksum of a file in the tar-split data is wrong',
  ],
  [
    'name',
    line(3, each => [{ ...each, name: 'usr/data2' }]),
    'A file has a different name in the tar-split data',
  ],
  [
    'content-as-segment',
    line(3, each => [{ ...each, size: 0, payload: null }, segment(Buffer.from('hello\n'))]),
    'The tar-split data has the content of a file as a segment',
  ],
  ['entry-missing', line(1, () => []), 'The tar-split data has no line for a directory'],
  [
    'entry-before-its-header',
    {
      tarSplit: ([header, entry, ...others]) =>
        [entry, header, ...others].flatMap((each, position) => (each ? [{ ...each, position }] : [])),
    },
    'The tar-split data has the line for a directory before its header',
  ],
  [
    'entry-added',
    line(6, each => [each, { type: 1, name: 'usr/extra', payload: null, position: 0 }]),
    'The tar-split data has a line for an entry that does not exist',
  ],
];

const rows = (list: readonly Row[], requirement: string): Recipe[] =>
  list.map(([slug, changes, title]) =>
    rejects(`tar-split-${slug}`, 'TOC_TARSPLIT', 'few-entries', {
      title,
      requirements: [requirement],
      changes,
      class: 'HOSTILE',
    }),
  );

export const recipes: readonly Recipe[] = [
  rejects('tar-split-digest-wrong', 'TOC_CHECKSUM', 'few-entries', {
    title: 'The tar-split data does not have the digest in the table',
    requirements: ['TOC-040'],
    changes: { tarSplitDigest: () => `sha256:${'0'.repeat(64)}` },
    class: 'HOSTILE',
  }),
  rejects('tar-split-not-compressed', 'TOC_TARSPLIT', 'few-entries', {
    title: 'The tar-split data is not compressed',
    requirements: ['TOC-042'],
    changes: { compressedTarSplit: compressed => compressed.subarray(12) },
  }),
  ...([1, -1] as const).map(by =>
    rejects(by === 1 ? 'tar-split-shorter' : 'tar-split-longer', 'TOC_TARSPLIT', 'no-footer', {
      title: `The tar-split data is ${by === 1 ? 'shorter' : 'longer'} than its position says`,
      requirements: ['TOC-042'],
      changes: { footer: () => undefined, ...annotation(keys.tarSplit, shifted(2, by)) },
    }),
  ),
  ...malformed.map(([slug, tarSplitText, title]) =>
    rejects(`tar-split-${slug}`, 'TOC_TARSPLIT', 'few-entries', {
      title,
      requirements: ['TOC-043'],
      changes: { tarSplitText },
    }),
  ),
  ...rows(otherBytes, 'TOC-044'),
  rejects('tar-split-other-end', 'TOC_TARSPLIT', 'bytes-after-the-end', {
    title: 'The tar-split data has a different byte after the end of the archive',
    requirements: ['TOC-044'],
    changes: {
      end: padding => concat(padding, new Uint8Array(1024), 'more'),
      ...line(6, inverted(1098)),
    },
    class: 'HOSTILE',
  }),
  ...rows(otherEntries, 'TOC-045'),
  agrees('tar-split-segments', {
    title: 'Segments of tar-split data can be cut at blocks after the last header',
    requirements: ['TOC-044'],
    changes: line(6, each => {
      const bytes = Buffer.from(each.payload ?? '', 'base64');
      return [segment(bytes.subarray(0, 584)), segment(bytes.subarray(584))];
    }),
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('tar-split-of-two-frames', {
    title: 'The tar-split data can be two frames of blocks, cut within lines',
    requirements: ['TOC-042', 'TOC-043'],
    changes: {
      compressedTarSplit: compressed => {
        const text = compressed.subarray(FRAME_HEADERS);
        // The second frame has two blocks; the first one ends with the first byte of a line.
        const at = text.lastIndexOf(LINE_FEED, -2) + 2;
        return concat(
          storedZstd(text.subarray(0, 700)),
          zstdFrame(SMALL_WINDOW, rawBlock(text.subarray(700, at)), rawBlock(text.subarray(at), true)),
        );
      },
    },
    class: 'EDGE_CASE',
    confirmedBy,
  }),
  agrees('tar-split-line-of-4-mib', {
    title: 'A line of tar-split data of 4,194,304 bytes is read',
    requirements: ['TOC-043', 'TOC-044'],
    changes: {
      compressedTarSplit: compressed => {
        const text = compressed.subarray(FRAME_HEADERS, -1);
        spaces = LINE_LIMIT - (text.length - text.lastIndexOf(LINE_FEED) - 1);
        return zstdFrame(
          SMALL_WINDOW,
          rawBlock(text),
          ...repeatedBlocks(0x20, spaces),
          rawBlock(bytes('\n'), true),
        );
      },
      footer: () => undefined,
      ...annotation(keys.tarSplit, value => shifted(2, spaces)(value)),
    },
    class: 'LIMIT',
    confirmedBy,
  }),
  agrees('tar-split-name-raw', {
    title: 'A name in the tar-split data can be base64',
    requirements: ['TOC-043'],
    parts: [usr, part(directory('usr/a'), { type: 'dir', name: 'usr/a', mode: 493 })],
    changes: line(3, ({ type, payload }) => [
      { type, name_raw: base64(Buffer.from('usr/a')), payload, position: 0 },
    ]),
    class: 'EDGE_CASE',
    confirmedBy,
  }),
];
