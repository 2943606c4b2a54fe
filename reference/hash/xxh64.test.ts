import { describe, expect, it } from 'vitest';
import { Xxh64 } from './xxh64.ts';

/** The last four bytes of what `zstd --check` 1.5.4 makes of the text. */
const known: readonly (readonly [string, number])[] = [
  ['', 0x51d8e999],
  ['a', 0xa98c6e5b],
  ['abc', 0xad770999],
  ['a'.repeat(31), 0xda802916],
  ['abcd'.repeat(8), 0xecacbfd7],
  ['x'.repeat(100), 0x88a3c094],
  ['0123456789'.repeat(10000), 0xdee24d34],
];

describe('Xxh64', () => {
  it.each(known)('gives the checksum that zstd gives (%#)', (text, expected) => {
    const hash = new Xxh64();
    hash.update(new TextEncoder().encode(text));
    expect(hash.lower32()).toBe(expected);
  });

  it('does not depend on how the bytes are cut', () => {
    const bytes = new TextEncoder().encode('0123456789'.repeat(20));
    const whole = new Xxh64();
    whole.update(bytes);
    for (const step of [1, 7, 31, 32, 33, 64]) {
      const cut = new Xxh64();
      for (let at = 0; at < bytes.length; at += step) cut.update(bytes.subarray(at, at + step));
      expect(cut.lower32()).toBe(whole.lower32());
    }
  });
});
