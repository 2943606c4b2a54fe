import { describe, expect, test } from 'vitest';
import { layerOf, type PolicyCase, policyContents, sizeOfPolicy } from './policy.ts';
import { randomPolicy } from './random-policy.ts';

const seeds = Array.from({ length: 300 }, (_, seed) => seed);

describe.each(['common', 'all'] as const)('policies of the stream %s', stream => {
  const policies = seeds.map(seed => randomPolicy(stream, seed));

  test('are the same for the same seed', () => {
    expect(seeds.map(seed => randomPolicy(stream, seed))).toEqual(policies);
  });

  test('have every file, every type and hard links', () => {
    const files = new Set(policies.flatMap(policy => [...policyContents(policy).keys()]));
    expect(files.size).toBe(5);
    const types = new Set(policies.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
    expect([...types].sort().join('')).toBe('-bcdhlp');
    const words = new Set(policies.flatMap(({ lines }) => lines.flatMap(({ text }) => text.split(/\s+/))));
    for (const word of ['--', '-d', '-l', '-c', '-b', '-p', '-s', '<<none>>'])
      expect(words.has(word)).toBe(true);
  });

  test('have trees in which most lines match a path', () => {
    // JavaScript reads most of the patterns as they are meant here.
    const matches = (text: string, path: string) => {
      try {
        return new RegExp(`^(?:${text.trim().split(/\s/)[0]})$`, 's').test(path);
      } catch {
        return false;
      }
    };
    const lines = policies.flatMap(({ lines, nodes }) =>
      lines.filter(({ file }) => !file.includes('subs')).map(({ text }) => ({ text, nodes })),
    );
    const used = lines.filter(({ text, nodes }) => nodes.some(({ path }) => matches(text, path)));
    expect(used.length / lines.length).toBeGreaterThan(0.5);
  });

  test('have small layers', () => {
    const sizes = policies.map(policy => layerOf(policy).length);
    expect(Math.max(...sizes)).toBeLessThan(150_000);
    expect(Math.max(...policies.map(sizeOfPolicy))).toBeLessThan(200);
  });
});

test('common policies are sorted, and name the policy', () => {
  for (const seed of seeds) {
    const { config, lines }: PolicyCase = randomPolicy('common', seed);
    expect(config).toMatch(/SELINUXTYPE=\s*t\b/i);
    expect(lines.every(({ text }) => text.trim().split(/\s+/).length <= 3)).toBe(true);
  }
});
