/**
 * The text of a table of contents: its compression, JSON that readers read in different ways, and members.
 * @module
 */

import type { Changes } from '../../builder/chunked.ts';
import { rawBlock, repeatedBlocks, SMALL_WINDOW, storedZstd, zstdFrame } from '../../builder/compression.ts';
import { bytes, concat, directory } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import {
  agrees,
  annotation,
  chunkMember,
  everything,
  keys,
  mayReject,
  member,
  part,
  rejects,
  replaced,
  STORAGE,
  shifted,
} from './parts.ts';

/** The longest table of contents that has to be read. The one in the case has its text in addition. */
const LIMIT = 157286400;
const GREETING = '"name":"usr/greeting"';
/** Length of the header of a stored zstd frame and of its one block. */
const FRAME_HEADERS = 12;

type Row = readonly [slug: string, changes: Changes, title: string];

/** A directory, whose size and digest are not compared. */
const DIRECTORY = '"type":"dir"';

const notCompressed: readonly Row[] = [
  [
    'table-not-compressed',
    { compressedToc: compressed => compressed.subarray(FRAME_HEADERS) },
    'The table of contents is not compressed',
  ],
  [
    'table-truncated',
    { compressedToc: compressed => compressed.subarray(0, -1) },
    'The frame of the table of contents is truncated',
  ],
];

const wrongLengths: readonly Row[] = [
  [
    'table-longer',
    { footer: () => undefined, ...annotation(keys.position, shifted(2, -1)) },
    'The table of contents is longer than its position says',
  ],
  [
    'table-shorter',
    { footer: () => undefined, ...annotation(keys.position, shifted(2, 1)) },
    'The table of contents is shorter than its position says',
  ],
];

const notStrict: readonly Row[] = [
  ['json-trailing', { toc: text => `${text}{}` }, 'A second JSON value follows the table of contents'],
  [
    'json-not-utf8',
    {
      toc: text => concat('{"comment":"', Uint8Array.of(0xff), '",', text.slice(1)),
    },
    'A string in the table of contents is not UTF-8',
  ],
  [
    'json-lone-surrogate',
    replaced('{"version"', '{"comment":"\\ud800","version"'),
    'A string in the table of contents has half of a surrogate pair',
  ],
  [
    'member-twice',
    replaced(GREETING, `"name":"usr/other",${GREETING}`),
    'An entry has two members of the same name',
  ],
  [
    'member-twice-with-escape',
    replaced(GREETING, `"na\\u006de":"usr/other",${GREETING}`),
    'An escape spells the name of a second member',
  ],
];

const ambiguous: readonly Row[] = [
  [
    'member-in-another-case',
    replaced('"mode":420', '"mode":420,"MODE":2541'),
    'A member of an entry differs from a known one only in case',
  ],
  [
    'member-of-the-table-in-another-case',
    replaced('"tarSplitDigest"', '"Entries":[],"tarSplitDigest"'),
    'A member of the table differs from a known one only in case',
  ],
  [
    'member-with-kelvin-sign',
    replaced('"mode":420', '"mode":420,"lin\u212aName":"x"'),
    'The Kelvin sign in a member counts as k',
  ],
  [
    'member-with-dotted-i',
    replaced('"mode":420', '"mode":420,"u\u0130d":7'),
    'A capital I with a dot in a member counts as i',
  ],
  [
    'member-with-long-s',
    replaced('"mode":420', '"mode":420,"\u017fize":7'),
    'A long s in a member counts as s',
  ],
  ['member-without-name', replaced('"mode":420', '"mode":420,"":0'), 'A member has an empty name'],
];

