/**
 * gzip and zstd without a compressor, so that the bytes are the same on every machine: everything is stored, or
 * packed in the plainest way.
 * @module
 */

import { crc32 } from 'node:zlib';
import { bytes, concat } from './tar.ts';

/** Most bytes of one stored deflate block. */
const DEFLATE_BLOCK = 0xffff;

const ZSTD_MAGIC = 0xfd2fb528;

/** Most bytes of one zstd block. */
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
 * `content` as one gzip member of one block with the fixed codes, in which runs of a byte are matches with the byte
 * before (RFC 1951, 3.2.5 and 3.2.6).
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

/** The longest match of deflate. */
const MATCH = 258;

function member(content: Uint8Array, deflated: Uint8Array): Uint8Array {
  const head = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  return concat(head, deflated, little(crc32(content), 4), little(content.length, 4));
}

/** Bits from the lowest of each byte on, as deflate has them. */
class BitWriter {
  readonly #bytes: number[] = [];
  #byte = 0;
  #count = 0;

  /** A number, its lowest bit first. */
  number(value: number, width: number): void {
    for (let i = 0; i < width; i++) this.#bit((value >> i) & 1);
  }

  /** A Huffman code, its highest bit first. */
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

/** Descriptors of windows of 1 KiB, the smallest one, and 2 MiB. */
export const SMALLEST_WINDOW = 0;
export const SMALL_WINDOW = 0x58;

/** A zstd frame without checksum and content size, its window as `descriptor` says (RFC 8878, 3.1.1). */
export function zstdFrame(descriptor: number, ...blocks: readonly Uint8Array[]): Uint8Array {
  return concat(little(ZSTD_MAGIC, 4), Uint8Array.of(0, descriptor), ...blocks);
}

/** A block of these bytes. */
export function rawBlock(content: Uint8Array, last = false): Uint8Array {
  return concat(zstdBlockHeader(content.length, 0, last), content);
}

/** A block of one byte repeated. */
export function repeatedBlock(byte: number, size: number, last = false): Uint8Array {
  return concat(zstdBlockHeader(size, 1, last), Uint8Array.of(byte));
}

/** So many times one byte, in as few blocks as there can be, the last one not marked. */
export function repeatedBlocks(byte: number, size: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let left = size; left > 0; left -= ZSTD_BLOCK) {
    blocks.push(repeatedBlock(byte, Math.min(left, ZSTD_BLOCK)));
  }
  return blocks;
}

/** A copy of earlier bytes. */
export interface Match {
  /** Up to 15 bytes that stand before it. */
  readonly literals?: Uint8Array;
  /** How far back it reaches, and 3; or, below 4, which earlier distance is taken (RFC 8878, 3.1.1.5). */
  readonly offset: number;
  /** 3 to 34. */
  readonly length: number;
  /** How the codes of the sequence are packed: each stands for itself (RFC 8878, 3.1.1.3.2.1.1). */
  readonly modes?: number;
  /** The bits of the offset, the last one a 1: all that the codes leave open. */
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

/** A compressed block with this in it. */
export function compressedBlock(content: Uint8Array, last = false): Uint8Array {
  return concat(zstdBlockHeader(content.length, 2, last), content);
}

/**
 * The four streams of `content`, whose letters are `a` and `b`, a bit each (RFC 8878, 3.1.1.3.1.6 and 4.2).
 * The length of `content` is a multiple of 32, up to 1023.
 */
export function huffmanStreams(content: string): Uint8Array[] {
  return pieces(bytes(content), content.length / 4).map(({ piece }) => {
    const stream = new Uint8Array(piece.length / 8 + 1);
    // They are read from the end, behind the highest 1.
    stream[stream.length - 1] = 1;
    for (const [i, letter] of piece.toReversed().entries()) {
      stream[i >> 3] = (stream[i >> 3] ?? 0) | ((letter - 0x61) << (i & 7));
    }
    return stream;
  });
}

/** A compressed block of `size` literals in four streams with codes of one bit for `a` and `b`, and nothing else. */
export function huffmanBlock(size: number, streams: readonly Uint8Array[], last = false): Uint8Array {
  // The weights of 0x00 to 0x61, of four bits each; that of 0x62 follows from them.
  const weights = new Uint8Array(49);
  weights[48] = 0x01;
  const jumps = streams.slice(0, 3).map(stream => little(stream.length, 2));
  const literals = concat(Uint8Array.of(127 + 98), weights, ...jumps, ...streams);
  const head = 2 | (1 << 2) | (size << 4) | (literals.length << 14);
  return compressedBlock(concat(little(head, 3), literals, Uint8Array.of(0)), last);
}

/** The three bytes before a block. */
export function zstdBlockHeader(size: number, type: number, last: boolean): Uint8Array {
  return little((size << 3) | (type << 1) | (last ? 1 : 0), 3);
}

/** A skippable frame; its magic ends in `digit` (RFC 8878, 3.1.2). */
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
