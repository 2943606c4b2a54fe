/**
 * Damage to frames, members and their blocks that no checksum detects. All blobs are built by hand.
 * @module
 */

import {
  compressedBlock,
  dynamicGzip,
  huffmanBlock,
  matchBlock,
  rawBlock,
  repeatedBlock,
  SMALL_WINDOW,
  SMALLEST_WINDOW,
  storedGzip,
  storedZstd,
  zstdFrame,
} from '../../builder/compression.ts';
import { concat } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import {
  greeting,
  greetingTree,
  greetingWith,
  LETTERS,
  lettersIn,
  lettersWithCodes,
  of,
  streams,
  word,
} from './blocks.ts';
import { reads, rejects } from './parts.ts';

/** What zstd accepted up to version 1.5.5. */
const PERMISSIVE = 'https://github.com/facebook/zstd/blob/v1.5.7/doc/decompressor_permissive.md';

/** {@link word} as a sequence with these codes of literal length, offset and match length, and their extra bits. */
function coded(literals: number, offset: number, match: number, ...stream: readonly number[]): Uint8Array {
  return greetingWith(
    compressedBlock(concat(of(1 << 3), ' ', of(1, 0b01_01_01_00, literals, offset, match, ...stream))),
  );
}

/** The block of {@link LETTERS} with the table of an earlier block, which there is not. */
const treeless = (() => {
  const literals = concat(...[0, 1, 2].map(i => of(streams[i]?.length ?? 0, 0)), ...streams);
  const head = 3 | (1 << 2) | (LETTERS.length << 4) | (literals.length << 14);
  return compressedBlock(concat(of(head & 0xff, (head >> 8) & 0xff, head >> 16), literals, of(0)));
})();

/** The block of {@link LETTERS} with weights that are all 0. */
const weightless = huffmanBlock(LETTERS.length, streams, { 97: 0 });

/** {@link greeting} as a stored block whose length does not match its complement. */
const wrongComplement = storedGzip(greeting);
wrongComplement[13] = (wrongComplement[13] ?? 0) ^ 1;

/** A damaged blob: slug, title, blob, control, and a link about a decoder that accepted it. */
type Damaged = readonly [slug: string, title: string, blob: Uint8Array, control: string, link?: string];

function corrupt(compression: 'gzip' | 'zstd', blobs: readonly Damaged[]): Recipe[] {
  return blobs.map(([slug, title, layer, control, link]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-037'],
      ...(link === undefined ? {} : { class: 'KNOWN_BUG', links: [link] }),
      layer,
      compression,
      code: 'COMPRESSION_CORRUPT',
      control,
    }),
  );
}

/** A gzip member of {@link greeting} with these flags, and these bytes after its header. */
function flagged(flags: number, ...fields: readonly number[]): Uint8Array {
  const member = storedGzip(greeting);
  return concat(member.subarray(0, 3), of(flags), member.subarray(4, 10), of(...fields), member.subarray(10));
}

