import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { combinations, generatedImages, isDefault, writeImage } from './combinations.ts';
import { blobPath, entriesOf, manifestOf, variantOf, withFlippedBit } from './layouts.ts';

test('a variant has one bit of one blob flipped, and the original is unchanged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'layouts-'));
  try {
    const [layout, variant] = [join(folder, 'layout'), join(folder, 'variant')];
    const [small] = generatedImages;
    if (small === undefined) throw new Error('there is no image');
    writeImage(layout, small);
    const [entry] = entriesOf(layout);
    const { config, layers } = manifestOf(layout, entry?.digest ?? '');
    const before = readFileSync(blobPath(layout, config.digest));
    variantOf(layout, variant, { blobs: new Map([[config.digest, withFlippedBit(layout, config.digest)]]) });
    const after = readFileSync(blobPath(variant, config.digest));
    expect(after).toHaveLength(before.length);
    expect([...after].filter((byte, i) => byte !== before[i])).toHaveLength(1);
    expect(readFileSync(blobPath(layout, config.digest))).toEqual(before);
    for (const { digest } of layers) {
      expect(readFileSync(blobPath(variant, digest))).toEqual(readFileSync(blobPath(layout, digest)));
    }
    expect(entriesOf(variant)).toEqual(entriesOf(layout));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each mode is combined with each algorithm, with both, and with each key', () => {
  expect(combinations).toHaveLength(2 * 3 * 2);
  expect(combinations.filter(isDefault)).toHaveLength(2);
  expect(new Set(combinations.map(({ slug }) => slug)).size).toBe(combinations.length);
  // Slugs are parts of repository names.
  for (const { slug } of combinations) expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});
