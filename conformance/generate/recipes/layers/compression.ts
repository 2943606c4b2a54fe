/**
 * gzip and zstd: members, frames, and what is neither. The blobs are built by hand from stored blocks.
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
} from '../../builder/compression.ts';
import { archive, bytes, concat, file, header, longLink, longName } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { mayReject, reads, rejects } from './parts.ts';

const MEMBERS = [
  'https://github.com/composefs/composefs-rs/pull/381',
  'https://github.com/composefs/composefs-rs/pull/383',
  'https://github.com/bootc-dev/bootc/issues/2408',
];
const CHUNKED =
  'https://github.com/containers/container-libs/blob/main/storage/docs/containers-storage-zstd-chunked.md';

const layer = archive(file('f', 'hello'), file('g', 'world'));
const tree = ['/f 5 100644 1 0 0 0 0.0 - hello -', '/g 5 100644 1 0 0 0 0.0 - world -'];
/** {@link layer} without the two blocks that end it. */
const entries = layer.subarray(0, layer.length - 1024);

const of = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** Content of the skippable frames. */
const SKIP = bytes('skip');

/** A gzip member with an extra field, a name and a comment in its header. */
function richMember(content: Uint8Array): Uint8Array {
  const head = concat(of(0x1f, 0x8b, 8, 0x1c, 1, 2, 3, 4, 2, 3), of(4, 0), 'abcd', 'name\0', 'comment\0');
  return concat(head, storedGzip(content).subarray(10));
}

/** The archive and 1 MiB of zeros. */
const paddedFrame = zstdFrame(
  SMALL_WINDOW,
  rawBlock(layer),
  ...repeatedBlocks(0, 2 ** 20),
  rawBlock(of(), true),
);

/** The archive and zeros, in a single segment of 128 MiB and one byte. */
const largeSegment = concat(
  of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 1, 0, 0, 8),
  rawBlock(layer),
  ...repeatedBlocks(0, 2 ** 27 + 1 - layer.length),
  rawBlock(of(), true),
);

/** Window descriptors of 32 and 128 MiB. */
const LARGE = 0x78;
const LARGEST = 0x88;

/** The 1024 zeros that end an archive, in a frame with the checksum that zstd 1.5.4 writes. */
const checkedEnd = concat(
  of(0x28, 0xb5, 0x2f, 0xfd, 0x04, SMALL_WINDOW),
  repeatedBlock(0, 1024, true),
  of(0xcd, 0xac, 0x85, 0xf0),
);

/** An archive, in zstd, with a PAX header that is a comment record of `size` bytes, and then `headers` and a file. */
function longHeader(size: number, ...headers: readonly Uint8Array[]): Uint8Array {
  return longRecord('x', size, headers);
}

