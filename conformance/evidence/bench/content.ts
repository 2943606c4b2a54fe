/**
 * Generates the contents of files: always the same, and compressible, which random bytes are not.
 * @module
 */

import { createCipheriv, createHash } from 'node:crypto';

/** Pseudo-random numbers that depend only on `seed`. */
export class PseudoRandom {
  readonly #cipher;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest();
    this.#cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  }

  /** An integer from 0 to 2^16 - 1. */
  next(): number {
    if (this.#at === this.#bytes.length) {
      this.#bytes = this.#cipher.update(zeros);
      this.#at = 0;
    }
    const number = this.#bytes.readUInt16LE(this.#at);
    this.#at += 2;
    return number;
  }

  /** An integer from 0 to `below` - 1, where `below` is at most 2^32. */
  below(below: number): number {
    return (this.next() * 0x10000 + this.next()) % below;
  }
}

const zeros = Buffer.alloc(64 * 1024);

/** The number of words that contents are made of, and the length of the longest. */
const WORDS = 2 ** 13;
const LONGEST = 32;

const words = (() => {
  const numbers = new PseudoRandom('words');
  const bytes = Buffer.alloc(WORDS * LONGEST);
  for (let i = 0; i < bytes.length; i++) bytes[i] = numbers.next();
  const lengths = Uint8Array.from({ length: WORDS }, () => 2 + numbers.below(LONGEST - 1));
  return { bytes, lengths };
})();

/**
 * `size` bytes that depend only on `seed`, in chunks: words, some of which are much more frequent than others, with
 * random bytes between them. They compress like the files of a Debian system: to 0.38 with `gzip -6`.
 */
export function* content(seed: string, size: number): Generator<Uint8Array> {
  const numbers = new PseudoRandom(seed);
  for (let left = size; left > 0; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(left, 1024 * 1024));
    fill(piece, numbers);
    yield piece;
    left -= piece.length;
  }
}

function fill(piece: Buffer, numbers: PseudoRandom): void {
  for (let at = 0; at < piece.length; ) {
    const number = numbers.next();
    // One of the first 2^k words, with the same probability for each k: as in texts, the n-th word has a frequency of
    // about 1/n.
    const word = numbers.next() % 2 ** (number % 14);
    const start = word * LONGEST;
    at += words.bytes.copy(piece, at, start, start + (words.lengths[word] as number));
    for (let left = (number >> 4) % 3; left > 0 && at < piece.length; left--) piece[at++] = numbers.next();
  }
}

/** The distribution of sizes, in 1/1024: first sizes from 2^4 to 2^5 - 1 bytes, then twice as large each time. */
const shares = [10, 16, 26, 40, 66, 98, 124, 138, 134, 114, 90, 66, 46, 28, 14, 7, 4, 2, 1] as const;

/** A realistic file size: most files have a few thousand bytes, and most bytes are in files of megabytes. */
export function fileSize(numbers: PseudoRandom): number {
  let left = numbers.below(1024);
  let least = 16;
  for (const share of shares) {
    if (left < share) break;
    left -= share;
    least *= 2;
  }
  return least + numbers.below(least);
}
