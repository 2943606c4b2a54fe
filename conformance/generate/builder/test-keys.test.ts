import { checkPrimeSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { prime, rsaPrimes } from './test-keys.ts';

test.each(Object.entries(rsaPrimes))('the offsets of the key %s lead to primes', (words, { bits, p, q }) => {
  for (const value of [
    prime(`${words} p`, Math.ceil(bits / 2), p),
    prime(`${words} q`, Math.floor(bits / 2), q),
  ]) {
    expect(checkPrimeSync(value)).toBe(true);
    // The public exponent has an inverse.
    expect(value % 65537n).not.toBe(1n);
  }
});
