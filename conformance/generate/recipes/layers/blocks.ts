/**
 * Two archives in frames of compressed blocks, which recipes change in one detail.
 * @module
 */

import {
  huffmanBlock,
  huffmanStreams,
  rawBlock,
  SMALL_WINDOW,
  zstdFrame,
} from '../../builder/compression.ts';
import { archive, bytes, file } from '../../builder/tar.ts';

export const of = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
export const external = (digest: string): string => `${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;

export const greeting = archive(file('f', 'hello, hello'));
export const greetingTree = ['/f 12 100644 1 0 0 0 0.0 - hello,\\x20hello -'];

/** {@link greeting} in a frame, with `match` instead of its last word and the space before that. */
export function greetingWith(match: Uint8Array): Uint8Array {
  const before = rawBlock(greeting.subarray(0, 518));
  return zstdFrame(SMALL_WINDOW, before, match, rawBlock(greeting.subarray(524), true));
}

export const word = { literals: bytes(' '), offset: 7 + 3, length: 5 } as const;

/** 960 bytes of two letters; the digest below is from fsverity-utils. */
export const LETTERS = `${'ab'.repeat(16)}${'abba'.repeat(8)}`.repeat(15);
export const letters = archive(file('f', LETTERS));
export const lettersTree = [
  `/f 960 100644 1 0 0 0 0.0 ${external('235edaaafd444572f1ce56f3f476ce7af5079e785019605d0601b15ad12ef29e')}`,
];
export const streams = huffmanStreams(LETTERS);

/** {@link letters} in a frame, with codes of 1 to `bits` bits, of which `a` and `b` have the shortest. */
export function lettersWithCodes(bits: number): Uint8Array {
  const weights: Record<number, number> = { 97: bits, 98: bits - 1 };
  // Symbols that do not occur have the other codes. The last one, 0x63, has the weight 1 as well.
  for (let weight = 1; weight < bits - 1; weight++) weights[weight] = weight;
  return lettersIn(huffmanBlock(LETTERS.length, huffmanStreams(LETTERS, { a: '1', b: '01' }), weights));
}

/** {@link letters} in a frame, with the content in these streams. */
export function lettersOf(...four: readonly Uint8Array[]): Uint8Array {
  return lettersIn(huffmanBlock(LETTERS.length, four));
}

/** {@link letters} in a frame, with this block instead of their content. */
export function lettersIn(block: Uint8Array): Uint8Array {
  const rest = rawBlock(letters.subarray(512 + LETTERS.length), true);
  return zstdFrame(SMALL_WINDOW, rawBlock(letters.subarray(0, 512)), block, rest);
}
