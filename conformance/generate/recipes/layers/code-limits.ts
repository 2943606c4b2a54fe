/**
 * Codes and counts of deflate and zstd blocks that RFC 1951 and RFC 8878 leave open, or that decoders read differently.
 * All blobs are built by hand.
 * @module
 */

import {
  BitWriter,
  compressedBlock,
  huffmanBlock,
  member,
  rawBlock,
  SMALL_WINDOW,
  zstdFrame,
} from '../../builder/compression.ts';
import { archive, bytes, concat, file } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { greeting, greetingTree, greetingWith, LETTERS, lettersIn, of, streams } from './blocks.ts';
import { mayReject, reads, rejects } from './parts.ts';

/** zstd 1.5.4 reads the modes and the tables of sequences after a count of 0 in two bytes. */
const ZSTD_1_5_4 = 'https://github.com/facebook/zstd/blob/v1.5.4/lib/decompress/zstd_decompress_block.c';

/** The lengths in bits of the codes of a deflate block, from symbol 0 on. */
interface CodeLengths {
  readonly literals: readonly number[];
  readonly distances: readonly number[];
}

/** `count` symbols without a code, except those of `lengths`. */
function lengthsOf(count: number, lengths: Readonly<Record<number, number>> = {}): number[] {
  return Array.from({ length: count }, (_, symbol) => lengths[symbol] ?? 0);
}

/**
 * `content` as one gzip member of a stored block and a block with dynamic codes, of which only one code follows: the
 * bit 0, repeated `uses` times (RFC 1951, 3.2.4 and 3.2.7).
 */
function dynamicAfterStored(content: Uint8Array, { literals, distances }: CodeLengths, uses = 1): Uint8Array {
  const out = new BitWriter();
  // A stored block of all but the bytes of the second block.
  const stored = content.subarray(0, content.length - (uses - 1));
  out.number(0, 8);
  out.number(stored.length, 16);
  out.number(stored.length ^ 0xffff, 16);
  for (const byte of stored) out.number(byte, 8);
  out.number(0b101, 3); // The last block, dynamic codes.
  out.number(literals.length - 257, 5);
  out.number(distances.length - 1, 5);
  out.number(19 - 4, 4);
  // Each of the lengths 0 to 15 has a code of four bits, which is the length itself; repetitions have none.
  for (let i = 0; i < 19; i++) out.number(i < 3 ? 0 : 4, 3);
  for (const length of [...literals, ...distances]) out.code(length, 4);
  for (let i = 0; i < uses; i++) out.code(0, 1);
  return member(content, out.bytes());
}

/** The only code is that of the end. */
const endAlone = dynamicAfterStored(greeting, {
  literals: lengthsOf(257, { 256: 1 }),
  distances: lengthsOf(1),
});

/** The codes of 0 and of 1, and none of the end; the member ends after one zero. */
const endMissing = dynamicAfterStored(
  greeting,
  { literals: lengthsOf(257, { 0: 1, 1: 1 }), distances: [0] },
  2,
);

/** Distances that are not used, with one code. */
const most = (literals: number, distances: number): Uint8Array =>
  dynamicAfterStored(greeting, {
    literals: lengthsOf(literals, { 256: 1 }),
    distances: lengthsOf(distances, { 0: 1 }),
  });

/** An archive of a file with this content of `a` and `b`, which is a block of zstd with codes of one bit. */
function shortLetters(content: string, ...four: readonly Uint8Array[]): Uint8Array {
  const layer = archive(file('f', content));
  return zstdFrame(
    SMALL_WINDOW,
    rawBlock(layer.subarray(0, 512)),
    huffmanBlock(content.length, four),
    rawBlock(layer.subarray(512 + content.length), true),
  );
}

/** The block of {@link LETTERS} whose two weights are 2 instead of 1: the codes are the same. */
const weightsOf2 = huffmanBlock(LETTERS.length, streams);
weightsOf2[3 + 3 + 1 + 48] = 2;

/** {@link greeting} in a frame, with the last word in a block of literals that ends in these bytes. */
function wordBefore(...sequences: readonly number[]): Uint8Array {
  return greetingWith(compressedBlock(concat(of(6 << 3), bytes(' hello'), of(...sequences))));
}