const rejected: readonly Recipe[] = [
  ...corrupt('zstd', [
    [
      'zstd-match-before-begin',
      'A zstd match that begins before the content is rejected',
      greetingWith(matchBlock({ ...word, offset: 520 + 3 })),
      'zstd-match',
    ],
    [
      'zstd-match-of-distance-0',
      'A zstd match at distance 0 is rejected',
      greetingWith(matchBlock({ offset: 3, length: 6 })),
      'zstd-match',
      PERMISSIVE,
    ],
    [
      'zstd-bits-left',
      'A zstd block with bits left after its sequences is rejected',
      greetingWith(matchBlock({ ...word, stream: of(0, word.offset) })),
      'zstd-match',
    ],
    [
      'zstd-bits-missing',
      'A zstd block with too few bits for its sequences is rejected',
      greetingWith(matchBlock({ ...word, offset: 515 + 3, stream: of(2) })),
      'zstd-match',
      'https://github.com/facebook/zstd/issues/3508',
    ],
    [
      'zstd-stream-of-0',
      'A zstd block whose sequences end in a byte 0 is rejected',
      greetingWith(matchBlock({ ...word, stream: of(word.offset, 0) })),
      'zstd-match',
    ],
    [
      'zstd-reserved-modes',
      'A zstd block with a reserved bit in its modes is rejected',
      greetingWith(matchBlock({ ...word, modes: 0b01_01_01_01 })),
      'zstd-match',
      PERMISSIVE,
    ],
    [
      'zstd-bytes-behind-sequences',
      'Bytes after a zstd block without sequences are rejected',
      greetingWith(compressedBlock(concat(of(6 << 3), ' hello', of(0, 0)))),
      'zstd-match',
    ],
    [
      'zstd-tables-repeated',
      'A zstd block that repeats tables that there are not is rejected',
      greetingWith(matchBlock({ ...word, modes: 0b11_11_11_00 })),
      'zstd-match',
    ],
    [
      'zstd-accuracy',
      'A zstd table with an accuracy of 10 bits is rejected',
      greetingWith(
        compressedBlock(concat(of(1 << 3), ' ', of(1, 0b10_01_01_00, 5, 0, 0, 0, 0, 3, 2, word.offset))),
      ),
      'zstd-match',
    ],
    [
      'zstd-code-of-literals',
      'A zstd literal length code of 36 is rejected',
      coded(36, 3, 2, word.offset),
      'zstd-match',
    ],
    [
      'zstd-code-of-offset',
      'A zstd offset code of 32 is rejected',
      coded(1, 32, 2, word.offset, 0, 0, 0, 1),
      'zstd-match',
    ],
    [
      'zstd-code-of-match',
      'A zstd match length code of 53 is rejected',
      coded(1, 3, 53, word.offset),
      'zstd-match',
    ],
    [
      'zstd-literals-missing',
      'A zstd sequence with more literals than there are is rejected',
      coded(2, 3, 1, word.offset),
      'zstd-match',
    ],
    ['zstd-treeless', 'Zstd literals without a table are rejected', lettersIn(treeless), 'zstd-letters'],
    [
      'zstd-codes-of-13-bits',
      'Zstd literals with codes of up to 13 bits are rejected',
      lettersWithCodes(13),
      'zstd-codes-of-11-bits',
    ],
    [
      'zstd-weights-incomplete',
      'Zstd weights that are not completed by a last one are rejected',
      // Parts of 8, 1 and 1: the 6 that are missing to 16 are not a power of two.
      lettersIn(huffmanBlock(LETTERS.length, streams, { 95: 4, 96: 1, 97: 1 })),
      'zstd-letters',
    ],
    [
      'zstd-probabilities',
      'Zstd probabilities for codes that do not exist are rejected',
      // An accuracy of 5 bits; the probability of code 0 is 0, and so are those of the next 36 codes.
      greetingWith(
        compressedBlock(
          concat(
            of(1 << 3, 0x20, 1, 0b10_01_01_00),
            of(0x10, 0xfe, 0xff, 0xff, 0xf9, 0x01),
            of(3, 2, word.offset),
          ),
        ),
      ),
      'zstd-match',
    ],
    ['zstd-weightless', 'Zstd literals without weights are rejected', lettersIn(weightless), 'zstd-letters'],
    [
      'zstd-block-too-long',
      'A zstd block of 1025 bytes in a window of 1 KiB is rejected',
      zstdFrame(SMALLEST_WINDOW, rawBlock(greeting.subarray(0, 1025)), repeatedBlock(0, 1023, true)),
      'zstd-smallest-window',
    ],
    [
      'zstd-repetition-too-long',
      'A zstd repetition of 1025 bytes in a window of 1 KiB is rejected',
      zstdFrame(SMALLEST_WINDOW, rawBlock(greeting.subarray(0, 1023)), repeatedBlock(0, 1025, true)),
      'zstd-smallest-window',
    ],
    [
      'zstd-reserved-bit',
      'A zstd frame header with the reserved bit is rejected',
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x08, SMALL_WINDOW), rawBlock(greeting, true)),
      'zstd-unused-bit',
    ],
    [
      'zstd-size-too-small',
      'A zstd frame with more content than its header says is rejected',
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x80, SMALL_WINDOW, 0xff, 7, 0, 0), rawBlock(greeting, true)),
      'zstd-sizes',
    ],
    [
      'zstd-size-of-empty-end',
      'A zstd frame below its size that ends in an empty block is rejected',
      concat(
        of(0x28, 0xb5, 0x2f, 0xfd, 0x80, SMALL_WINDOW, 1, 8, 0, 0),
        rawBlock(greeting),
        rawBlock(of(), true),
      ),
      'zstd-sizes',
    ],
  ]),
  rejects('zstd-legacy', {
    title: 'A frame of zstd 0.7 is rejected',
    requirements: ['LAYER-034'],
    layer: concat(of(0x27), storedZstd(greeting).subarray(1)),
    compression: 'zstd',
    code: 'COMPRESSION_FORMAT',
    control: 'zstd',
  }),
  ...corrupt('gzip', [
    [
      'gzip-reserved-flag',
      'A gzip header with a reserved flag is rejected',
      flagged(0x20),
      'gzip-header-checksum',
    ],
    [
      'gzip-header-checksum-wrong',
      'A gzip header with a wrong checksum is rejected',
      flagged(2, 0x90 ^ 1, 0xc9),
      'gzip-header-checksum',
    ],
    [
      'gzip-method',
      'A gzip member with an unknown compression method is rejected',
      concat(storedGzip(greeting).subarray(0, 2), of(7), storedGzip(greeting).subarray(3)),
      'gzip',
    ],
    ['gzip-complement', 'A wrong complement of a stored length is rejected', wrongComplement, 'gzip'],
    [
      'gzip-code',
      'A deflate code without a meaning is rejected',
      // One block with fixed codes: the length code 286.
      concat(storedGzip(greeting).subarray(0, 10), of(0x1b, 0x03), of(0, 0, 0, 0, 0, 0, 0, 0)),
      'gzip-squares',
    ],
    ...[30, 31].map(
      (distance): Damaged => [
        `gzip-distance-${distance}`,
        `A deflate distance code of ${distance} is rejected`,
        // One block with fixed codes: a literal, a match of 3 bytes, and the end.
        concat(
          storedGzip(greeting).subarray(0, 10),
          of(0x4b, 0x04, distance === 30 ? 0x3e : 0x7e, 0x00),
          of(0, 0, 0, 0, 4, 0, 0, 0),
        ),
        'gzip-squares',
      ],
    ),
    [
      'gzip-incomplete',
      'Deflate codes for literals that are incomplete are rejected',
      dynamicGzip(greeting, { lengths: [2, 2], distances: [1] }),
      'gzip-dynamic',
    ],
    [
      'gzip-distances-incomplete',
      'Deflate codes for distances that are incomplete are rejected',
      dynamicGzip(greeting, { lengths: [1, 1], distances: [2, 2] }),
      'gzip-dynamic',
    ],
    [
      'gzip-distances-oversubscribed',
      'Deflate codes for distances that are oversubscribed are rejected',
      dynamicGzip(greeting, { lengths: [1, 1], distances: [1, 1, 1] }),
      'gzip-dynamic',
    ],
    [
      'gzip-match-before-begin',
      'A deflate match that begins before the content is rejected',
      // One block with fixed codes: a match of 3 bytes at distance 1, and the end.
      concat(storedGzip(greeting).subarray(0, 10), of(0x03, 0x02, 0x00), of(0, 0, 0, 0, 3, 0, 0, 0)),
      'gzip-squares',
    ],
  ]),
];

const headerChecksum = reads('gzip-header-checksum', {
  title: 'A gzip header with a checksum of its own is accepted',
  requirements: ['LAYER-032', 'LAYER-037'],
  class: 'EDGE_CASE',
  layer: flagged(2, 0x90, 0xc9),
  compression: 'gzip',
  tree: greetingTree,
  except: ['rust'],
});

export const recipes: readonly Recipe[] = [headerChecksum, ...rejected];
