/**
 * Builds the tree of a role from layers (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError, type Location } from './errors.ts';
import { type ContentOf, type Layer, readLayer } from './merge/layer.ts';
import { addMarkersToLayerTree, layerTreeOfEntries } from './merge/layer-tree.ts';
import { applyLayer } from './merge/merged-tree.ts';
import { TreeSize } from './merge/tree-size.ts';
import { PolicyContents } from './selinux/contents.ts';
import { labelTree } from './selinux/label-tree.ts';
import type { Policy } from './selinux/policy.ts';
import { policyOfTree } from './selinux/tree-policy.ts';
import type { TarEntry } from './tar/entry.ts';
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

/** What was read from the archive of a layer, and the location of the layer for errors. */
export interface Located<T> {
  readonly result: T;
  readonly location: Location;
}

/** Reads the archive of every layer with `read`; returns the results in order, starting with the base layer. */
export type ReadArchives = <T>(
  read: (archive: AsyncIterable<Uint8Array>) => Promise<T>,
) => AsyncIterable<Located<T>>;

/** Steps on the way to a tree. Those from `merged` on are on the way to role `merged.bootable`. */
export interface TreeSteps {
  /** Sees the entries of an archive, and can replace them. Default: they stay as they are. */
  entries?(archive: AsyncIterable<Uint8Array>, entries: AsyncIterable<TarEntry>): AsyncIterable<TarEntry>;
  /** Sees the merged tree, before it is transformed. */
  merged?(tree: Directory): void;
  /** Sees the tree of role `merged` with transform `oci`, before it is made bootable. */
  transformed?(tree: Directory): unknown;
  /** Labels the tree. Default: {@link labelTree}. */
  label?(tree: Directory, policy: Policy): void;
}

/**
 * Builds the tree of `layers` in the role of `options`. Each layer is read once, after the layer below it is merged,
 * and not kept; memory grows with the number of inodes, and is limited (LAYER-107, LAYER-109). Only in role
 * `merged.bootable`, and if a file of the SELinux policy is a hard link to a file at another path, are they read again:
 * `layers`, and each of them, must then be iterable more than once.
 *
 * Rejects with REQUEST_ROLE if the role does not allow the transform or the number of layers; with an error code of
 * stage `tar` or `merge`, and the number of the layer, if a layer is rejected; and with one of stage `transform` if the
 * SELinux policy of a bootable image is rejected.
 */
export async function buildTree(layers: Layers, options: TreeOptions): Promise<Directory> {
  checkRole(options);
  return treeOf(read => readEach(layers, options, read), options);
}

async function* readEach<T>(
  layers: Layers,
  options: TreeOptions,
  read: (archive: AsyncIterable<Uint8Array>) => Promise<T>,
): AsyncGenerator<Located<T>> {
  let number = 0;
  for await (const archive of layers) {
    checkLayerCount(options, number + 1);
    const location = { layer: number++ };
    yield { result: await atLocation(location, () => read(archive)), location };
  }
  checkLayerCount(options, number);
}

/**
 * Builds the tree as {@link buildTree} does, from the archives that `archives` reads: again, if it is called again. Does
 * not check the role and the number.
 */
export async function treeOf(
  archives: ReadArchives,
  options: TreeOptions,
  steps: TreeSteps = {},
): Promise<Directory> {
  const size = new TreeSize();
  switch (options.role) {
    case 'merged': {
      const root = await mergedTree(archives, options, size, steps);
      if (options.transform === 'oci') transformOci(root, options.xattrs);
      return root;
    }
    case 'merged.bootable':
      return bootableTree(archives, options, size, steps);
    case 'layer':
      return treeOfOneLayer(archives, options, size, steps);
  }
}

/** Reads the archive of one layer for the tree of `options`, and counts what it holds in `size`. */
function readArchive(
  archive: AsyncIterable<Uint8Array>,
  options: TreeOptions,
  size: TreeSize,
  { entries }: TreeSteps,
  contentOf?: ContentOf,
): Promise<Layer> {
  // TREE-008
  const keepsAll = options.role === 'merged' && options.transform === 'none';
  // Attributes that the policy would remove from the tree are not held until then.
  const keeps: KeepsXattr = name => keepsAll || keepsXattr(options.xattrs, name);
  const read = readTar(archive, keeps);
  return readLayer(entries?.(archive, read) ?? read, options, size, contentOf);
}

async function mergedTree(
  archives: ReadArchives,
  options: TreeOptions,
  size: TreeSize,
  steps: TreeSteps,
  contentOf?: ContentOf,
): Promise<Directory> {
  const root = impliedDirectory();
  const layers = archives(archive => readArchive(archive, options, size, steps, contentOf));
  for await (const { result, location } of layers)
    await atLocation(location, () => applyLayer(root, result, size));
  return root;
}

async function bootableTree(
  archives: ReadArchives,
  options: TreeOptions,
  size: TreeSize,
  steps: TreeSteps,
): Promise<Directory> {
  const { merged, transformed, label = labelTree } = steps;
  const contents = new PolicyContents(options, async read => {
    for await (const _ of archives(read));
  });
  const root = await mergedTree(archives, options, size, steps, entry => contents.keeping(entry));
  merged?.(root);
  transformOci(root, options.xattrs);
  await transformed?.(root);
  transformBootable(root);
  // SELINUX-001
  const policy = await policyOfTree(root, contents);
  if (policy !== undefined) label(root, policy);
  return root;
}

async function treeOfOneLayer(
  archives: ReadArchives,
  options: TreeOptions,
  size: TreeSize,
  steps: TreeSteps,
): Promise<Directory> {
  let tree = impliedDirectory();
  for await (const { result, location } of archives(archive => readArchive(archive, options, size, steps)))
    tree = await atLocation(location, () => standaloneLayerTree(result, options.xattrs, size));
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
