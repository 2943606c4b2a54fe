/**
 * gzip and zstd without a compressor, so that the bytes are the same on every machine: content is stored, or
 * compressed in the simplest way.
 * @module
 */

import { crc32 } from 'node:zlib';
import { bytes, concat } from './tar.ts';

/** Maximum length of a stored deflate block. */
const DEFLATE_BLOCK = 0xffff;

const ZSTD_MAGIC = 0xfd2fb528;

/** Maximum length of a zstd block. */
const ZSTD_BLOCK = 0x20000;

/** `content` as one gzip member of stored blocks (RFC 1951, 3.2.4; RFC 1952). */
export function storedGzip(content: Uint8Array): Uint8Array {
  const blocks = pieces(content, DEFLATE_BLOCK).map(({ piece, last }) => {
    const length = little(piece.length, 2);
    return concat(
      new Uint8Array([last ? 1 : 0]),
      length,
      length.map(byte => byte ^ 0xff),
      piece,
    );
  });
  return member(content, concat(...blocks));
}

/**
 * `content` as one gzip member of one block with fixed codes, in which a run of equal bytes is a match at distance 1
 * (RFC 1951, 3.2.5 and 3.2.6).
 */
export function fixedGzip(content: Uint8Array): Uint8Array {
  const out = new BitWriter();
  out.number(0b011, 3); // The last block, fixed codes.
  for (let at = 0; at < content.length; ) {
    const byte = content[at] ?? 0;
    let run = 0;
    while (run < MATCH && at > 0 && content[at + run] === byte && content[at - 1] === byte) run++;
    if (run === MATCH) {
      out.code(0b11000101, 8); // Symbol 285: a match of 258 bytes.
      out.code(0, 5); // At distance 1.
      at += MATCH;
    } else {
      if (byte < 144) out.code(0x30 + byte, 8);
      else out.code(0x190 + byte - 144, 9);
      at++;
    }
  }
  out.code(0, 7); // The end.
  return member(content, out.bytes());
}

/** The codes of {@link dynamicGzip}, as their lengths in bits, 1 or 2. */
export interface DynamicCodes {
  /** Of the literal 0, and of the end. */
  readonly lengths: readonly [number, number];
  /** Of the first distances, none of which is used. */
  readonly distances: readonly number[];
}

/**
 * `content` as one gzip member of a stored block and a block with dynamic codes, which has the zeros at the end of
 * `content` (RFC 1951, 3.2.7). The codes can be incomplete or oversubscribed.
 */
export function dynamicGzip(
  content: Uint8Array,
  { lengths: [zero, end], distances }: DynamicCodes,
): Uint8Array {
  const zeros = 32;
  const stored = content.subarray(0, -zeros);
  const out = new BitWriter();
  out.number(0b101, 3); // The last block, dynamic codes.
  out.number(0, 5); // 257 literals and lengths.
  out.number(distances.length - 1, 5);
  out.number(18 - 4, 4); // The lengths of the codes of lengths follow, up to that of the length 1.
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) {
    out.number([0, 1, 2, 18].includes(symbol) ? 2 : 0, 3);
  }
  // The code of a length below 3 is the length itself, in two bits.
  out.code(zero, 2);
  for (const count of [138, 117]) {
    out.code(0b11, 2); // Symbol 18: zeros.
    out.number(count - 11, 7);
  }
  for (const length of [end, ...distances]) out.code(length, 2);
  for (let i = 0; i < zeros; i++) out.code(0, zero);
  out.code(1, end);
  return member(
    content,
    concat(
      Uint8Array.of(0),
      little(stored.length, 2),
      little(stored.length ^ 0xffff, 2),
      stored,
      out.bytes(),
    ),
  );
}

/** Length of the longest match of deflate. */
const MATCH = 258;

/** `deflated` as one gzip member, with the checksum and the size of `content` (RFC 1952). */
export function member(content: Uint8Array, deflated: Uint8Array): Uint8Array {
  const head = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  return concat(head, deflated, little(crc32(content), 4), little(content.length, 4));
}

/** Writes bits as deflate does, from the lowest bit of each byte. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #byte = 0;
  #count = 0;

  /** Writes a number, lowest bit first. */
  number(value: number, width: number): void {
    for (let i = 0; i < width; i++) this.#bit((value >> i) & 1);
  }

  /** Writes a Huffman code, highest bit first. */
  code(value: number, width: number): void {
    for (let i = width - 1; i >= 0; i--) this.#bit((value >> i) & 1);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#count === 0 ? this.#bytes : [...this.#bytes, this.#byte]);
  }

  #bit(bit: number): void {
    this.#byte |= bit << this.#count;
    if (++this.#count < 8) return;
    this.#bytes.push(this.#byte);
    this.#byte = 0;
    this.#count = 0;
  }
}

/** `content` as one zstd frame of raw blocks, without a checksum (RFC 8878, 3.1.1). */
export function storedZstd(content: Uint8Array): Uint8Array {
  const blocks = pieces(content, ZSTD_BLOCK).map(({ piece, last }) => rawBlock(piece, last));
  // Single segment, content size in 4 bytes.
  return concat(little(ZSTD_MAGIC, 4), new Uint8Array([0xa0]), little(content.length, 4), ...blocks);
}

/** Window descriptors of 1 KiB, the smallest window, and 2 MiB. */
export const SMALLEST_WINDOW = 0;
export const SMALL_WINDOW = 0x58;

/** A zstd frame with this window descriptor, without a checksum or content size (RFC 8878, 3.1.1). */
export function zstdFrame(descriptor: number, ...blocks: readonly Uint8Array[]): Uint8Array {
  return concat(little(ZSTD_MAGIC, 4), Uint8Array.of(0, descriptor), ...blocks);
}

