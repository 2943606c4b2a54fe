/**
 * From an image in a layout to its tree and its digest (spec/layers.md).
 * @module
 */

import { type ReadArchives, type TreeSteps, treeOf } from '../build-tree.ts';
import type { ErofsFormat } from '../erofs/format-rules.ts';
import { imageDigest } from '../erofs/write.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import type { Directory } from '../tree/inode.ts';
import { checkLayerCount, checkRole, type TreeOptions } from '../tree/options.ts';
import { blobLocation } from './blob.ts';
import type { LayerDescriptor } from './layers/layer-descriptor.ts';
import { type ReadOptions, readLayers } from './layers/read.ts';
import { type OciLayout, openLayout, readDocument } from './layout.ts';
import type { LayoutFiles } from './layout-files.ts';
import { checkConfigType, readManifest } from './manifest.ts';
import { layerCompression } from './media-types.ts';
import { config, type Descriptor } from './schemas.ts';
import { type ImageSelection, selectManifest } from './select.ts';

/** Maximum number of layers of an image (LAYER-027). */
const LAYER_LIMIT = 1024;

/** Selects an image, and which tree to build from it. */
export interface ImageOptions extends ImageSelection, TreeOptions, ReadOptions {
  /** Steps on the way to a tree of role `merged.bootable`. */
  readonly steps?: TreeSteps | undefined;
}

/**
 * The tree of an image in the layout with these files: its directory, or an archive. Each layer is read once, as a stream, and again only as `buildTree`
 * says; the tree is returned only after every size, digest and diff_id was checked.
 *
 * @throws ComposefsError with a code of any stage up to `transform`; an error in a layer names its number and blob.
 */
export async function imageTree(files: LayoutFiles, options: ImageOptions): Promise<Directory> {
  checkRole(options);
  const layout = await openLayout(files, options.sha2 ?? nodeSha2);
  return manifestTree(layout, await selectManifest(layout, options), options);
}

/** Options of {@link manifestTree}. */
export type ManifestOptions = Omit<ImageOptions, keyof ImageSelection> & {
  /** Read only the layer of this number. Default: all layers. */
  readonly layer?: number | undefined;
};

/** The tree of the image whose manifest is `selected`, otherwise as {@link imageTree}. */
export async function manifestTree(
  layout: OciLayout,
  selected: Descriptor,
  options: ManifestOptions,
): Promise<Directory> {
  checkRole(options);
  const all = await imageLayers(layout, selected);
  const layers = options.layer === undefined ? all : all.slice(options.layer, options.layer + 1);
  checkLayerCount(options, layers.length, blobLocation(selected));
  let readings = 0;
  const archives: ReadArchives = read => {
    // LAYER-102: the bytes of a layer count once.
    const counted = readings++ === 0 ? options : { ...options, expansion: undefined, maxSize: undefined };
    return readLayers(layout, layers, counted, read);
  };
  return treeOf(archives, { ...options, sha2: layout.sha2 }, options.steps);
}

/** The fs-verity digest of the composefs image of an image in the layout with these files. */
export async function digestImage(
  files: LayoutFiles,
  options: ImageOptions & { readonly format: ErofsFormat },
): Promise<Uint8Array> {
  const { format, algorithm, sha2 = nodeSha2 } = options;
  return imageDigest(await imageTree(files, options), { format, algorithm, sha2 });
}

/** The layers of the image whose manifest is `selected`, base first. Reads and checks the documents, but no layer. */
export async function imageLayers(layout: OciLayout, selected: Descriptor): Promise<LayerDescriptor[]> {
  const manifest = await readManifest(layout, selected);
  checkConfigType(selected, manifest);
  const { config: configDescriptor, layers } = manifest;
  const manifestLocation = blobLocation(selected);
  if (layers.length > LAYER_LIMIT) {
    const detail = `the image has ${layers.length} layers, more than the limit of ${LAYER_LIMIT}`;
    throw new ComposefsError('IMAGE_LIMIT', detail, manifestLocation);
  }
  const { rootfs } = await readDocument(layout, configDescriptor, config);
  // LAYER-025
  if (rootfs.diff_ids.length !== layers.length) {
    throw new ComposefsError(
      'IMAGE_LAYER_COUNT',
      `the config has ${rootfs.diff_ids.length} diff_ids, but the manifest has ${layers.length} layers`,
      manifestLocation,
    );
  }
  return layers.map((descriptor, number) => ({
    number,
    descriptor,
    diffId: rootfs.diff_ids[number] ?? '',
    compression: layerCompression(descriptor.mediaType, { ...manifestLocation, layer: number }),
  }));
}
