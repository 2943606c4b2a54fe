/**
 * gzip and zstd: members, frames, and what is neither. The blobs are made by hand, of stored bytes.
 * @module
 */

import {
  rawBlock,
  repeatedBlock,
  repeatedBlocks,
  SMALL_WINDOW,
  skippable,
  storedGzip,
  storedZstd,
  zstdBlockHeader,
  zstdFrame,
} from '../../builder/packed.ts';
import { archive, bytes, concat, file, header } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { mayRefuse, reads, refuses } from './parts.ts';

const MEMBERS = [
  'https://github.com/composefs/composefs-rs/pull/381',
  'https://github.com/composefs/composefs-rs/pull/383',
  'https://github.com/bootc-dev/bootc/issues/2408',
];
const CHUNKED =
  'https://github.com/containers/container-libs/blob/main/storage/docs/containers-storage-zstd-chunked.md';

const layer = archive(file('f', 'hello'), file('g', 'world'));
const tree = ['/f 5 100644 1 0 0 0 0.0 - hello -', '/g 5 100644 1 0 0 0 0.0 - world -'];
/** The two blocks that end {@link layer}, and what stands before them. */
const entries = layer.subarray(0, layer.length - 1024);

const of = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** What skippable frames hold. */
const SKIP = bytes('skip');

/** A gzip member with an extra field, a name and a comment in its header. */
function richMember(content: Uint8Array): Uint8Array {
  const head = concat(of(0x1f, 0x8b, 8, 0x1c, 1, 2, 3, 4, 2, 3), of(4, 0), 'abcd', 'name\0', 'comment\0');
  return concat(head, storedGzip(content).subarray(10));
}

/** Windows of 32 and 128 MiB. */
const LARGE = 0x78;
const LARGEST = 0x88;

/** The 1024 zeros that end an archive, in a frame with the checksum that zstd 1.5.4 gives them. */
const checkedEnd = concat(
  of(0x28, 0xb5, 0x2f, 0xfd, 0x04, SMALL_WINDOW),
  repeatedBlock(0, 1024, true),
  of(0xcd, 0xac, 0x85, 0xf0),
);

/** An archive with a PAX header of so many bytes, all but its beginning a comment, in zstd. */
function longHeader(size: number): Uint8Array {
  const start = bytes(`${size} comment=`);
  const blocks = repeatedBlocks(0x63, size - start.length - 1);
  const rest = concat('\n', new Uint8Array((512 - (size % 512)) % 512), archive(file('f', 'hello')));
  const head = concat(header({ name: 'x', type: 'x', size }), start);
  return zstdFrame(SMALL_WINDOW, rawBlock(head), ...blocks, rawBlock(rest, true));
}

const damagedSum = storedGzip(layer);
damagedSum[damagedSum.length - 8] = (damagedSum[damagedSum.length - 8] ?? 0) ^ 1;
const damagedSize = storedGzip(layer);
damagedSize[damagedSize.length - 1] = 1;
const damagedEnd = checkedEnd.slice();
damagedEnd[damagedEnd.length - 1] = 0;

