/**
 * From layers to the tree of a role (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { type Layer, readLayer } from '../merge/layer.ts';
import { mergeLayer } from '../merge/merge.ts';
import { ownTree } from '../merge/own.ts';
import { readTar } from '../tar/read.ts';
import { transformBootable } from '../transform/bootable.ts';
import { transformOci } from '../transform/oci.ts';
import { impliedDirectory } from './directory.ts';
import type { Directory } from './inode.ts';
import { checkRole, type TreeOptions } from './options.ts';

/** Layers in their order, the base first: each the chunks of one decompressed tar archive. */
export type Layers = Iterable<AsyncIterable<Uint8Array>> | AsyncIterable<AsyncIterable<Uint8Array>>;

/**
 * Builds the tree that `layers` stand for in the role of `options`. Layers are read one after the other, each
 * once and never held; memory grows with the number of inodes. Refuses with REQUEST_ROLE what no role takes, and
 * with a code of the tar or merge stage, and the number of the layer, what has no one meaning; with
 * TRANSFORM_SELINUX what role `merged.bootable` can't label.
 */
export async function buildTree(layers: Layers, options: TreeOptions): Promise<Directory> {
  checkRole(options);
  switch (options.role) {
    case 'merged':
    case 'merged.bootable':
      return merged(layers, options);
    case 'layer':
      return single(layers, options);
  }
}

async function merged(layers: Layers, options: TreeOptions): Promise<Directory> {
  const root = impliedDirectory();
  let number = 0;
  for await (const archive of layers) {
    await inLayer(number, async () => mergeLayer(root, await read(archive, options)));
    number++;
  }
  if (options.transform === 'oci') transformOci(root, options.xattrs);
  if (options.role === 'merged.bootable') transformBootable(root);
  return root;
}

async function single(layers: Layers, options: TreeOptions): Promise<Directory> {
  let tree: Directory | undefined;
  for await (const archive of layers) {
    // TREE-011
    if (tree !== undefined)
      throw new ComposefsError('REQUEST_ROLE', 'role "layer" takes one layer, not more');
    tree = await inLayer(0, async () => ownTree(await read(archive, options), options.xattrs));
  }
  if (tree === undefined) throw new ComposefsError('REQUEST_ROLE', 'role "layer" takes one layer, not none');
  return tree;
}

function read(archive: AsyncIterable<Uint8Array>, options: TreeOptions): Promise<Layer> {
  return readLayer(readTar(archive), options);
}

/** Runs `step`, and adds the layer to the place of what it refuses. */
async function inLayer<T>(layer: number, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof ComposefsError ? error.at({ layer }) : error;
  }
}
