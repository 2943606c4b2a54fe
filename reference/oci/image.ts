/**
 * From an image in a layout to its tree and its digest (spec/layers.md, "From image to layers").
 * @module
 */

import type { ErofsFormat } from '../erofs/formats.ts';
import { imageDigest } from '../erofs/write.ts';
import { ComposefsError, type Place } from '../errors.ts';
import { nodeSha2 } from '../hash/node.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { buildTree } from '../tree/build.ts';
import type { Directory } from '../tree/inode.ts';
import { checkRole, type TreeOptions } from '../tree/options.ts';
import { decompress } from './compression.ts';
import { parseDigest } from './digest.ts';
import { Expansion, type ExpansionLimits } from './expansion.ts';
import { quoted } from './json.ts';
import { type BlobReader, type Layout, openBlob, openLayout, readDocument } from './layout.ts';
import { type Compression, configTypes, layerCompression } from './media-types.ts';
import { config, type Descriptor, manifest } from './schemas.ts';
import { readTyped, type Selection, selectManifest } from './select.ts';

/** Layers of one image (LAYER-027). */
const LAYER_LIMIT = 1024;

/** How far the layers of an image are read. */
export interface Progress {
  /** Layer that is being read, counted from 0, the base. */
  readonly layer: number;
  readonly layers: number;
  /** Compressed bytes of all layers, read so far and in all. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Which image, and which tree of it. */
export interface ImageOptions extends TreeOptions, Selection, ExpansionLimits {
  /** Called once for each piece that is read. */
  readonly progress?: ((progress: Progress) => void) | undefined;
}

/**
 * The tree of an image in the layout `directory`. Each layer is read once, as a stream; nothing comes back
 * before every size, digest and diff_id is right.
 *
 * @throws ComposefsError with a code of any stage up to `transform`; those of a layer name its number and blob.
 */
export async function imageTree(directory: string, options: ImageOptions): Promise<Directory> {
  checkRole(options);
  const layout = await openLayout(directory, options.sha2 ?? nodeSha2);
  return manifestTree(layout, await selectManifest(layout, options), options);
}

/** What {@link manifestTree} can be asked. */
export type ManifestOptions = Omit<ImageOptions, keyof Selection> & {
  /** Read this layer and no other. Default: all layers. */
  readonly layer?: number | undefined;
};

/** The tree of the image whose manifest `selected` names, as {@link imageTree} reads it. */
export async function manifestTree(
  layout: Layout,
  selected: Descriptor,
  options: ManifestOptions,
): Promise<Directory> {
  checkRole(options);
  const { sha2 } = layout;
  const all = await imageLayers(layout, selected);
  const layers = options.layer === undefined ? all : all.slice(options.layer, options.layer + 1);
  const reading: { layer: LayerStream | undefined } = { layer: undefined };
  const expansion = new Expansion(options);
  async function* streams(): AsyncGenerator<AsyncIterable<Uint8Array>> {
    let before = 0;
    const totalBytes = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    for (const layer of layers) {
      const place = { layer: layer.number };
      const blob = await openBlob(layout, layer.descriptor, place);
      const stream = new LayerStream(blob, layer, sha2, expansion, bytes =>
        options.progress?.({
          layer: layer.number,
          layers: layers.length,
          bytes: before + bytes,
          totalBytes,
        }),
      );
      reading.layer = stream;
      yield stream;
      await stream.finish();
      reading.layer = undefined;
      before += layer.descriptor.size;
    }
  }
  try {
    return await buildTree(streams(), { ...options, sha2 });
  } catch (error) {
    throw reading.layer === undefined ? error : await reading.layer.explain(error);
  } finally {
    await reading.layer?.close();
  }
}

/** The fs-verity digest of the composefs image of an image in the layout `directory`. */
export async function digestImage(
  directory: string,
  options: ImageOptions & { readonly format: ErofsFormat },
): Promise<Uint8Array> {
  const { format, algorithm, sha2 = nodeSha2 } = options;
  return imageDigest(await imageTree(directory, options), { format, algorithm, sha2 });
}

/** One layer, as manifest and config describe it. */
interface LayerDescription {
  readonly number: number;
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly compression: Compression;
}

/** The layers of the image that `selected` names, base first. Reads and verifies the documents, and no layer. */
async function imageLayers(layout: Layout, selected: Descriptor): Promise<LayerDescription[]> {
  const { config: configDescriptor, layers } = await readTyped(layout, selected, manifest);
  const manifestPlace: Place = { file: `blobs/${selected.digest.replace(':', '/')}` };
  // LAYER-021
  if (!configTypes.has(configDescriptor.mediaType)) {
    const detail = `${quoted(configDescriptor.mediaType)} is not a media type of a config`;
    throw new ComposefsError('IMAGE_MEDIA_TYPE', detail, manifestPlace);
  }
  if (layers.length > LAYER_LIMIT) {
    const detail = `the image has ${layers.length} layers, more than ${LAYER_LIMIT}`;
    throw new ComposefsError('IMAGE_LIMIT', detail, manifestPlace);
  }
  const { rootfs } = await readDocument(layout, configDescriptor, config);
  // LAYER-025
  if (rootfs.diff_ids.length !== layers.length) {
    throw new ComposefsError(
      'IMAGE_LAYER_COUNT',
      `the config has ${rootfs.diff_ids.length} diff_ids, the manifest ${layers.length} layers`,
      manifestPlace,
    );
  }
  return layers.map((descriptor, number) => ({
    number,
    descriptor,
    diffId: rootfs.diff_ids[number] ?? '',
    compression: layerCompression(descriptor.mediaType, { ...manifestPlace, layer: number }),
  }));
}

/** The decompressed bytes of one layer; on the way, the blob and the diff_id are hashed. */
class LayerStream implements AsyncIterable<Uint8Array> {
  readonly #blob: BlobReader;
  readonly #bytes: AsyncIterator<Uint8Array>;
  readonly #layer: LayerDescription;
  readonly #sha2: Sha2;