/** {@link longHeader}, with a header of type `x` or `g`. */
function longRecord(type: 'x' | 'g', size: number, headers: readonly Uint8Array[]): Uint8Array {
  const start = bytes(`${size} comment=`);
  const blocks = repeatedBlocks(0x63, size - start.length - 1);
  const rest = concat(
    '\n',
    new Uint8Array((512 - (size % 512)) % 512),
    archive(...headers, file('f', 'hello')),
  );
  const head = concat(header({ name: 'x', type, size }), start);
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
    title: 'A gzip blob is decompressed',
    requirements: ['LAYER-031', 'LAYER-032'],
    layer: storedGzip(layer),
    compression: 'gzip',
    tree,
  }),
  reads('gzip-members', {
    title: 'All members of a gzip blob are read, wherever they end',
    requirements: ['LAYER-032'],
    class: 'KNOWN_BUG',
    links: MEMBERS,
    layer: concat(
      storedGzip(layer.subarray(0, 700)),
      storedGzip(new Uint8Array(0)),
      storedGzip(layer.subarray(700, 1024)),
      storedGzip(layer.subarray(1024)),
    ),
    compression: 'gzip',
    tree,
  }),
  reads('gzip-fields', {
    title: 'The optional fields of a gzip header are skipped',
    requirements: ['LAYER-032'],
    class: 'EDGE_CASE',
    layer: richMember(layer),
    compression: 'gzip',
    tree,
  }),
  reads('zstd', {
    title: 'A zstd blob is decompressed',
    requirements: ['LAYER-031', 'LAYER-033'],
    layer: storedZstd(layer),
    compression: 'zstd',
    tree,
  }),
  reads('zstd-frames', {
    title: 'All frames of a zstd blob are read, skippable frames are skipped',
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
    compression: 'zstd',
    tree,
  }),
  reads('zstd-checksum', {
    title: 'A zstd frame with a checksum is accepted',
    requirements: ['LAYER-033', 'LAYER-037'],
    layer: concat(storedZstd(entries), checkedEnd),
    compression: 'zstd',
    tree,
  }),
  reads('zstd-window', {
    title: 'A zstd frame with a window of 32 MiB is accepted',
    requirements: ['LAYER-038'],
    class: 'LIMIT',
    layer: zstdFrame(LARGE, rawBlock(layer, true)),
    compression: 'zstd',
    tree,
  }),
  reads('zstd-window-for-size', {
    title: 'A zstd frame with a window of 32 MiB can have a small size',
    requirements: ['LAYER-038'],
    class: 'LIMIT',
    layer: concat(
      of(0x28, 0xb5, 0x2f, 0xfd, 0x80, LARGE, layer.length & 0xff, layer.length >> 8, 0, 0),
      rawBlock(layer, true),
    ),
    compression: 'zstd',
    tree,
  }),
  mayReject('zstd-window-above-limit', {
    title: 'A zstd window of 36 MiB is read correctly or rejected',
    requirements: ['LAYER-098'],
    class: 'LIMIT',
    layer: zstdFrame(LARGE + 1, rawBlock(layer, true)),
    compression: 'zstd',
    because: 'A tree builder is required to decompress only windows of up to 32 MiB.',
    code: 'COMPRESSION_WINDOW',
    control: 'zstd-window',
    tree,
  }),
  mayReject('zstd-large-window', {
    title: 'A zstd window of 128 MiB is read correctly or rejected',
    requirements: ['LAYER-098'],
    class: 'LIMIT',
    layer: zstdFrame(LARGEST, rawBlock(layer, true)),
    compression: 'zstd',
    because: 'A tree builder is required to decompress only windows of up to 32 MiB.',
    code: 'COMPRESSION_WINDOW',
    control: 'zstd-window',
    tree,
  }),
  reads('extended-header-limit', {
    title: 'A PAX header with 1 MiB of records is accepted',
    requirements: ['LAYER-066'],
    class: 'LIMIT',
    layer: longHeader(1048576),
    compression: 'zstd',
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('extended-headers-limit', {
    title: 'Extended headers of one entry with 1 MiB together are accepted',
    requirements: ['LAYER-066'],
    class: 'LIMIT',
    layer: longHeader(1048576 - 16, longName('a name'), longLink('a target')),
    compression: 'zstd',
    tree: ['/a\\x20name 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('global-header-limit', {
    title: 'A global header with 1 MiB of records counts alone',
    requirements: ['LAYER-066'],
    class: 'LIMIT',
    layer: longRecord('g', 1048576, [longName('a name')]),
    compression: 'zstd',
    tree: ['/a\\x20name 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('zstd-zeros-behind-the-end', {
    title: 'A MiB of zeros in a zstd frame after the end of the archive is ignored',
    requirements: ['LAYER-043'],
    layer: paddedFrame,
    compression: 'zstd',
    tree,
  }),
];

/** A rejected blob: slug, title, blob, control. */
type Blob = readonly [slug: string, title: string, blob: Uint8Array, control: string];

function blobsOf(
  compression: 'gzip' | 'zstd',
  requirement: string,
  code: string,
  blobs: readonly Blob[],
): Recipe[] {
  return blobs.map(([slug, title, blob, control]) =>
    rejects(slug, { title, requirements: [requirement], layer: blob, compression, code, control }),
  );
}

const rejected: readonly Recipe[] = [
  rejects('gzip-called-none', {
    title: 'A gzip blob with the media type of an uncompressed one is rejected',
    requirements: ['LAYER-031', 'LAYER-053'],
    layer: storedGzip(layer),
    code: 'TAR_CHECKSUM',
    control: 'gzip',
  }),
  ...blobsOf('gzip', 'LAYER-034', 'COMPRESSION_FORMAT', [
    ['gzip-is-zstd', 'A zstd blob with the media type of gzip is rejected', storedZstd(layer), 'gzip'],
    ['gzip-is-tar', 'An uncompressed blob with the media type of gzip is rejected', layer, 'gzip'],
    ['gzip-empty', 'An empty gzip blob is rejected', new Uint8Array(0), 'gzip'],
  ]),
  ...blobsOf('zstd', 'LAYER-034', 'COMPRESSION_FORMAT', [
    ['zstd-is-gzip', 'A gzip blob with the media type of zstd is rejected', storedGzip(layer), 'zstd'],
    ['zstd-empty', 'An empty zstd blob is rejected', new Uint8Array(0), 'zstd'],
  ]),
  ...blobsOf('gzip', 'LAYER-035', 'COMPRESSION_TRAILING', [
    [
      'gzip-trailing',
      'Text after the last gzip member is rejected',
      concat(storedGzip(layer), 'text'),
      'gzip-members',
    ],
    [
      'gzip-trailing-zeros',
      'Zeros after the last gzip member are rejected',
      concat(storedGzip(layer), of(0, 0)),
      'gzip-members',
    ],
  ]),
  ...blobsOf('zstd', 'LAYER-035', 'COMPRESSION_TRAILING', [
    [
      'zstd-trailing',
      'Text after the last zstd frame is rejected',
      concat(storedZstd(layer), 'text'),
      'zstd-frames',
    ],
    [
      'zstd-trailing-zeros',
      'Zeros after the last zstd frame are rejected',
      concat(storedZstd(layer), new Uint8Array(9)),
      'zstd-frames',
    ],
    [
      'zstd-trailing-zero',
      'One zero after the last zstd frame is rejected',
      concat(storedZstd(layer), of(0)),
      'zstd-frames',
    ],
    [
      'zstd-trailing-in-magic',
      'Two bytes of which one is in a zstd magic number are rejected',
      concat(storedZstd(layer), of(0x50, 0)),
      'zstd-frames',
    ],
  ]),
  ...blobsOf('gzip', 'LAYER-036', 'COMPRESSION_TRUNCATED', [
    ['gzip-one-byte', 'A gzip blob of one byte is truncated', of(0x1f), 'gzip'],
    [
      'gzip-cut',
      'A gzip member that is truncated in its size is rejected',
      storedGzip(layer).subarray(0, -2),
      'gzip',
    ],
    [
      'gzip-cut-in-magic',
      'A second gzip member of one byte is rejected',
      concat(storedGzip(layer), of(0x1f)),
      'gzip-members',
    ],
    [
      'gzip-cut-in-header',
      'A second gzip member that is truncated in its header is rejected',
      concat(storedGzip(entries), storedGzip(layer.subarray(entries.length)).subarray(0, 7)),
      'gzip-members',
    ],
  ]),
  ...blobsOf('zstd', 'LAYER-036', 'COMPRESSION_TRUNCATED', [
    ['zstd-one-byte', 'A zstd blob of one byte is truncated', of(0x28), 'zstd'],
    [
      'zstd-cut-in-skippable-magic',
      'A skippable frame of two bytes is truncated',
      concat(storedZstd(layer), of(0x5b, 0x2a)),
      'zstd-frames',
    ],
    [
      'zstd-cut',
      'A zstd frame that is truncated in its last block is rejected',
      storedZstd(layer).subarray(0, -2),
      'zstd',
    ],
    [
      'zstd-cut-in-magic',
      'A second zstd frame of three bytes is rejected',
      concat(storedZstd(layer), of(0x28, 0xb5, 0x2f)),
      'zstd-frames',
    ],
    [
      'zstd-cut-in-checksum',
      'A zstd frame that is truncated in its checksum is rejected',
      concat(storedZstd(entries), checkedEnd.subarray(0, -2)),
      'zstd-checksum',
    ],
    [
      'zstd-cut-in-skippable',
      'A truncated skippable frame is rejected',
      concat(storedZstd(layer), skippable(SKIP).subarray(0, -2)),
      'zstd-frames',
    ],
  ]),
  ...blobsOf('gzip', 'LAYER-037', 'COMPRESSION_CORRUPT', [
    ['gzip-checksum', 'A gzip member with a wrong checksum is rejected', damagedSum, 'gzip'],
    ['gzip-size', 'A gzip member with a wrong size is rejected', damagedSize, 'gzip'],
    [
      'gzip-block',
      'A gzip member with a block of the reserved type is rejected',
      concat(storedGzip(layer).subarray(0, 10), of(7, 0, 0)),
      'gzip',
    ],
  ]),
  ...blobsOf('zstd', 'LAYER-037', 'COMPRESSION_CORRUPT', [
    [
      'zstd-checksum-wrong',
      'A zstd frame with a wrong checksum is rejected',
      concat(storedZstd(entries), damagedEnd),
      'zstd-checksum',
    ],
    [
      'zstd-size',
      'A zstd frame with less content than its header says is rejected',
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 16, 0, 0), rawBlock(layer, true)),
      'zstd',
    ],
    [
      'zstd-block',
      'A zstd frame with a block of the reserved type is rejected',
      zstdFrame(SMALL_WINDOW, rawBlock(entries), zstdBlockHeader(0, 3, true)),
      'zstd-frames',
    ],
  ]),
  rejects('zstd-trailing-behind-the-end', {
    title: 'A byte after a frame is rejected behind the end of the archive',
    requirements: ['LAYER-043', 'LAYER-035'],
    class: 'HOSTILE',
    layer: concat(paddedFrame, 'x'),
    compression: 'zstd',
    code: 'COMPRESSION_TRAILING',
    control: 'zstd-zeros-behind-the-end',
  }),
  ...blobsOf('zstd', 'LAYER-039', 'COMPRESSION_WINDOW', [
    [
      'zstd-window-too-large',
      'A zstd frame with a window of 144 MiB is rejected',
      zstdFrame(LARGEST + 1, rawBlock(layer, true)),
      'zstd-window',
    ],
    [
      'zstd-window-too-large-for-size',
      'A zstd frame with a window of 144 MiB and a small size is rejected',
      // A content size in four bytes.
      concat(
        of(0x28, 0xb5, 0x2f, 0xfd, 0x80, LARGEST + 1, layer.length & 0xff, layer.length >> 8, 0, 0),
        rawBlock(layer, true),
      ),
      'zstd-window-for-size',
    ],
    [
      'zstd-segment-too-large',
      'A single-segment zstd frame of 128 MiB and one byte is rejected',
      largeSegment,
      'zstd-zeros-behind-the-end',
    ],
  ]),
  ...blobsOf('zstd', 'LAYER-040', 'COMPRESSION_DICTIONARY', [
    [
      'zstd-dictionary',
      'A zstd frame that needs a dictionary is rejected',
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x01, SMALL_WINDOW, 7), rawBlock(layer, true)),
      'zstd',
    ],
  ]),
  ...blobsOf('zstd', 'LAYER-067', 'TAR_LIMIT', [
    [
      'extended-header-too-long',
      'A PAX header with records of 1 MiB and one byte is rejected',
      longHeader(1048577),
      'extended-header-limit',
    ],
    [
      'extended-headers-too-long',
      'A PAX header and a long name of more than 1 MiB together are rejected',
      longHeader(1048576 - 6, longName('a name')),
      'extended-headers-limit',
    ],
    [
      'extended-headers-too-long-with-target',
      'Three extended headers of more than 1 MiB together are rejected',
      longHeader(1048576 - 15, longName('a name'), longLink('a target')),
      'extended-headers-limit',
    ],
  ]),
];

export const recipes: readonly Recipe[] = [...accepted, ...rejected];
