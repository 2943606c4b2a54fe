/**
 * The content of frames and members: compressed blocks and their sizes.
 * All blobs but two are built by hand.
 * @module
 */

import {
  compressedBlock,
  dynamicGzip,
  matchBlock,
  rawBlock,
  repeatedBlock,
  repeatedBlocks,
  SMALL_WINDOW,
  SMALLEST_WINDOW,
  zstdFrame,
} from '../../builder/compression.ts';
import { archive, concat, file, header } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import {
  external,
  greeting,
  greetingTree,
  greetingWith,
  lettersOf,
  lettersTree,
  lettersWithCodes,
  of,
  streams,
  word,
} from './blocks.ts';
import { mayReject, reads } from './parts.ts';

const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'hex'));

/**
 * An archive of a file with the squares of 0 to 199, one a line, from `zstd -19 --no-check` 1.5.4 and `gzip -9 -n`
 * 1.12.
 */
const SQUARES_ZSTD =
  '28b52ffd0068a51000b6fe7414b025850eb6611108a3702977924926a939da732474006d006a0073848ef12e623a863b8774' +
  '15ed4e76d3e82ec59589f303473a17718e1dce365717ee556e5aee43ae28383738be1651a369a6b06af8a6dfc3ac3a3379b4' +
  '17e1f1325756d47dba69f7e2ea9ccdb15c04479abff22e9bee5ccde36210311810184050300800038f84185ca2f663401060' +
  '40a04000419cc3c1311a5c700caa395eab70ed6c6d1ab50bd1caa7f9a6914a8b208dad303b84d527ec2561d3867d22ac883e' +
  '377cfc7c11fee87ea6f8aa357b08b3e9670f9e556566e28c8e5944797cf0dc7b45f63ee24debbdc2ab97cc26191b64119791' +
  '2cf34556aeec42d93464677515d4a7b09b06bb4b88aeece87c4647a2e2225e1c2bc5d9510fc4bd4cdcb4c47d2a70450f75e0' +
  '78062ea2ced13f67929f7ba0e1a61fee4186ab72381399a36f2ec2e6789a734bb8a20bf7b170d30af7aa72f550ce9e72ac94' +
  '8b60391291f34fae6c7297929b06b99382ab780483315ed10a229a1a240f6e389d7cbe612cf3728d6bd9874456642945c687' +
  'ca225c191d95994ea1eca142367dc81e1ab26a154d7574ab8b28eaf8a1ce2d1185ee33a19b36742f7a579fbbefd89a2ee2d3' +
  '913a9d5ff6dd5dc4dd34dc9d41ba0a0ba56350bb8869c7683b4731ce2e2528b05b0e91aec94c6ef9ff775b0dde5d46631cc6' +
  '6178c4c661800ebfba61f8783cf86371b68f7fc19f8caae16cc199f34bb0f9b804af8a0b1efde624b8';
const SQUARES_GZIP =
  '1f8b0800000000000203ed943b6294310c84b7f6293882f5b0641f270507204beecf370e34f450c0aac8afd87a8c46e37d7e' +
  'fb787bfffa7cfc499b5865de2ff6fbd767d42fffe779c7cac797f9f80bf6f1fcfef64ecbc7ff6973d8c87186d5f035a2469e' +
  '5139b60d9bdc39df4c6e89388410e38bef3e233c89279bb84cbe3bc7f23356d728e28a6ff37f73beb93fc49d525d126d52c1' +
  '8c52a69ae614b7509754bba5be250025240d22db290c20f4291426c43ecff098393ca7818c0c2f79adb3addb435c2823a82f' +
  'd0200fea455239d4239a6eb1e91b070439c192429501be4c906681395bd36a8c35996799060e4dcccd589a79b5bcc3594d6e' +
  'c932d824a316b9d554a94dbd9e4be490d1f41cbde8db0d823e60d9a27e3bf8766a1705e6bd417f34071178a0844da63c7bde' +
  '5d892c9e92fc9c22b888806682cd9467e6213fc5a39528b52d76fd73d321ce7d897e6f6dc2cf5dcadd4fe4ba0bd2d6e26881' +
  '6975b5a15c50cadf5bab238fbf01117639b1b5e5d73daf504cddf81295d6b74ea76af6addf47bdf6edcbd2e55f3c670adbb9' +
  '38cf15c7117e6666169f9acbf9e54016f6a99090444c3cb892918bf8f14f99b878f3309d475e1db5e2f3e666a84e8a7914a3' +
  'fa4bfb40fbca5dda92b35dce4bbb7380137f37eabdf4425a7b76a69010b57dde8c728f34e167c10304c309e26c49545cc53c' +
  'f24daa023d31e1d21ab295505d0a8c30bdbc902e23288d94d597151df9d270ac909cd7557669bf48feea7d4bfa7d5f41971e' +
  'c4be6f83072a5f2f86f5cefb14e0e7f1b297bdec652ffb47ed07c5ed7758000c0000';