const wrongValues: readonly Row[] = [
  ['entries-missing', { toc: () => '{"version":1}' }, 'The table of contents has no entries'],
  ['entries-object', { toc: () => '{"version":1,"entries":{}}' }, 'The entries are an object'],
  ['entry-not-an-object', replaced('{"type":"dir"', '0,{"type":"dir"'), 'An entry is not an object'],
  ['entry-null', replaced('{"type":"dir"', 'null,{"type":"dir"'), 'An entry is null'],
  ['table-not-an-object', { toc: () => '[]' }, 'The table of contents is a list'],
  ['type-unknown', member('usr/', 'type', 'socket'), 'An entry has an unknown type'],
  ['type-missing', member('usr/', 'type', undefined), 'An entry has no type'],
  ['size-null', replaced(DIRECTORY, `${DIRECTORY},"size":null`), 'The size of an entry is null'],
  ['owner-of-chunk-text', chunkMember(0, 'uid', '0'), 'The owner of a chunk is a string'],
  ['size-text', replaced(DIRECTORY, `${DIRECTORY},"size":"0"`), 'The size of an entry is a string'],
  ['size-fraction', replaced(DIRECTORY, `${DIRECTORY},"size":0.0`), 'The size of an entry has a fraction'],
  ['size-negative', replaced(DIRECTORY, `${DIRECTORY},"size":-1`), 'The size of an entry is negative'],
  ['size-2-53', replaced(DIRECTORY, `${DIRECTORY},"size":9007199254740992`), 'The size of an entry is 2^53'],
  ['name-null', replaced('"mode":420', '"mode":420,"linkName":null'), 'The link target of an entry is null'],
  ['time-without-zone', member('usr/data', 'modtime', '1970-01-01T00:00:00'), 'A time has no zone'],
  ['time-of-day-60', member('usr/data', 'modtime', '1969-12-31T23:59:60Z'), 'A time has 60 seconds'],
  ['digest-form', member('usr/', 'digest', 'sha256:00'), 'The digest of an entry is too short'],
  [
    'digest-with-prefix',
    member('usr/', 'digest', ` sha256:${'0'.repeat(64)}`),
    'The digest of an entry begins with a space',
  ],
  [
    'digest-of-65-digits',
    member('usr/', 'digest', `sha256:${'0'.repeat(65)}`),
    'The digest of an entry is too long',
  ],
  ['chunk-type-unknown', member('usr/data', 'chunkType', 'ones'), 'A chunk has an unknown type'],
  [
    'tar-split-digest-form',
    { tarSplitDigest: () => 'sha256:00' },
    'The digest of the tar-split data is too short',
  ],
];

/** Times that do not exist, with the mtime, in seconds, that some readers take each one for. */
const wrongTimes: readonly (readonly [slug: string, mtime: number, modtime: string, title: string])[] = [
  ['time-in-february', 1677795200, '2023-02-30T22:13:20Z', 'A time is on 30 February'],
  ['time-in-month-13', 1704067200, '2023-13-01T00:00:00Z', 'A time is in a 13th month'],
  ['time-behind-a-space', 1700000000, ' 2023-11-14T22:13:20Z', 'A time begins with a space'],
  ['time-before-a-space', 1700000000, '2023-11-14T22:13:20Z ', 'A time ends with a space'],
  ['time-without-fraction', 1700000000, '2023-11-14T22:13:20.Z', 'A fraction of a time has no digits'],
  [
    'time-of-ten-digits',
    1700000000,
    '2023-11-14T22:13:20.0000000000Z',
    'A fraction of a time has ten digits',
  ],
  ['time-of-24-hours', 1700006400, '2023-11-14T24:00:00Z', 'A time is at 24 hours'],
  ['time-of-60-minutes', 1700002800, '2023-11-14T22:60:00Z', 'A time is at 60 minutes'],
  ['time-zone-of-24-hours', 1700000000, '2023-11-15T22:13:20+24:00', 'The zone of a time is 24 hours'],
  ['time-zone-of-60-minutes', 1700000000, '2023-11-14T23:13:20+00:60', 'The zone of a time is 60 minutes'],
];

/** Attributes of an entry that are those of the archive for a reader that is not strict about base64. */
const attributes = (value: string): Changes =>
  member('usr/attributes', 'xattrs', { 'user.a': value, 'user.b': 'Yg==' });

