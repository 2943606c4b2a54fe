/**
 * From layers to the tree of a role (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError, type Location } from './errors.ts';
import { type Layer, readLayer } from './merge/layer.ts';
import { applyStandaloneMarkers, entriesTree } from './merge/layer-tree.ts';
import { mergeLayer } from './merge/merge.ts';
import { readTar } from './tar/read.ts';
import { transformBootable } from './transform/bootable.ts';
import { transformOci } from './transform/oci.ts';
import { filterXattrs } from './transform/xattrs.ts';
import { impliedDirectory } from './tree/directory.ts';
import type { Directory } from './tree/inode.ts';
import { checkLayerCount, checkRole, type TreeOptions, type XattrPolicy } from './tree/options.ts';

/** Layers in their order, the base first: each the chunks of one decompressed tar archive. */
export type Layers = Iterable<AsyncIterable<Uint8Array>> | AsyncIterable<AsyncIterable<Uint8Array>>;

/** A layer that was read, and where it comes from, for messages. */
export interface LocatedLayer {
  readonly layer: Layer;
  readonly location: Location;
}

/**
 * Builds the tree that `layers` stand for in the role of `options`. Layers are read one after the other, each
 * once and never held; memory grows with the number of inodes. Refuses with REQUEST_ROLE what no role takes, and
 * with a code of the tar or merge stage, and the number of the layer, what has no one meaning; with
 * TRANSFORM_SELINUX what role `merged.bootable` can't label.
 */
export async function buildTree(layers: Layers, options: TreeOptions): Promise<Directory> {
  checkRole(options);
  return treeOf(readEach(layers, options), options);
}

async function* readEach(layers: Layers, options: TreeOptions): AsyncGenerator<LocatedLayer> {
  let number = 0;
  for await (const archive of layers) {
    checkLayerCount(options, number + 1);
    const location = { layer: number++ };
    yield { layer: await atLocation(location, () => readLayer(readTar(archive), options)), location };
  }
  checkLayerCount(options, number);
}

/** The tree of `layers`, the base first, as {@link buildTree} makes it. Their number goes with the role. */
export async function treeOf(layers: AsyncIterable<LocatedLayer>, options: TreeOptions): Promise<Directory> {
  switch (options.role) {
    case 'merged':
    case 'merged.bootable':
      return merged(layers, options);
    case 'layer':
      return single(layers, options);
  }
}

async function merged(layers: AsyncIterable<LocatedLayer>, options: TreeOptions): Promise<Directory> {
  const root = impliedDirectory();
  for await (const { layer, location } of layers) await atLocation(location, () => mergeLayer(root, layer));
  if (options.transform === 'oci') transformOci(root, options.xattrs);
  if (options.role === 'merged.bootable') transformBootable(root);
  return root;
}

async function single(layers: AsyncIterable<LocatedLayer>, { xattrs }: TreeOptions): Promise<Directory> {
  let tree = impliedDirectory();
  for await (const { layer, location } of layers)
    tree = await atLocation(location, () => standaloneLayerTree(layer, xattrs));
  return tree;
}

/** The standalone tree of `layer` (MERGE-028). */
export function standaloneLayerTree({ changes, markers }: Layer, policy: XattrPolicy): Directory {
  const root = entriesTree(changes);
  filterXattrs(root, policy);
  applyStandaloneMarkers(root, markers);
  return root;
}

/** Runs `step`, and adds to the place of what it refuses. */
async function atLocation<T>(location: Location, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof ComposefsError ? error.at(location) : error;
  }
}