/** Digest from fsverity-utils. */
const squares = [
  `/squares 1054 100644 1 0 0 0 0.0 ${external('7cad621ddd21182de37b6f59a1620e9cd742ac866b6d93025953f4af69a66434')}`,
];

/** An archive of a file with the numbers from 0, one a line, cut off at 12291 bytes. */
const numbered = archive(
  file(
    'f',
    Array.from({ length: 1537 }, (_, i) => `${String(i).padStart(7, '0')}\n`)
      .join('')
      .slice(0, 12291),
  ),
);

/** The number of zeros that puts the word of `z` in {@link farthest} exactly 32 MiB after that of `a`. */
const ZEROS = 2 ** 25 - 3 * 512;

/** A file `a` with one word, a file of zeros, and a file `z` whose word is a match of that of `a`. */
const farthest = (() => {
  const end = archive(file('z', 'word'));
  return zstdFrame(
    0x78,
    rawBlock(concat(file('a', 'word'), header({ name: 'b', mode: 0o644, size: ZEROS }))),
    ...repeatedBlocks(0, ZEROS),
    rawBlock(end.subarray(0, 512)),
    matchBlock({ offset: 2 ** 25 + 3, length: 4 }),
    rawBlock(end.subarray(516), true),
  );
})();

/** Three files with one word in a window of 1 KiB; the last word is a match of the first, 2 KiB before it. */
const beyondWindow = (() => {
  const layer = archive(file('a', 'word'), file('b', 'word'), file('c', 'word'));
  return zstdFrame(
    SMALLEST_WINDOW,
    ...[0, 1024, 2048].map(at => rawBlock(layer.subarray(at, Math.min(at + 1024, 2560)))),
    matchBlock({ offset: 2048 + 3, length: 4 }),
    rawBlock(layer.subarray(2564, 3200)),
    rawBlock(layer.subarray(3200), true),
  );
})();

/** `content` in a frame of a single segment; `flags` gives the number of bytes of `size`. */
function sized(flags: number, size: Uint8Array, content: Uint8Array): Uint8Array {
  return concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x20 | flags), size, rawBlock(content, true));
}

