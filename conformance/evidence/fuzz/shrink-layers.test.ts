import { expect, test } from 'vitest';
import { copyLayers, type LayerSet } from './layer-sets/layer-set.ts';
import { deletedName, entryKindOf, nameOf, pathOf } from './layer-sets/outline.ts';
import { randomLayers } from './random-layers.ts';
import { showLayers } from './show-layers.ts';
import { shrinkLayers } from './shrink-layers.ts';

const entries = ({ layers }: LayerSet) => layers.flatMap(layer => layer.entries);

/** The first large random layer set for which `has` is true, shrunk. */
async function smallest(has: (set: LayerSet) => boolean): Promise<string[]> {
  for (let seed = 0; ; seed++) {
    const set = randomLayers('all', seed);
    if (entries(set).length < 15 || set.role === 'merged' || !has(set)) continue;
    const before = showLayers(copyLayers(set));
    const small = await shrinkLayers(set, async candidate => has(candidate));
    expect(showLayers(set)).toEqual(before);
    return showLayers(small);
  }
}

const firstLine = 'role merged, xattrs allowlist-only';

test('an entry keeps only the required values', async () => {
  expect(await smallest(set => entries(set).some(({ uid, type }) => uid > 65535 && type === '5'))).toEqual([
    firstLine,
    'layer 0',
    expect.stringMatching(/^ {2}ustar directory a\/ 0755 \d+:0 0$/),
  ]);
});

test('only the required records are kept', async () => {
  const repeated = ({ extensions }: ReturnType<typeof entries>[number]) =>
    extensions.some(
      each => each.kind === 'pax' && each.records.filter(([key]) => key === 'path').length === 2,
    );
  expect(await smallest(set => entries(set).some(repeated))).toEqual([
    firstLine,
    'layer 0',
    expect.stringMatching(/^ {2}ustar \w+ \S* 0644 0:0 0.* \[pax path=\S+ path=\S+\]$/),
  ]);
});

test('values of records become as short as possible', async () => {
  const long = ({ extensions }: ReturnType<typeof entries>[number]) =>
    extensions.some(
      each =>
        each.kind === 'pax' &&
        each.records.some(([key, value]) => key.startsWith('SCHILY.xattr.') && value.length > 20),
    );
  expect(await smallest(set => entries(set).some(long))).toEqual([
    firstLine,
    'layer 0',
    expect.stringMatching(/^ {2}ustar file \S+ 0644 0:0 0 \[pax SCHILY\.xattr\.\S+=v{21}\]$/),
  ]);
});

test('several layers are kept if one is not enough', async () => {
  const deletes = ({ layers }: LayerSet) =>
    layers.some(({ entries: upper }, i) =>
      upper.some(marker => {
        const path = pathOf(nameOf(marker));
        const [name, lower] = [deletedName(path), layers.slice(0, i).flatMap(layer => layer.entries)];
        return (
          entryKindOf(path) === 'whiteout' && lower.some(each => pathOf(nameOf(each)).join('/') === name)
        );
      }),
    );
  expect(await smallest(deletes)).toEqual([
    firstLine,
    'layer 0',
    '  ustar file a 0644 0:0 0',
    'layer 1',
    '  ustar file .wh.a 0644 0:0 0',
  ]);
});

test('compression and the end of the archive are kept if required', async () => {
  const has = ({ layers }: LayerSet) =>
    layers.some(({ packed, end }) => packed === 'zstd' && end === 'record');
  expect(await smallest(has)).toEqual([firstLine, 'layer 0, zstd, zeros at its end']);
});