const wrongAttributes: readonly Row[] = [
  ['attribute-not-base64', attributes('AA*E='), 'The value of an attribute is not base64'],
  [
    'attribute-with-other-characters',
    attributes('AA****E='),
    'Base64 has other characters, and the length of base64',
  ],
  ['attribute-with-loose-bits', attributes('AAF='), 'Base64 has a bit that belongs to no byte'],
  ['attribute-without-padding', attributes('AAE'), 'Base64 lacks its padding'],
  [
    'attribute-with-half-padding',
    member('usr/attributes', 'xattrs', { 'user.a': 'AAE=', 'user.b': 'Yg=' }),
    'Base64 has one of its two padding characters',
  ],
];

const rows = (list: readonly Row[], requirement: string, control = 'few-entries'): Recipe[] =>
  list.map(([slug, changes, title]) =>
    rejects(slug, 'TOC_FORMAT', control, { title, requirements: [requirement], changes, class: 'HOSTILE' }),
  );

export const recipes: readonly Recipe[] = [
  ...rows(notCompressed, 'TOC-016'),
  ...rows(wrongLengths, 'TOC-016', 'no-footer'),
  agrees('table-of-two-frames', {
    title: 'The table of contents can consist of two frames',
    requirements: ['TOC-016'],
    changes: {
      compressedToc: compressed => {
        const text = compressed.subarray(FRAME_HEADERS);
        return concat(storedZstd(text.subarray(0, 9)), storedZstd(text.subarray(9)));
      },
    },
    class: 'EDGE_CASE',
    confirmedBy: [STORAGE],
  }),
  mayReject(
    'table-above-the-limit',
    { because: 'A verifier is required to read only tables of up to 150 MiB.', code: 'TOC_LIMIT' },
    {
      title: 'A table of contents of more than 150 MiB can be rejected',
      requirements: ['TOC-011'],
      changes: {
        compressedToc: compressed =>
          zstdFrame(
            SMALL_WINDOW,
            rawBlock(compressed.subarray(FRAME_HEADERS)),
            ...repeatedBlocks(0x20, LIMIT),
            rawBlock(bytes(''), true),
          ),
        footer: () => undefined,
        ...annotation(keys.position, shifted(2, LIMIT)),
      },
      class: 'LIMIT',
    },
  ),
  ...rows(notStrict, 'TOC-020'),
  ...rows(ambiguous, 'TOC-021'),
  rejects('attribute-without-name', 'TOC_FORMAT', 'every-type', {
    title: 'An extended attribute of an entry has an empty name',
    requirements: ['TOC-021'],
    changes: member('usr/greeting', 'xattrs', { '': 'AAE=' }),
    class: 'HOSTILE',
  }),
  ...[
    ['version-missing', '"version":1,', '', 'The table of contents has no version'],
    ['version-2', '"version":1', '"version":2', 'The version of the table of contents is 2'],
    ['version-text', '"version":1', '"version":"1"', 'The version of the table of contents is a string'],
  ].map(([slug = '', from = '', to = '', title = '']) =>
    rejects(slug, 'TOC_VERSION', 'few-entries', {
      title,
      requirements: ['TOC-022'],
      changes: replaced(from, to),
    }),
  ),
  ...rows(wrongValues, 'TOC-023'),
  ...wrongTimes.map(([slug, mtime, modtime, title]) =>
    rejects(slug, 'TOC_FORMAT', 'few-entries', {
      title,
      requirements: ['TOC-023'],
      parts: [part(directory('usr/', { mtime }), { type: 'dir', name: 'usr/', mode: 493, modtime })],
      class: 'HOSTILE',
    }),
  ),
  ...wrongAttributes.map(([slug, changes, title]) =>
    rejects(slug, 'TOC_FORMAT', 'every-type', {
      title,
      requirements: ['TOC-023'],
      parts: everything,
      changes,
      class: 'HOSTILE',
    }),
  ),
];
