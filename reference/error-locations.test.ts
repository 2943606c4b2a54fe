/**
 * A rejection has a location: in every case in which a layer is rejected, it gives the layer, the offset and the entry.
 */
import { expect, test } from 'vitest';
import { readRecipes } from '../conformance/generate/read-recipes.ts';
import type { Draft } from '../conformance/generate/recipe.ts';
import { buildTree } from './build-tree.ts';
import { ComposefsError } from './errors.ts';
import { decompress } from './oci/compression.ts';
import { layerCompression } from './oci/media-types.ts';
import type { TreeOptions } from './tree/options.ts';

/** Error codes that can come before the name of an entry is known: for headers, extended headers and the archive. */
const WITHOUT_ENTRY: ReadonlySet<string> = new Set([
  'TAR_CHECKSUM',
  'TAR_EXTENSION',
  'TAR_LIMIT',
  'TAR_NUMBER',
  'TAR_PAX',
  'TAR_RANGE',
  'TAR_TRUNCATED',
  'TAR_XATTR',
  'TAR_ZERO_BLOCK',
]);

async function rejection({ input, params, files }: Draft): Promise<ComposefsError> {
  const layers = input['layers'];
  if (!Array.isArray(layers)) throw new Error('no layers');
  async function* content(path: string) {
    yield files[path] ?? new Uint8Array();
  }
  const archives = layers.map(({ path, mediaType }: { path: string; mediaType: string }) =>
    decompress(content(path), layerCompression(mediaType, {}), {}),
  );
  try {
    await buildTree(archives, params as unknown as TreeOptions);
  } catch (error) {
    if (error instanceof ComposefsError) return error;
    throw error;
  }
  throw new Error('the layers are not rejected');
}

const layerCases = Object.values(await readRecipes())
  .flat()
  .filter(({ id }) => /^(layers|merge)\//.test(id));

test('every rejection of a layer gives its number, offset and entry', { timeout: 60_000 }, async () => {
  let rejections = 0;
  for (const { id, make } of layerCases) {
    const draft = await make();
    const { expect: expected } = draft;
    if (expected.outcome !== 'reject' || !['tar', 'merge'].includes(expected.stage)) continue;
    const { code, location } = await rejection(draft);
    expect(location.layer, id).toBeTypeOf('number');
    expect(location.offset, id).toBeTypeOf('number');
    if (!WITHOUT_ENTRY.has(code)) expect(location.entry, id).toBeTypeOf('string');
    rejections++;
  }
  expect(rejections).toBeGreaterThan(150);
});
