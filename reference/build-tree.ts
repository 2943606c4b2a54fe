/**
 * Builds the tree of a role from layers (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError, type Location } from './errors.ts';
import { type Layer, readLayer } from './merge/layer.ts';
import { addMarkersToLayerTree, layerTreeOfEntries } from './merge/layer-tree.ts';
import { applyLayer } from './merge/merged-tree.ts';
import { TreeSize } from './merge/tree-size.ts';
import type { KeepsXattr } from './tar/pax.ts';
import { readTar } from './tar/read.ts';
import { transformBootable } from './transform/bootable.ts';
import { transformOci } from './transform/oci.ts';
import { filterXattrs, keepsXattr } from './transform/xattrs.ts';
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
 * and not kept; memory grows with the number of inodes, and is limited (LAYER-107, LAYER-109).
 *
 * Rejects with REQUEST_ROLE if the role does not allow the transform or the number of layers; with an error code of
 * stage `tar` or `merge`, and the number of the layer, if a layer is rejected; and with TRANSFORM_SELINUX if the image
 * may have an SELinux policy in role `merged.bootable`.
 */
export async function buildTree(layers: Layers, options: TreeOptions): Promise<Directory> {
  checkRole(options);
  const size = new TreeSize();
  return treeOf(readEach(layers, options, size), options, size);
}

async function* readEach(layers: Layers, options: TreeOptions, size: TreeSize): AsyncGenerator<LocatedLayer> {
  let number = 0;
  for await (const archive of layers) {
    checkLayerCount(options, number + 1);
    const location = { layer: number++ };
    yield { layer: await atLocation(location, () => readArchive(archive, options, size)), location };
  }
  checkLayerCount(options, number);
}

/** Reads the archive of one layer for the tree of `options`, and counts what it holds in `size`. */
export function readArchive(
  archive: AsyncIterable<Uint8Array>,
  options: TreeOptions,
  size: TreeSize,
): Promise<Layer> {
  // TREE-008
  const keepsAll = options.role === 'merged' && options.transform === 'none';
  // Attributes that the policy would remove from the tree are not held until then.
  const keeps: KeepsXattr = name => keepsAll || keepsXattr(options.xattrs, name);
  return readLayer(readTar(archive, keeps), options, size);
}

/**
 * Builds the tree as {@link buildTree} does, from layers that were read and counted in `size`. Does not check the role
 * and the number.
 */
export async function treeOf(
  layers: AsyncIterable<LocatedLayer>,
  options: TreeOptions,
  size: TreeSize,
): Promise<Directory> {
  switch (options.role) {
    case 'merged':
    case 'merged.bootable':
      return mergedTree(layers, options, size);
    case 'layer':
      return treeOfOneLayer(layers, options, size);
  }
}

async function mergedTree(
  layers: AsyncIterable<LocatedLayer>,
  options: TreeOptions,
  size: TreeSize,
): Promise<Directory> {
  const root = impliedDirectory();
  for await (const { layer, location } of layers)
    await atLocation(location, () => applyLayer(root, layer, size));
  if (options.transform === 'oci') transformOci(root, options.xattrs);
  if (options.role === 'merged.bootable') transformBootable(root);
  return root;
}

async function treeOfOneLayer(
  layers: AsyncIterable<LocatedLayer>,
  { xattrs }: TreeOptions,
  size: TreeSize,
): Promise<Directory> {
  let tree = impliedDirectory();
  for await (const { layer, location } of layers)
    tree = await atLocation(location, () => standaloneLayerTree(layer, xattrs, size));
  return tree;
}

/** The standalone layer tree of `layer` (MERGE-028). */
export function standaloneLayerTree(
  { ordinary, markers }: Layer,
  policy: XattrPolicy,
  size: TreeSize,
): Directory {
  const root = layerTreeOfEntries(ordinary, size);
  filterXattrs(root, policy);
  addMarkersToLayerTree(root, markers, size);
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
