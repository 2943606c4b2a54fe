/**
 * A refusal says where: every case of a layer that is refused names the layer, and what stands there.
 */
import { expect, test } from 'vitest';
import { readRecipes } from '../conformance/generate/read-recipes.ts';
import type { Draft } from '../conformance/generate/recipe.ts';
import { buildTree } from './build-tree.ts';
import { ComposefsError } from './errors.ts';
import { decompress } from './oci/compression.ts';
import { layerCompression } from './oci/media-types.ts';
import type { TreeOptions } from './tree/options.ts';

/** What can be refused before the name of an entry is known: its header, its extended headers, the archive. */
const NAMELESS: ReadonlySet<string> = new Set([
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

async function refusal({ input, params, files }: Draft): Promise<ComposefsError> {
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
  throw new Error('it is not refused');
}

const refused = Object.values(await readRecipes())
  .flat()
  .filter(({ id }) => /^(layers|merge)\//.test(id));

test('every refused layer is named with entry and offset', { timeout: 60_000 }, async () => {
  let seen = 0;
  for (const { id, make } of refused) {
    const draft = await make();
    const { expect: expected } = draft;
    if (expected.outcome !== 'reject' || !['tar', 'merge'].includes(expected.stage)) continue;
    const { code, location } = await refusal(draft);
    expect(location.layer, id).toBeTypeOf('number');
    expect(location.offset, id).toBeTypeOf('number');
    if (!NAMELESS.has(code)) expect(location.entry, id).toBeTypeOf('string');
    seen++;
  }
  expect(seen).toBeGreaterThan(150);
});
