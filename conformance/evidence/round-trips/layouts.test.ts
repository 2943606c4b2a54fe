import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { combinations, isUsual, made, writeImage } from './combinations.ts';
import { blobOf, entriesOf, flipped, manifestOf, variantOf } from './layouts.ts';

test('a variant has one bit of one blob changed, and the original stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'layouts-'));
  try {
    const [layout, variant] = [join(folder, 'layout'), join(folder, 'variant')];
    const [small] = made;
    if (small === undefined) throw new Error('nothing is made');
    writeImage(layout, small);
    const [entry] = entriesOf(layout);
    const { config, layers } = manifestOf(layout, entry?.digest ?? '');
    const before = readFileSync(blobOf(layout, config.digest));
    variantOf(layout, variant, { blobs: new Map([[config.digest, flipped(layout, config.digest)]]) });
    const after = readFileSync(blobOf(variant, config.digest));
    expect(after).toHaveLength(before.length);
    expect([...after].filter((byte, i) => byte !== before[i])).toHaveLength(1);
    expect(readFileSync(blobOf(layout, config.digest))).toEqual(before);
    for (const { digest } of layers) {
      expect(readFileSync(blobOf(variant, digest))).toEqual(readFileSync(blobOf(layout, digest)));
    }
    expect(entriesOf(variant)).toEqual(entriesOf(layout));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each mode is combined with each algorithm, with both, and with each key', () => {
  expect(combinations).toHaveLength(2 * 3 * 2);
  expect(combinations.filter(isUsual)).toHaveLength(2);
  expect(new Set(combinations.map(({ slug }) => slug)).size).toBe(combinations.length);
  // They are parts of repository names.
  for (const { slug } of combinations) expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});
