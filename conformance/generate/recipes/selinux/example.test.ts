import { expect, test } from 'vitest';
import { example } from '../../../../spec/tool/example.ts';
import { recipes } from './config.ts';

test.each([
  ['the config', example('selinux-config')],
  ['the policy', example('selinux-contexts')],
])('the layer of the first case contains %s of the chapter', async (_, content) => {
  const draft = await recipes.find(({ id }) => id === 'selinux/small-policy')?.make();
  expect(Buffer.from(draft?.files['in/0.tar'] ?? []).includes(`\0${content}\0`)).toBe(true);
});