const accepted: readonly Recipe[] = [
  reads('gzip', {
    title: 'A gzip blob is its content',
    requirements: ['LAYER-031', 'LAYER-032'],
    layer: storedGzip(layer),
    packed: 'gzip',
    tree,
  }),
  reads('gzip-members', {
    title: 'All members of a gzip blob are read, wherever they are cut',
    requirements: ['LAYER-032'],
    class: 'KNOWN_BUG',
    links: MEMBERS,
    layer: concat(
      storedGzip(layer.subarray(0, 700)),
      storedGzip(new Uint8Array(0)),
      storedGzip(layer.subarray(700, 1024)),
      storedGzip(layer.subarray(1024)),
    ),
    packed: 'gzip',
    tree,
  }),
  reads('gzip-fields', {
    title: 'The optional fields of a gzip header are passed over',
    requirements: ['LAYER-032'],
    class: 'EDGE_CASE',
    layer: richMember(layer),
    packed: 'gzip',
    tree,
  }),
  reads('zstd', {
    title: 'A zstd blob is its content',
    requirements: ['LAYER-031', 'LAYER-033'],
    layer: storedZstd(layer),
    packed: 'zstd',
    tree,
  }),
  reads('zstd-frames', {
    title: 'All frames of a zstd blob are read, skippable ones passed over',
    requirements: ['LAYER-033'],
    class: 'KNOWN_BUG',
    links: [...MEMBERS, CHUNKED],
    layer: concat(
      skippable(SKIP),
      storedZstd(layer.subarray(0, 700)),
      storedZstd(new Uint8Array(0)),
      skippable(SKIP, 15),
      zstdFrame(SMALL_WINDOW, rawBlock(layer.subarray(700, 1000)), rawBlock(layer.subarray(1000), true)),
      skippable(SKIP, 1),
      skippable(SKIP, 2),
    ),
    packed: 'zstd',
    tree,
  }),
  reads('zstd-checksum', {
    title: 'A zstd frame has the checksum of its content',
    requirements: ['LAYER-033', 'LAYER-037'],
    layer: concat(storedZstd(entries), checkedEnd),
    packed: 'zstd',
    tree,
  }),
  reads('zstd-window', {
    title: 'A zstd frame has a window of 32 MiB',
    requirements: ['LAYER-038'],
    class: 'LIMIT',
    layer: zstdFrame(LARGE, rawBlock(layer, true)),
    packed: 'zstd',
    tree,
  }),
  mayRefuse('zstd-window-above-limit', {
    title: 'A zstd frame has a window of 36 MiB',
    requirements: ['LAYER-098'],
    class: 'LIMIT',
    layer: zstdFrame(LARGE + 1, rawBlock(layer, true)),
    packed: 'zstd',
    because: 'windows above 32 MiB need not be decompressed',
    control: 'zstd-window',
    tree,
  }),
  mayRefuse('zstd-large-window', {
    title: 'A zstd frame has a window of 128 MiB',
    requirements: ['LAYER-098'],
    class: 'LIMIT',
    layer: zstdFrame(LARGEST, rawBlock(layer, true)),
    packed: 'zstd',
    because: 'windows above 32 MiB need not be decompressed',
    control: 'zstd-window',
    tree,
  }),
  reads('extended-header-limit', {
    title: 'A PAX header has 1 MiB of records',
    requirements: ['LAYER-066'],
    class: 'LIMIT',
    layer: longHeader(1048576),
    packed: 'zstd',
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
];

/** A refused blob of a requirement: slug, title, blob, control. */
type Blob = readonly [slug: string, title: string, blob: Uint8Array, control: string];

function packedIn(
  packed: 'gzip' | 'zstd',
  requirement: string,
  code: string,
  blobs: readonly Blob[],
): Recipe[] {
  return blobs.map(([slug, title, blob, control]) =>
    refuses(slug, { title, requirements: [requirement], layer: blob, packed, code, control }),
  );
}

const refused: readonly Recipe[] = [
  refuses('gzip-called-none', {
    title: 'A blob that is called uncompressed is gzip',
    requirements: ['LAYER-031', 'LAYER-053'],
    layer: storedGzip(layer),
    code: 'TAR_CHECKSUM',
    control: 'gzip',
  }),
  ...packedIn('gzip', 'LAYER-034', 'COMPRESSION_FORMAT', [
    ['gzip-is-zstd', 'A blob that is called gzip is zstd', storedZstd(layer), 'gzip'],
    ['gzip-is-tar', 'A blob that is called gzip is not compressed', layer, 'gzip'],
    ['gzip-empty', 'A gzip blob has no bytes', new Uint8Array(0), 'gzip'],
  ]),
  ...packedIn('zstd', 'LAYER-034', 'COMPRESSION_FORMAT', [
    ['zstd-is-gzip', 'A blob that is called zstd is gzip', storedGzip(layer), 'zstd'],
    ['zstd-empty', 'A zstd blob has no bytes', new Uint8Array(0), 'zstd'],
  ]),
  ...packedIn('gzip', 'LAYER-035', 'COMPRESSION_TRAILING', [
    ['gzip-trailing', 'Text follows the last gzip member', concat(storedGzip(layer), 'text'), 'gzip-members'],
    [
      'gzip-trailing-zeros',
      'Zeros follow the last gzip member',
      concat(storedGzip(layer), of(0, 0)),
      'gzip-members',
    ],
  ]),
  ...packedIn('zstd', 'LAYER-035', 'COMPRESSION_TRAILING', [
    ['zstd-trailing', 'Text follows the last zstd frame', concat(storedZstd(layer), 'text'), 'zstd-frames'],
    [
      'zstd-trailing-zeros',
      'Zeros follow the last zstd frame',
      concat(storedZstd(layer), new Uint8Array(9)),
      'zstd-frames',
    ],
  ]),
  ...packedIn('gzip', 'LAYER-036', 'COMPRESSION_TRUNCATED', [
    ['gzip-cut', 'A gzip member is cut off in its size', storedGzip(layer).subarray(0, -2), 'gzip'],
    [
      'gzip-cut-in-magic',
      'The second gzip member is cut off behind its first byte',
      concat(storedGzip(layer), of(0x1f)),
      'gzip-members',
    ],
    [
      'gzip-cut-in-header',
      'The second gzip member is cut off in its header',
      concat(storedGzip(entries), storedGzip(layer.subarray(entries.length)).subarray(0, 7)),
      'gzip-members',
    ],
  ]),
  ...packedIn('zstd', 'LAYER-036', 'COMPRESSION_TRUNCATED', [
    ['zstd-cut', 'A zstd frame is cut off in its last block', storedZstd(layer).subarray(0, -2), 'zstd'],
    [
      'zstd-cut-in-magic',
      'The second zstd frame is cut off behind three bytes',
      concat(storedZstd(layer), of(0x28, 0xb5, 0x2f)),
      'zstd-frames',
    ],
    [
      'zstd-cut-in-checksum',
      'A zstd frame is cut off in its checksum',
      concat(storedZstd(entries), checkedEnd.subarray(0, -2)),
      'zstd-checksum',
    ],
    [
      'zstd-cut-in-skippable',
      'A skippable frame is cut off',
      concat(storedZstd(layer), skippable(SKIP).subarray(0, -2)),
      'zstd-frames',
    ],
  ]),
  ...packedIn('gzip', 'LAYER-037', 'COMPRESSION_CORRUPT', [
    ['gzip-checksum', 'The checksum of a gzip member is wrong', damagedSum, 'gzip'],
    ['gzip-size', 'The size of a gzip member is wrong', damagedSize, 'gzip'],
    [
      'gzip-block',
      'A gzip member has a block of the reserved type',
      concat(storedGzip(layer).subarray(0, 10), of(7, 0, 0)),
      'gzip',
    ],
  ]),
  ...packedIn('zstd', 'LAYER-037', 'COMPRESSION_CORRUPT', [
    [
      'zstd-checksum-wrong',
      'The checksum of a zstd frame is wrong',
      concat(storedZstd(entries), damagedEnd),
      'zstd-checksum',
    ],
    [
      'zstd-size',
      'A zstd frame has less content than its header says',
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 16, 0, 0), rawBlock(layer, true)),
      'zstd',
    ],
    [
      'zstd-block',
      'A zstd frame has a block of the reserved type',
      zstdFrame(SMALL_WINDOW, rawBlock(entries), zstdBlockHeader(0, 3, true)),
      'zstd-frames',
    ],
  ]),
  ...packedIn('zstd', 'LAYER-039', 'COMPRESSION_WINDOW', [
    [
      'zstd-window-too-large',
      'A zstd frame has a window of 144 MiB',
      zstdFrame(LARGEST + 1, rawBlock(layer, true)),
      'zstd-window',
    ],
  ]),
  ...packedIn('zstd', 'LAYER-040', 'COMPRESSION_DICTIONARY', [
    [
      'zstd-dictionary',
      'A zstd frame needs a dictionary',
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x01, SMALL_WINDOW, 7), rawBlock(layer, true)),
      'zstd',
    ],
  ]),
  ...packedIn('zstd', 'LAYER-067', 'TAR_LIMIT', [
    [
      'extended-header-too-long',
      'A PAX header has 1 MiB and one byte of records',
      longHeader(1048577),
      'extended-header-limit',
    ],
  ]),
];

export const recipes: readonly Recipe[] = [...accepted, ...refused];