/** A raw block. */
export function rawBlock(content: Uint8Array, last = false): Uint8Array {
  return concat(zstdBlockHeader(content.length, 0, last), content);
}

/** An RLE block: `size` times one byte. */
export function repeatedBlock(byte: number, size: number, last = false): Uint8Array {
  return concat(zstdBlockHeader(size, 1, last), Uint8Array.of(byte));
}

/** `size` times one byte, in as few blocks as possible; none of them is marked as the last. */
export function repeatedBlocks(byte: number, size: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let left = size; left > 0; left -= ZSTD_BLOCK) {
    blocks.push(repeatedBlock(byte, Math.min(left, ZSTD_BLOCK)));
  }
  return blocks;
}

/** `content` as one zstd frame in which long runs of equal bytes are short. */
export function squeezedZstd(content: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < content.length; ) {
    const byte = content[at] ?? 0;
    let end = at + 1;
    while (content[end] === byte) end++;
    const long = end - at >= 512;
    if (!long) end = Math.min(at + 512, content.length);
    blocks.push(...(long ? repeatedBlocks(byte, end - at) : [rawBlock(content.subarray(at, end))]));
    at = end;
  }
  return zstdFrame(SMALL_WINDOW, ...blocks, rawBlock(new Uint8Array(0), true));
}

/** A sequence: literals, and a copy of earlier bytes. */
export interface Match {
  /** Up to 15 literals before the match. */
  readonly literals?: Uint8Array;
  /** The distance plus 3; a value below 4 selects an earlier distance (RFC 8878, 3.1.1.5). */
  readonly offset: number;
  /** Length of the match, 3 to 34. */
  readonly length: number;
  /** Compression modes of the codes. Default: RLE for each, so that a code is one byte (RFC 8878, 3.1.1.3.2.1.1). */
  readonly modes?: number;
  /** The bitstream: the extra bits of the offset, ended by a 1. */
  readonly stream?: Uint8Array;
}

/** A compressed block of one sequence (RFC 8878, 3.1.1.3). */
export function matchBlock(match: Match, last = false): Uint8Array {
  const { literals = new Uint8Array(0), offset, length, modes = 0b01_01_01_00 } = match;
  const code = 31 - Math.clz32(offset);
  const { stream = little(offset, (code >> 3) + 1) } = match;
  const sequence = Uint8Array.of(1, modes, literals.length, code, length - 3);
  return compressedBlock(concat(Uint8Array.of(literals.length << 3), literals, sequence, stream), last);
}

/** A compressed block with arbitrary content. */
export function compressedBlock(content: Uint8Array, last = false): Uint8Array {
  return concat(zstdBlockHeader(content.length, 2, last), content);
}

/**
 * The four Huffman streams of `content`, which consists of the letters `a` and `b`, with these codes
 * (RFC 8878, 3.1.1.3.1.6 and 4.2). The length of `content` is a multiple of 4 and at most 1020.
 */
export function huffmanStreams(
  content: string,
  codes: { readonly a: string; readonly b: string } = { a: '0', b: '1' },
): Uint8Array[] {
  return pieces(bytes(content), content.length / 4).map(({ piece }) => {
    const coded = [...piece].map(letter => (letter === 0x61 ? codes.a : codes.b));
    // Streams are read from the end; the highest 1 marks where the bits begin.
    const bits = `1${coded.join('')}`;
    const digits = bits.padStart(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
    return Uint8Array.from(digits.toReversed(), byte => Number.parseInt(byte, 2));
  });
}

/**
 * A compressed block of `size` literals in four streams, without sequences. `weights` has those of the symbols before
 * the last one, whose weight follows from them; by default, `a` and `b` have codes of one bit.
 */
export function huffmanBlock(
  size: number,
  streams: readonly Uint8Array[],
  weights: Readonly<Record<number, number>> = { 97: 1 },
): Uint8Array {
  const count = Math.max(...Object.keys(weights).map(Number)) + 1;
  // Four bits each.
  const table = Uint8Array.from(
    { length: Math.ceil(count / 2) },
    (_, i) => ((weights[2 * i] ?? 0) << 4) | (weights[2 * i + 1] ?? 0),
  );
  const jumps = streams.slice(0, 3).map(stream => little(stream.length, 2));
  const literals = concat(Uint8Array.of(127 + count), table, ...jumps, ...streams);
  const head = 2 | (1 << 2) | (size << 4) | (literals.length << 14);
  return compressedBlock(concat(little(head, 3), literals, Uint8Array.of(0)));
}

/** The header of a block, three bytes. */
export function zstdBlockHeader(size: number, type: number, last: boolean): Uint8Array {
  return little((size << 3) | (type << 1) | (last ? 1 : 0), 3);
}

/** A skippable frame; `digit` is the last hex digit of its magic (RFC 8878, 3.1.2). */
export function skippable(content: Uint8Array, digit = 0): Uint8Array {
  return concat(Uint8Array.of(0x50 | digit, 0x2a, 0x4d, 0x18), little(content.length, 4), content);
}

function pieces(content: Uint8Array, size: number): { piece: Uint8Array; last: boolean }[] {
  const list: { piece: Uint8Array; last: boolean }[] = [];
  let at = 0;
  do {
    list.push({ piece: content.subarray(at, at + size), last: at + size >= content.length });
    at += size;
  } while (at < content.length);
  return list;
}

function little(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let i = 0; i < width; i++) bytes[i] = Math.floor(value / 2 ** (8 * i)) & 0xff;
  return bytes;
}
