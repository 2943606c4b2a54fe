import { checkPrimeSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { rsaPrimes, startOfSearch } from './test-keys.ts';

const e = 65537n;

test.each(Object.entries(rsaPrimes))(
  'the primes of the key %s are the first that RSA can use',
  (words, { bits, p, q }) => {
    for (const [name, size, offset] of [
      ['p', Math.ceil(bits / 2), p],
      ['q', Math.floor(bits / 2), q],
    ] as const) {
      const start = startOfSearch(`${words} ${name}`, size);
      let candidate = start;
      while (candidate % e === 1n || !checkPrimeSync(candidate)) candidate += 2n;
      expect(candidate - start).toBe(BigInt(offset));
    }
  },
);
