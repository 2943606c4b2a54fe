import { expect, test } from 'vitest';
import { nodeSha2 } from './node/sha2.ts';
import { portableSha2 } from './portable.ts';

const bytes = new Uint8Array(10_000).map((_, i) => i * 7);

for (const name of ['sha256', 'sha512'] as const) {
  test(`node:crypto and @noble/hashes agree on ${name}`, () => {
    for (const length of [0, 1, 63, 64, 127, 128, 4096, 10_000]) {
      const input = bytes.subarray(0, length);
      const expected = Buffer.from(portableSha2.hash(name, input)).toString('hex');
      expect(Buffer.from(nodeSha2.hash(name, input)).toString('hex')).toBe(expected);
      for (const sha2 of [nodeSha2, portableSha2]) {
        const hasher = sha2.create(name);
        hasher.update(input.subarray(0, length >> 1));
        hasher.update(input.subarray(length >> 1));
        expect(Buffer.from(hasher.digest()).toString('hex')).toBe(expected);
      }
    }
  });
}
