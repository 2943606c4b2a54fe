/**
 * Pseudorandom numbers and bytes that are the same on every machine: SHA-256 of a counter
 * (vectors/accumulated/README.md, "Numbers").
 * @module
 */

import { createHash } from 'node:crypto';
import { type ByteString, byteString } from '../../../reference/bytes.ts';

/** The byte stream of one seed. Every method consumes its next bytes. */
export class RandomBytes {
  readonly #seed: number;
  readonly #purpose: string;
  #count = 0;
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** `seed` is an integer from 0 to 2^53 - 1. Streams of different purposes are independent. */
  constructor(seed: number, purpose: 'tree' | 'layers' | 'policies' | 'hostile' = 'tree') {
    this.#seed = seed;
    this.#purpose = purpose;
  }

  /** The next `length` bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#at === this.#block.length) this.#refill();
      const piece = this.#block.subarray(this.#at, this.#at + length - at);
      bytes.set(piece, at);
      at += piece.length;
      this.#at += piece.length;
    }
    return bytes;
  }

  /** A number from 0 to 2^32 - 1. */
  number(): number {
    const bytes = this.bytes(4);
    return new DataView(bytes.buffer).getUint32(0, true);
  }

  /** A number from 0 to `bound` - 1. */
  below(bound: number): number {
    return this.number() % bound;
  }

  /** True with a probability of 1 in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of `choices`, of which there has to be at least one. */
  pick<T>(choices: readonly T[]): T {
    const at = this.below(choices.length);
    if (at >= choices.length) throw new RangeError('the list of choices is empty');
    return choices[at] as T;
  }

  /** `length` bytes without NUL and slash. */
  text(length: number): ByteString {
    const narrow = this.once(2);
    const bytes = this.bytes(length);
    for (const [i, byte] of bytes.entries()) {
      if (narrow) bytes[i] = '!-.0ab'.charCodeAt(byte % 6);
      else if (byte === 0x00) bytes[i] = 0x01;
      else if (byte === 0x2f) bytes[i] = 0x2e;
    }
    return byteString(bytes);
  }

  #refill(): void {
    const text = `composefs-oci random ${this.#purpose} 1 ${this.#seed} ${this.#count++}`;
    this.#block = createHash('sha256').update(text).digest();
    this.#at = 0;
  }
}
