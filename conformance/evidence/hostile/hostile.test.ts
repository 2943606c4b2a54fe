import { expect, test } from 'vitest';
import { ComposefsError } from '../../../reference/errors.ts';
import { hostile } from './hostile.ts';

/** Enough that some inputs of each kind are accepted. `npm run hostile` tries more. */
const COUNT = 650;

test('hostile input is accepted, or rejected with an error code', { timeout: 300_000 }, async () => {
  const { outcomes, faults } = await hostile({ seed: 0, count: COUNT });
  expect(faults).toEqual([]);
  // Otherwise the mutants are too damaged to be read, or not damaged enough.
  for (const [target, counts] of outcomes) {
    expect(counts.get('accepted'), target).toBeGreaterThan(0);
    expect(counts.size, target).toBeGreaterThan(1);
  }
});

test('any other outcome is a fault', async () => {
  const { outcomes, faults } = await hostile(
    { seed: 10, count: 4 },
    {
      accepts: async () => {},
      rejects: async () => Promise.reject(new ComposefsError('TAR_NAME', 'detail')),
      fails: async () => Promise.reject(new TypeError('x is undefined')),
      talks: async () => Promise.reject(new ComposefsError('TAR_NAME', 'x'.repeat(1_000_000))),
    },
  );
  expect(Object.fromEntries([...outcomes].map(([name, counts]) => [name, [...counts.keys()]]))).toEqual({
    accepts: ['accepted'],
    rejects: ['TAR_NAME'],
    fails: ['fault'],
    talks: ['fault'],
  });
  expect(faults).toMatchObject([
    { seed: 10, target: 'fails', problem: expect.stringMatching(/^TypeError: x is undefined\n/) },
    { seed: 11, target: 'talks', problem: expect.stringMatching(/^a message of 10\d{5} characters/) },
  ]);
});

test('an input depends on its number alone', async () => {
  const seen = (seed: number, count: number) => {
    const inputs: string[] = [];
    const target = async (random: { bytes(length: number): Uint8Array }) => {
      inputs.push(Buffer.from(random.bytes(8)).toString('hex'));
    };
    return hostile({ seed, count }, { target }).then(() => inputs);
  };
  expect((await seen(5, 3)).slice(2)).toEqual(await seen(7, 1));
});