  constructor(
    blob: BlobReader,
    layer: LayerDescription,
    sha2: Sha2,
    expansion: Expansion,
    progress: (bytes: number) => void,
  ) {
    this.#blob = blob;
    this.#layer = layer;
    this.#sha2 = sha2;
    this.#bytes = this.#decompressed(expansion, progress);
  }

  /** Goes on where an earlier iteration stopped: what follows the end of the archive belongs to the diff_id too. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#bytes.next() };
  }

  async *#decompressed(expansion: Expansion, progress: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    const { size, place } = this.#blob;
    const expected = parseDigest(this.#layer.diffId, place);
    const hasher = this.#sha2.create(expected.hash);
    const content = decompress(this.#blob, this.#layer.compression, place);
    for await (const chunk of expansion.limited(content, size, place)) {
      hasher.update(chunk);
      progress(this.#blob.position);
      yield chunk;
    }
    await this.#blob.verify();
    const found = Buffer.from(hasher.digest()).toString('hex');
    // LAYER-026
    if (found !== expected.hex) {
      throw new ComposefsError(
        'IMAGE_DIFF_ID',
        `the decompressed layer has the ${expected.hash} digest ${found}, its diff_id is ${expected.hex}`,
        this.#blob.place,
      );
    }
  }

  /** Reads what the tar reader left, then refuses a layer with a wrong size, digest or diff_id. */
  async finish(): Promise<void> {
    for await (const _ of this);
    await this.close();
  }

  /**
   * The refusal to report when reading this layer ended with `error`: a blob that is not the one the descriptor
   * names is refused as such, whatever else its bytes are taken for (LAYER-013).
   */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof ComposefsError)) return error;
    if (error.stage === 'image' || error.stage === 'request') return error;
    try {
      await this.#blob.verify();
    } catch (wrongBlob) {
      return wrongBlob;
    }
    return error.at(this.#blob.place);
  }

  close(): Promise<void> {
    return this.#blob.close();
  }
}