const accepted: readonly Recipe[] = [
  reads('zstd-squares', {
    title: 'A zstd blob that uses every feature of the format is decompressed',
    requirements: ['LAYER-033'],
    confirmedBy: ['fsverity-utils 1.6'],
    layer: hex(SQUARES_ZSTD),
    compression: 'zstd',
    tree: squares,
  }),
  reads('gzip-squares', {
    title: 'A gzip blob with dynamic codes is decompressed',
    requirements: ['LAYER-032'],
    confirmedBy: ['fsverity-utils 1.6'],
    layer: hex(SQUARES_GZIP),
    compression: 'gzip',
    tree: squares,
  }),
  reads('zstd-match', {
    title: 'A compressed zstd block can be a single match',
    requirements: ['LAYER-033'],
    layer: greetingWith(matchBlock(word)),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-farthest-match', {
    title: 'A zstd match can reach back 32 MiB, the whole window',
    requirements: ['LAYER-038'],
    class: 'LIMIT',
    confirmedBy: ['fsverity-utils 1.6'],
    layer: farthest,
    compression: 'zstd',
    tree: [
      '/a 4 100644 1 0 0 0 0.0 - word -',
      `/b ${ZEROS} 100644 1 0 0 0 0.0 ${external('d075117b513de332000ece373153200ad15fcd48ab7876ef3647fed017275891')}`,
      '/z 4 100644 1 0 0 0 0.0 - word -',
    ],
  }),
  reads('zstd-letters', {
    title: 'Zstd literals in four streams are decompressed',
    requirements: ['LAYER-033'],
    confirmedBy: ['fsverity-utils 1.6'],
    layer: lettersOf(...streams),
    compression: 'zstd',
    tree: lettersTree,
  }),
  reads('zstd-empty-blocks', {
    title: 'Empty raw and repetition blocks of zstd add nothing',
    requirements: ['LAYER-033'],
    class: 'EDGE_CASE',
    layer: zstdFrame(
      SMALL_WINDOW,
      rawBlock(of()),
      rawBlock(greeting),
      repeatedBlock(0x78, 0),
      rawBlock(of(), true),
    ),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-largest-block', {
    title: 'The last block of a zstd frame can have 131,072 bytes',
    requirements: ['LAYER-033', 'LAYER-037'],
    class: 'LIMIT',
    layer: zstdFrame(SMALL_WINDOW, rawBlock(greeting), repeatedBlock(0, 131072, true)),
    compression: 'zstd',
    tree: greetingTree,
    // Not asked.
    except: ['rust'],
  }),
  reads('zstd-sizes', {
    title: 'A zstd frame size can have one, two or eight bytes',
    requirements: ['LAYER-033'],
    class: 'EDGE_CASE',
    layer: concat(
      sized(0x00, of(200), greeting.subarray(0, 200)),
      // A size in two bytes is stored minus 256.
      sized(0x40, of(44, 0), greeting.subarray(200, 500)),
      sized(0xc0, of(12, 6, 0, 0, 0, 0, 0, 0), greeting.subarray(500)),
    ),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-smallest-window', {
    title: 'A zstd window of 1 KiB can have blocks of 1 KiB',
    requirements: ['LAYER-038'],
    class: 'LIMIT',
    layer: zstdFrame(SMALLEST_WINDOW, rawBlock(greeting.subarray(0, 1024)), repeatedBlock(0, 1024, true)),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-unused-bit', {
    title: 'A zstd frame header with the unused bit is accepted',
    requirements: ['LAYER-033'],
    class: 'EDGE_CASE',
    layer: concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x10, SMALL_WINDOW), rawBlock(greeting, true)),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-dictionary-0', {
    title: 'A zstd frame with dictionary 0 is accepted',
    requirements: ['LAYER-033', 'LAYER-040'],
    class: 'EDGE_CASE',
    layer: concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x03, SMALL_WINDOW, 0, 0, 0, 0), rawBlock(greeting, true)),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-dictionary-0-short', {
    title: 'Dictionary 0 of a zstd frame can have one byte or two bytes',
    requirements: ['LAYER-033', 'LAYER-040'],
    class: 'EDGE_CASE',
    layer: concat(
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x01, SMALL_WINDOW, 0), rawBlock(greeting.subarray(0, 700), true)),
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x02, SMALL_WINDOW, 0, 0), rawBlock(greeting.subarray(700), true)),
    ),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-dictionary-0-single-segment', {
    title: 'A zstd frame of a single segment can have dictionary 0',
    requirements: ['LAYER-033', 'LAYER-040'],
    class: 'EDGE_CASE',
    layer: concat(
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0x21, 0, 200), rawBlock(greeting.subarray(0, 200), true)),
      concat(of(0x28, 0xb5, 0x2f, 0xfd, 0, SMALL_WINDOW), rawBlock(greeting.subarray(200), true)),
    ),
    compression: 'zstd',
    tree: greetingTree,
  }),
  reads('zstd-codes-of-11-bits', {
    title: 'Zstd literals with codes of up to 11 bits are decompressed',
    requirements: ['LAYER-033', 'LAYER-037'],
    class: 'LIMIT',
    confirmedBy: ['fsverity-utils 1.6'],
    layer: lettersWithCodes(11),
    compression: 'zstd',
    tree: lettersTree,
  }),
  reads('gzip-dynamic', {
    title: 'A deflate block can have two literals and one unused distance code',
    requirements: ['LAYER-032', 'LAYER-037'],
    class: 'EDGE_CASE',
    layer: dynamicGzip(greeting, { lengths: [1, 1], distances: [1] }),
    compression: 'gzip',
    tree: greetingTree,
  }),
  reads('zstd-blocks-cut-anywhere', {
    title: 'Zstd blocks can end anywhere in the blocks of an fs-verity digest',
    requirements: ['LAYER-033', 'VERITY-003'],
    class: 'EDGE_CASE',
    confirmedBy: ['fsverity-utils 1.6'],
    layer: (() => {
      const ends = [1, 4097, 4098, 8191, 8192, 8193, 12289].map(end => 512 + end);
      const cut = (start: number, i: number) => numbered.subarray(start, ends[i]);
      return zstdFrame(
        SMALL_WINDOW,
        ...[0, ...ends].map((start, i) => rawBlock(cut(start, i), i === ends.length)),
      );
    })(),
    compression: 'zstd',
    tree: [
      `/f 12291 100644 1 0 0 0 0.0 ${external('f3be3cea4f142cebe5978b01f1401f56326f776162503b923d5ebf90dc02f324')}`,
    ],
  }),
];

