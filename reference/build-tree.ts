/**
 * Builds the tree of a role from layers (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError, type Location } from './errors.ts';
import { type Layer, readLayer } from './merge/layer.ts';
import { addMarkersToLayerTree, layerTreeOfEntries } from './merge/layer-tree.ts';
import { applyLayer } from './merge/merged-tree.ts';
import { readTar } from './tar/read.ts';
import { transformBootable } from './transform/bootable.ts';
import { transformOci } from './transform/oci.ts';
import { filterXattrs } from './transform/xattrs.ts';
import { impliedDirectory } from './tree/directory.ts';
import type { Directory } from './tree/inode.ts';
import { checkLayerCount, checkRole, type TreeOptions, type XattrPolicy } from './tree/options.ts';

/** Layers in order, starting with the base layer: each is the chunks of one decompressed tar archive. */
export type Layers = Iterable<AsyncIterable<Uint8Array>> | AsyncIterable<AsyncIterable<Uint8Array>>;

/** A layer that was read, and its location for errors. */
export interface LocatedLayer {
  readonly layer: Layer;
  readonly location: Location;
}

/**
 * Builds the tree of `layers` in the role of `options`. Each layer is read once, after the layer below it is merged,
 * and not kept; memory grows with the number of inodes.
 *
 * Rejects with REQUEST_ROLE if the role does not allow the transform or the number of layers; with an error code of
 * stage `tar` or `merge`, and the number of the layer, if a layer is rejected; and with TRANSFORM_SELINUX if the image
 * may have an SELinux policy in role `merged.bootable`.
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

/** Builds the tree as {@link buildTree} does, from layers that were read. Does not check the role and the number. */
export async function treeOf(layers: AsyncIterable<LocatedLayer>, options: TreeOptions): Promise<Directory> {
  switch (options.role) {
    case 'merged':
    case 'merged.bootable':
      return mergedTree(layers, options);
    case 'layer':
      return treeOfOneLayer(layers, options);
  }
}

async function mergedTree(layers: AsyncIterable<LocatedLayer>, options: TreeOptions): Promise<Directory> {
  const root = impliedDirectory();
  for await (const { layer, location } of layers) await atLocation(location, () => applyLayer(root, layer));
  if (options.transform === 'oci') transformOci(root, options.xattrs);
  if (options.role === 'merged.bootable') transformBootable(root);
  return root;
}

async function treeOfOneLayer(
  layers: AsyncIterable<LocatedLayer>,
  { xattrs }: TreeOptions,
): Promise<Directory> {
  let tree = impliedDirectory();
  for await (const { layer, location } of layers)
    tree = await atLocation(location, () => standaloneLayerTree(layer, xattrs));
  return tree;
}

/** The standalone layer tree of `layer` (MERGE-028). */
export function standaloneLayerTree({ ordinary, markers }: Layer, policy: XattrPolicy): Directory {
  const root = layerTreeOfEntries(ordinary);
  filterXattrs(root, policy);
  addMarkersToLayerTree(root, markers);
  return root;
}

/** Runs `step`, and adds `location` to its rejection. */
async function atLocation<T>(location: Location, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof ComposefsError ? error.at(location) : error;
  }
}
