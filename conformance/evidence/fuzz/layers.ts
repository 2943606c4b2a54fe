/**
 * The area `layers`: compares the trees that are built of random layers.
 * @module
 */

import { buildTree } from '../../../reference/build-tree.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { decompress } from '../../../reference/oci/compression.ts';
import { layerCompression } from '../../../reference/oci/media-types.ts';
import type { Stream } from '../../generate/random-trees/random-tree.ts';
import { differenceText } from '../../runner/compare/difference.ts';
import { dumpfileDifference } from '../../runner/compare/dumpfile-difference.ts';
import type { LayerBytes } from '../../runner/run/input-files.ts';
import type { Built, TreeBuilder } from '../../runner/run/tree-builder.ts';
import { type Area, compareAnswers, type OtherAnswer, type ReferenceAnswer } from './area.ts';
import { blobOf, copyLayers, type LayerSet } from './layer-sets/layer-set.ts';
import { randomLayers } from './random-layers.ts';
import { showLayers } from './show-layers.ts';
import { shrinkLayers } from './shrink-layers.ts';

/** The features that the other implementation has to declare. */
export const layerFeatures: readonly string[] = [
  ...['compression.gzip', 'compression.zstd', 'role.merged.bootable', 'xattrs.keep-user-xattrs'],
];

const extensions = { none: '', gzip: '.gz', zstd: '.zst' };

const common = { transform: 'oci', algorithm: 'fsverity-sha256-12' } as const;

/** The trees of the layers of this stream. */
export function layersArea(stream: Stream): Area<LayerSet, TreeBuilder> {
  return {
    words: { one: 'layers', many: 'layer sets', parts: 'entries' },
    generate: seed => randomLayers(stream, seed),
    copy: copyLayers,
    size: ({ layers }) => layers.reduce((sum, { entries }) => sum + entries.length, 0),
    compare: async (set, builder) => {
      const layers = set.layers.map(blobOf);
      const { role, xattrs } = set;
      const built = await builder.build(layers, { role, xattrs, ...common });
      return compareAnswers(await referenceAnswer(layers, set), otherAnswer(built), difference);
    },
    shrink: shrinkLayers,
    show: showLayers,
    files: ({ layers }) =>
      Object.fromEntries(
        layers.map((layer, i) => [`layer-${i}.tar${extensions[layer.packed]}`, blobOf(layer).bytes]),
      ),
  };
}

async function referenceAnswer(
  layers: readonly LayerBytes[],
  { role, xattrs }: LayerSet,
): Promise<ReferenceAnswer> {
  const archives = layers.map(async function* ({ bytes, mediaType }, layer) {
    yield* decompress(one(bytes), layerCompression(mediaType, { layer }), { layer });
  });
  try {
    const tree = await buildTree(archives, { role, xattrs, ...common, sha2: nodeSha2 });
    return { kind: 'accepted', bytes: Buffer.concat([...printDumpfile(tree)]) };
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    return { kind: 'rejected', why: error.message };
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function otherAnswer(built: Built): OtherAnswer<Uint8Array> {
  return built.kind === 'built' ? { kind: 'accepted', answer: built.dumpfile } : built;
}

function difference(expected: Uint8Array, got: Uint8Array): string | undefined {
  const found = dumpfileDifference('dumpfile', expected, got, got.length);
  return found === undefined ? undefined : differenceText(found, 'dumpfile');
}