const overlooked: readonly Recipe[] = [
  mayReject('zstd-match-beyond-window', {
    title: 'A zstd match beyond the window is read correctly or rejected',
    requirements: ['LAYER-105'],
    class: 'LIMIT',
    links: ['https://github.com/facebook/zstd/issues/3151'],
    layer: beyondWindow,
    compression: 'zstd',
    because: 'A decoder may accept a match that reaches back further than the window.',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-match',
    tree: ['a', 'b', 'c'].map(name => `/${name} 4 100644 1 0 0 0 0.0 - word -`),
  }),
  mayReject('zstd-bits-left-in-literals', {
    title: 'Extra bits in a zstd literal stream are ignored or rejected',
    requirements: ['LAYER-105'],
    class: 'LIMIT',
    links: ['https://github.com/facebook/zstd/issues/3089'],
    confirmedBy: ['fsverity-utils 1.6'],
    layer: lettersOf(concat(of(0), streams[0] ?? of()), ...streams.slice(1)),
    compression: 'zstd',
    because: 'A decoder may ignore extra bits in a stream of literals.',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-letters',
    tree: lettersTree,
  }),
  mayReject('zstd-codes-of-12-bits', {
    title: 'Zstd literals with codes of up to 12 bits are read or rejected',
    requirements: ['LAYER-141'],
    class: 'LIMIT',
    links: ['https://github.com/facebook/zstd/pull/3299'],
    confirmedBy: ['fsverity-utils 1.6'],
    layer: lettersWithCodes(12),
    compression: 'zstd',
    because: 'A decoder may accept codes of 12 bits, as libzstd does.',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-codes-of-11-bits',
    tree: lettersTree,
  }),
  mayReject('zstd-empty-compressed-block', {
    title: 'An empty compressed block of zstd is ignored or rejected',
    requirements: ['LAYER-105'],
    class: 'LIMIT',
    layer: zstdFrame(SMALL_WINDOW, rawBlock(greeting), compressedBlock(of(), true)),
    compression: 'zstd',
    because: 'A decoder may accept a compressed block without bytes.',
    code: 'COMPRESSION_CORRUPT',
    control: 'zstd-empty-blocks',
    tree: greetingTree,
  }),
];

export const recipes: readonly Recipe[] = [...accepted, ...overlooked];