const gzip: readonly Recipe[] = [
  reads('gzip-end-alone', {
    title: 'A deflate block can have a single code, that of its end',
    requirements: ['LAYER-150', 'LAYER-032'],
    class: 'EDGE_CASE',
    layer: endAlone,
    compression: 'gzip',
    tree: greetingTree,
  }),
  reads('gzip-most-codes', {
    title: 'A deflate block can have lengths of 286 literals and 30 distances',
    requirements: ['LAYER-150', 'LAYER-032'],
    class: 'LIMIT',
    layer: most(286, 30),
    compression: 'gzip',
    tree: greetingTree,
  }),
  ...(
    [
      [
        'gzip-end-alone-2-bits',
        'A deflate block whose only code has two bits is rejected',
        dynamicAfterStored(greeting, { literals: lengthsOf(257, { 256: 2 }), distances: lengthsOf(1) }),
        'gzip-end-alone',
      ],
      [
        'gzip-distance-alone-2-bits',
        'A deflate block whose only distance code has two bits is rejected',
        dynamicAfterStored(greeting, {
          literals: lengthsOf(286, { 256: 1 }),
          distances: lengthsOf(30, { 0: 2 }),
        }),
        'gzip-most-codes',
      ],
      [
        'gzip-287-literals',
        'A deflate block with lengths of 287 literals is rejected',
        most(287, 30),
        'gzip-most-codes',
      ],
      [
        'gzip-31-distances',
        'A deflate block with lengths of 31 distances is rejected',
        most(286, 31),
        'gzip-most-codes',
      ],
      [
        'gzip-32-distances',
        'A deflate block with lengths of 32 distances is rejected',
        most(286, 32),
        'gzip-most-codes',
      ],
    ] as const
  ).map(([slug, title, layer, control]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-037'],
      layer,
      compression: 'gzip',
      code: 'COMPRESSION_CORRUPT',
      control,
    }),
  ),
];

const zstd: readonly Recipe[] = [
  reads('zstd-four-streams-of-6', {
    title: 'Six zstd literals can be in four streams, the last without any',
    requirements: ['LAYER-033'],
    class: 'LIMIT',
    // Two letters a stream, from the end; the highest 1 marks where the bits begin.
    layer: shortLetters('abbbaa', of(0b101), of(0b111), of(0b100), of(0b1)),
    compression: 'zstd',
    tree: ['/f 6 100644 1 0 0 0 0.0 - abbbaa -'],
  }),
  rejects('zstd-four-streams-of-4', {
    title: 'Four zstd literals in four streams are rejected',
    requirements: ['LAYER-037'],
    class: 'LIMIT',
    layer: shortLetters('abba', of(0b10), of(0b11), of(0b11), of(0b10)),
    compression: 'zstd',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-four-streams-of-6',
  }),
  rejects('zstd-weights-above-1', {
    title: 'Zstd weights without a weight of 1 are rejected',
    requirements: ['LAYER-037'],
    layer: lettersIn(weightsOf2),
    compression: 'zstd',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-letters',
  }),
  reads('zstd-no-sequences', {
    title: 'A zstd block can have literals and no sequences',
    requirements: ['LAYER-033'],
    layer: wordBefore(0),
    compression: 'zstd',
    tree: greetingTree,
  }),
  mayReject('zstd-no-sequences-in-two-bytes', {
    title: 'No zstd sequences, counted in two bytes, are accepted or rejected',
    requirements: ['LAYER-151'],
    class: 'EDGE_CASE',
    links: [ZSTD_1_5_4],
    layer: wordBefore(0x80, 0),
    compression: 'zstd',
    because: 'A decoder may reject a number of sequences of 0 that has two bytes.',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-no-sequences',
    tree: greetingTree,
    except: ['zstd'],
  }),
  rejects('zstd-modes-of-no-sequences', {
    title: 'Modes of sequences that a zstd block does not have are rejected',
    requirements: ['LAYER-037'],
    class: 'KNOWN_BUG',
    links: [ZSTD_1_5_4],
    layer: wordBefore(0x80, 0, 0),
    compression: 'zstd',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-no-sequences',
  }),
];

const neverEnds = rejects('gzip-end-missing', {
  title: 'A deflate block without a code for its end is rejected',
  requirements: ['LAYER-037', 'LAYER-036'],
  layer: endMissing,
  compression: 'gzip',
  code: 'COMPRESSION_CORRUPT',
  control: 'gzip-end-alone',
});

/** A decoder that does not look for the code of the end reads on to the end of the blob (LAYER-036). */
const endless: Recipe = {
  id: neverEnds.id,
  make: async () => ({
    ...(await neverEnds.make()),
    expect: {
      outcome: 'reject',
      stage: 'compression',
      reasons: ['COMPRESSION_CORRUPT', 'COMPRESSION_TRUNCATED'],
    },
  }),
};

export const recipes: readonly Recipe[] = [...gzip, endless, ...zstd];
