/**
 * Contents of files to measure with: not random, since what is random does not compress, and always the same.
 * @module
 */

import { createCipheriv, createHash } from 'node:crypto';

/** Numbers that look random and follow from `seed`. */
export class Numbers {
  readonly #cipher;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest();
    this.#cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  }

  /** A whole number from 0 to 2^16 - 1. */
  next(): number {
    if (this.#at === this.#bytes.length) {
      this.#bytes = this.#cipher.update(zeros);
      this.#at = 0;
    }
    const number = this.#bytes.readUInt16LE(this.#at);
    this.#at += 2;
    return number;
  }

  /** A whole number from 0 to `below` - 1, `below` being 2^32 at most. */
  below(below: number): number {
    return (this.next() * 0x10000 + this.next()) % below;
  }
}

const zeros = Buffer.alloc(64 * 1024);

/** Words that contents are made of, and bytes of the longest. */
const WORDS = 2 ** 13;
const LONGEST = 32;

const words = (() => {
  const numbers = new Numbers('words');
  const bytes = Buffer.alloc(WORDS * LONGEST);
  for (let i = 0; i < bytes.length; i++) bytes[i] = numbers.next();
  const lengths = Uint8Array.from({ length: WORDS }, () => 2 + numbers.below(LONGEST - 1));
  return { bytes, lengths };
})();

/**
 * `size` bytes that follow from `seed`, in pieces: words, of which some come much more often than others, and bytes
 * that are not repeated between them. They compress as the files of a Debian system do: with `gzip -6` to 0.38.
 */
export function* content(seed: string, size: number): Generator<Uint8Array> {
  const numbers = new Numbers(seed);
  for (let left = size; left > 0; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(left, 1024 * 1024));
    fill(piece, numbers);
    yield piece;
    left -= piece.length;
  }
}

function fill(piece: Buffer, numbers: Numbers): void {
  for (let at = 0; at < piece.length; ) {
    const number = numbers.next();
    // One of the first 2^k words, for each k alike: as in texts, the n-th word comes about once in n.
    const word = numbers.next() % 2 ** (number % 14);
    const start = word * LONGEST;
    at += words.bytes.copy(piece, at, start, start + (words.lengths[word] as number));
    for (let left = (number >> 4) % 3; left > 0 && at < piece.length; left--) piece[at++] = numbers.next();
  }
}

/** Shares of sizes, in 1024ths: of sizes from 2^4 to 2^5 - 1 bytes first, each following twice as large. */
const shares = [10, 16, 26, 40, 66, 98, 124, 138, 134, 114, 90, 66, 46, 28, 14, 7, 4, 2, 1] as const;

/** A size as files have it: most are a few thousand bytes long, most bytes are in files of megabytes. */
export function fileSize(numbers: Numbers): number {
  let left = numbers.below(1024);
  let least = 16;
  for (const share of shares) {
    if (left < share) break;
    left -= share;
    least *= 2;
  }
  return least + numbers.below(least);
}
