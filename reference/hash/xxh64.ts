/**
 * XXH64 with seed 0, the checksum of a zstd frame's content
 * (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
 *
 * 64-bit numbers are two 32-bit halves: with bigint this is twenty times slower.
 * @module
 */

/** A 64-bit number that is changed in place. */
interface Word {
  lo: number;
  hi: number;
}

const PRIME_1: Readonly<Word> = { hi: 0x9e3779b1, lo: 0x85ebca87 };
const PRIME_2: Readonly<Word> = { hi: 0xc2b2ae3d, lo: 0x27d4eb4f };
const PRIME_3: Readonly<Word> = { hi: 0x165667b1, lo: 0x9e3779f9 };
const PRIME_4: Readonly<Word> = { hi: 0x85ebca77, lo: 0xc2b2ae63 };
const PRIME_5: Readonly<Word> = { hi: 0x27d4eb2f, lo: 0x165667c5 };

const STRIPE = 32;

export class Xxh64 {
  /** The four accumulators, starting at P1+P2, P2, 0 and -P1. */
  readonly #lanes: readonly [Word, Word, Word, Word] = [
    { hi: 0x60ea27ee, lo: 0xadc0b5d6 },
    { ...PRIME_2 },
    { hi: 0, lo: 0 },
    { hi: 0x61c8864e, lo: 0x7a143579 },
  ];
  readonly #tail = new Uint8Array(STRIPE);
  #tailLength = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    if (this.#tailLength > 0) {
      at = Math.min(STRIPE - this.#tailLength, bytes.length);
      this.#tail.set(bytes.subarray(0, at), this.#tailLength);
      this.#tailLength += at;
      if (this.#tailLength < STRIPE) return;
      this.#stripe(viewOf(this.#tail), 0);
      this.#tailLength = 0;
    }
    const view = viewOf(bytes);
    for (; at + STRIPE <= bytes.length; at += STRIPE) this.#stripe(view, at);
    this.#tail.set(bytes.subarray(at));
    this.#tailLength = bytes.length - at;
  }

  #stripe(view: DataView, at: number): void {
    const [a, b, c, d] = this.#lanes;
    round(a, view.getUint32(at, true), view.getUint32(at + 4, true));
    round(b, view.getUint32(at + 8, true), view.getUint32(at + 12, true));
    round(c, view.getUint32(at + 16, true), view.getUint32(at + 20, true));
    round(d, view.getUint32(at + 24, true), view.getUint32(at + 28, true));
  }

  /** The lower 32 bits of the hash: all that zstd stores. */
  lower32(): number {
    const hash = this.#merge();
    add(hash, this.#length >>> 0, Math.floor(this.#length / 2 ** 32));
    const view = viewOf(this.#tail);
    let at = 0;
    for (; at + 8 <= this.#tailLength; at += 8) {
      const lane: Word = { lo: 0, hi: 0 };
      round(lane, view.getUint32(at, true), view.getUint32(at + 4, true));
      xor(hash, lane);
      rotate(hash, 27);
      multiply(hash, PRIME_1);
      add(hash, PRIME_4.lo, PRIME_4.hi);
    }
    if (at + 4 <= this.#tailLength) {
      const lane: Word = { lo: view.getUint32(at, true), hi: 0 };
      multiply(lane, PRIME_1);
      xor(hash, lane);
      rotate(hash, 23);
      multiply(hash, PRIME_2);
      add(hash, PRIME_3.lo, PRIME_3.hi);
      at += 4;
    }
    for (; at < this.#tailLength; at++) {
      const lane: Word = { lo: view.getUint8(at), hi: 0 };
      multiply(lane, PRIME_5);
      xor(hash, lane);
      rotate(hash, 11);
      multiply(hash, PRIME_1);
    }
    xor(hash, shiftedRight(hash, 33));
    multiply(hash, PRIME_2);
    xor(hash, shiftedRight(hash, 29));
    multiply(hash, PRIME_3);
    xor(hash, shiftedRight(hash, 32));
    return hash.lo >>> 0;
  }

  #merge(): Word {
    if (this.#length < STRIPE) return { ...PRIME_5 };
    const hash: Word = { lo: 0, hi: 0 };
    for (const [i, bits] of [1, 7, 12, 18].entries()) {
      const lane = { ...this.#lane(i) };
      rotate(lane, bits);
      add(hash, lane.lo, lane.hi);
    }
    for (let i = 0; i < 4; i++) {
      const { lo, hi } = this.#lane(i);
      const lane: Word = { lo: 0, hi: 0 };
      round(lane, lo, hi);
      xor(hash, lane);
      multiply(hash, PRIME_1);
      add(hash, PRIME_4.lo, PRIME_4.hi);
    }
    return hash;
  }

  #lane(i: number): Readonly<Word> {
    const lane = this.#lanes[i];
    if (!lane) throw new RangeError(`there is no lane ${i}`);
    return lane;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `lane` = rotate(`lane` + input * P2, 31) * P1. */
function round(lane: Word, lo: number, hi: number): void {
  const input: Word = { lo, hi };
  multiply(input, PRIME_2);
  add(lane, input.lo, input.hi);
  rotate(lane, 31);
  multiply(lane, PRIME_1);
}

function add(a: Word, lo: number, hi: number): void {
  const sum = (a.lo >>> 0) + (lo >>> 0);
  a.lo = sum | 0;
  a.hi = (a.hi + hi + (sum > 0xffffffff ? 1 : 0)) | 0;
}

function xor(a: Word, b: Readonly<Word>): void {
  a.lo ^= b.lo;
  a.hi ^= b.hi;
}

function rotate(a: Word, bits: number): void {
  const { lo, hi } = a;
  a.lo = (lo << bits) | (hi >>> (32 - bits));
  a.hi = (hi << bits) | (lo >>> (32 - bits));
}

/** `bits` from 1 to 63. */
function shiftedRight({ lo, hi }: Readonly<Word>, bits: number): Word {
  if (bits >= 32) return { lo: hi >>> (bits - 32), hi: 0 };
  return { lo: (lo >>> bits) | (hi << (32 - bits)), hi: hi >>> bits };
}

/** `a` * `b` modulo 2^64, in halves of 16 bits. */
function multiply(a: Word, b: Readonly<Word>): void {
  const a0 = a.lo & 0xffff;
  const a1 = a.lo >>> 16;
  const b0 = b.lo & 0xffff;
  const b1 = b.lo >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const carry = a0 * b1 + (middle & 0xffff);
  const high = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
  a.hi = (high + Math.imul(a.hi, b.lo) + Math.imul(a.lo, b.hi)) | 0;
  a.lo = (carry << 16) | (low & 0xffff);
}
