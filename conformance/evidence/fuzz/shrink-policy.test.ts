import { expect, test } from 'vitest';
import { type PolicyCase, plainConfig, policyContents } from './policies/policy.ts';
import { randomPolicy } from './policies/random-policy.ts';
import { shrinkPolicy } from './shrink-policy.ts';

/** Whether a line of a policy has the label A, and a path has the byte x. */
const hasBoth = async ({ lines, nodes }: PolicyCase) =>
  lines.some(({ text }) => / A$/.test(text)) && nodes.some(({ path }) => path.includes('x'));

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

test('removes everything that the difference does not need', async () => {
  let shrunk = 0;
  for (const seed of seeds) {
    const policy = randomPolicy('all', seed);
    if (!(await hasBoth(policy))) continue;
    shrunk++;
    expect(await shrinkPolicy(policy, hasBoth)).toEqual({
      config: plainConfig,
      lines: [{ file: expect.any(String), text: ' A' }],
      nodes: [{ path: '/x', type: '-' }],
    });
  }
  expect(shrunk).toBeGreaterThan(5);
});

test('tries few candidates', async () => {
  let tries = 0;
  await shrinkPolicy(randomPolicy('common', 1), async policy => {
    tries++;
    return policyContents(policy).get('file_contexts') !== '';
  });
  expect(tries).toBeLessThan(300);
});
