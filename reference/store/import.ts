/**
 * Import of an image (spec/storage.md, "Import").
 * @module
 */

import { join } from 'node:path';
import { treeOf } from '../build-tree.ts';
import { writeErofs } from '../erofs/write.ts';
import { ComposefsError } from '../errors.ts';
import { undoUnlessDone } from '../files/interrupt.ts';
import { syncDirectory } from '../files/replace.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { openBlob } from '../oci/blob.ts';
import { imageLayers } from '../oci/image-tree.ts';
import type { LayerDescriptor } from '../oci/layers/layer-descriptor.ts';
import { type ReadOptions, readLayers } from '../oci/layers/read.ts';
import { type OciLayout, openLayout, readBlob } from '../oci/layout.ts';
import type { LayoutFiles } from '../oci/layout-files.ts';
import { parseManifest } from '../oci/manifest.ts';
import { type Descriptor, manifest } from '../oci/schemas.ts';
import { type ImageSelection, onlyManifest, selectImages } from '../oci/select.ts';
import type { Directory } from '../tree/inode.ts';
import type { XattrPolicy } from '../tree/options.ts';
import { CutArchive } from './cut-archive.ts';
import { readStoredConfig, readStoredManifest, type StoredDocument } from './documents.ts';
import { type ImagePurpose, imageKey, purposeOf } from './image-keys.ts';
import { keptBlob, keptLayer, unlessDamaged } from './kept-streams.ts';
import { replaceLink } from './links.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import { NewObjects, type ObjectCounts } from './new-objects/new-objects.ts';
import { objectTarget, parseStreamName, rootTarget, streamName, TAGS } from './paths.ts';
import { contentTypes } from './splitstream-layout.ts';
import { StreamWriter } from './splitstream-write.ts';
import { linkedObject, linkTarget, requiresVerity, type Store } from './store.ts';
import { escapeTag } from './tags.ts';
import { entriesOf } from './walk.ts';
import { checkWritable } from './writable.ts';

/** Options of {@link importImage}. */
export interface ImportOptions extends ImageSelection, ReadOptions, LockOptions {
  /** The name in the store. Default: the tag by which the image was selected. */
  readonly name?: string | undefined;
  /** Also make the image of role `merged.bootable`. */
  readonly bootable?: boolean | undefined;
  /** Default: `allowlist-only`. */
  readonly xattrs?: XattrPolicy | undefined;
  /** Keep the layers as they were published, so that the image can be pushed again. */
  readonly keepBlobs?: boolean | undefined;
}

/** A composefs image in a store. */
export interface StoredImage extends ImagePurpose {
  /** The fs-verity digest in hexadecimal. */
  readonly digest: string;
}

/** What was imported. */
export interface ImportedImage extends ObjectCounts {
  readonly name: string;
  /** OCI digests. */
  readonly manifest: string;
  readonly config: string;
  readonly images: readonly StoredImage[];
}

/**
 * Imports an image of the layout with these files, complete or not at all.
 *
 * @throws ComposefsError with a code of any stage up to `erofs` if the image is rejected, and STORE_NAME, STORE_LOCK,
 * STORE_FEATURE or STORE_VERITY.
 */
export async function importImage(
  store: Store,
  files: LayoutFiles,
  options: ImportOptions = {},
): Promise<ImportedImage> {
  checkWritable(store);
  const layout = await openLayout(files, nodeSha2);
  const selected = await selectImages(layout, options);
  const descriptor = onlyManifest(selected, options);
  const name = options.name ?? selected.images[0]?.tag;
  if (name === undefined) {
    const detail = 'the image has no tag in the layout: give the name that it gets in the store';
    throw new ComposefsError('STORE_NAME', detail);
  }
  const tag = escapeTag(name);
  return whileLocked(
    store.directory,
    'shared',
    async () => {
      const objects = new NewObjects(store);
      return undoUnlessDone(
        () => objects.discard(),
        async () => {
          try {
            const parts = await addParts(store, objects, layout, descriptor, options);
            await objects.commit(await requiresVerity(store));
            await nameParts(store, parts, tag);
            const { manifest, config, images } = parts;
            return { name, manifest: manifest.digest, config: config.digest, images, ...objects.counts };
          } finally {
            await objects.close();
          }
        },
      );
    },
    options,
  );
}

/** A stream, or an image, and the name that it gets. */
interface Named {
  readonly path: string;
  readonly object: string;
}

/** Everything that gets a name, in the order in which it gets it: what a name needs comes before it. */
interface ImageParts {
  readonly links: readonly Named[];
  readonly manifest: { readonly digest: string };
  readonly config: { readonly digest: string };
  readonly images: readonly StoredImage[];
}

async function addParts(
  store: Store,
  objects: NewObjects,
  layout: OciLayout,
  descriptor: Descriptor,
  options: ImportOptions,
): Promise<ImageParts> {
  const bytes = await readBlob(layout, descriptor);
  const { config } = parseManifest(bytes, descriptor, manifest);
  const configBytes = await readBlob(layout, config);
  const layers = await imageLayers(layout, descriptor);
  const { streams, images } = await addLayers(store, objects, layout, layers, options);
  const earlier = await unlessDamaged(() => readStoredConfig(store, config.digest));
  const earlierManifest = await unlessDamaged(() => readStoredManifest(store, descriptor.digest));
  const blobs = new Map([
    ...(earlierManifest === undefined ? [] : keptBlobs(store, earlierManifest.names, layers)),
    ...(options.keepBlobs ? await addBlobs(store, objects, layout, layers) : []),
  ]);
  const configNames = new Map([
    // STORE-106: images that were made earlier stay.
    ...[...(earlier?.names ?? [])].filter(([name]) => purposeOf(name) !== undefined),
    ...streams,
    ...images.map(image => [imageKey(image), image.digest] as const),
  ]);
  const configStream = await addDocument(store, objects, {
    kind: 'config',
    bytes: configBytes,
    names: configNames,
    earlier,
  });
  const manifestStream = await addDocument(store, objects, {
    kind: 'manifest',
    bytes,
    names: new Map([[`config:${config.digest}`, configStream], ...streams, ...blobs]),
    earlier: earlierManifest,
  });
  const others = await rewrittenManifests(store, objects, {
    config: config.digest,
    stream: configStream,
    except: descriptor.digest,
  });
  const linkOf = (kind: 'manifest' | 'config' | 'layer' | 'blob', digest: string, object: string) => ({
    path: `streams/${streamName(kind, digest)}`,
    object,
  });
  return {
    links: [
      ...[...streams].map(([digest, object]) => linkOf('layer', digest, object)),
      ...[...blobs].map(([digest, object]) => linkOf('blob', digest, object)),
      ...images.map(({ digest }) => ({ path: `images/${digest}`, object: digest })),
      linkOf('config', config.digest, configStream),
      ...others,
      linkOf('manifest', descriptor.digest, manifestStream),
    ],
    manifest: descriptor,
    config,
    images,
  };
}

/** Reads all layers once: cuts them, builds the trees, and writes the images. */
async function addLayers(
  store: Store,
  objects: NewObjects,
  layout: OciLayout,
  layers: readonly LayerDescriptor[],
  options: ImportOptions,
): Promise<{ streams: Map<string, string>; images: StoredImage[] }> {
  const { algorithm, format } = store;
  const { xattrs = 'allowlist-only', bootable = false } = options;
  const writers: StreamWriter[] = [];
  const images: StoredImage[] = [];
  const addImage = async (role: ImagePurpose['role'], tree: Directory): Promise<void> => {
    const digest = await objects.add(writeErofs(tree, { format, algorithm }));
    images.push({ digest, role, format, xattrs });
  };
  try {
    let first = true;
    const tree = await treeOf(
      read => {
        if (!first) return readLayers(layout, layers, { ...options, maxSize: undefined }, read);
        first = false;
        return readLayers(layout, layers, options, (archive, number) => {
          const writer = new StreamWriter(store, objects);
          writers[number] = writer;
          return read(new CutArchive(archive, objects, writer));
        });
      },
      { role: bootable ? 'merged.bootable' : 'merged', transform: 'oci', xattrs, algorithm, sha2: nodeSha2 },
      {
        entries: (archive, entries) => (archive instanceof CutArchive ? archive.entries(entries) : entries),
        transformed: merged => addImage('merged', merged),
      },
    );
    await addImage(bootable ? 'merged.bootable' : 'merged', tree);
    const streams = new Map<string, string>();
    for (const { number, diffId } of layers) {
      const writer = writers[number] as StreamWriter;
      const known = streams.get(diffId) ?? (await keptLayer(store, diffId, writer));
      streams.set(diffId, known ?? (await writer.finish(contentTypes.layer, new Map())));
    }
    return { streams, images };
  } finally {
    for (const writer of writers) writer?.close();
  }
}

/** Adds the blobs of the compressed layers (STORE-011). */
async function addBlobs(
  store: Store,
  objects: NewObjects,
  layout: OciLayout,
  layers: readonly LayerDescriptor[],
): Promise<Map<string, string>> {
  const blobs = new Map<string, string>();
  for (const { descriptor, compression, number } of layers) {
    if (compression === 'none' || blobs.has(descriptor.digest)) continue;
    const blob = openBlob(layout, descriptor, { layer: number });
    try {
      const object = await objects.add(blob);
      await blob.verify();
      const content = { object, size: descriptor.size, contentType: contentTypes.blob };
      const kept = await keptBlob(store, descriptor.digest, content);
      blobs.set(descriptor.digest, kept ?? (await addContent(store, objects, content)));
    } finally {
      blob.close();
    }
  }
  return blobs;
}

/** A content that is one object (STORE-105). */
interface Content {
  readonly object: string;
  readonly size: number;
  readonly contentType: string;
  /** Default: none. */
  readonly names?: ReadonlyMap<string, string>;
}

/** Adds the stream of a content. */
async function addContent(
  store: Store,
  objects: NewObjects,
  { object, size, contentType, names = new Map() }: Content,
): Promise<string> {
  const writer = new StreamWriter(store, objects);
  try {
    writer.object(object, size);
    return await writer.finish(contentType, names);
  } finally {
    writer.close();
  }
}

/** The references to kept blobs of compressed `layers` among those of a manifest (STORE-011). */
function keptBlobs(
  store: Store,
  names: ReadonlyMap<string, string>,
  layers: readonly LayerDescriptor[],
): [string, string][] {
  const compressed = layers.filter(({ compression }) => compression !== 'none');
  const blobs = new Set(compressed.map(({ descriptor }) => descriptor.digest));
  return [...names].filter(
    ([name, object]) =>
      blobs.has(name) && linkedObject(store, `streams/${streamName('blob', name)}`) === object,
  );
}

interface NewDocument {
  readonly kind: 'manifest' | 'config';
  readonly bytes: Uint8Array;
  readonly names: ReadonlyMap<string, string>;
  /** The same document in the store, if it is there and sound. */
  readonly earlier: StoredDocument<unknown> | undefined;
}

/** Adds the stream of a document, unless the store has one with the same references (STORE-108). */
async function addDocument(
  store: Store,
  objects: NewObjects,
  { kind, bytes, names, earlier }: NewDocument,
): Promise<string> {
  const object = await objects.add([bytes]);
  if (earlier !== undefined && sameNames(earlier.names, names)) {
    return earlier.stream;
  }
  return addContent(store, objects, { object, size: bytes.length, contentType: contentTypes[kind], names });
}

function sameNames(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, digest]) => b.get(name) === digest);
}

/** The other manifests with the same config, with references to its new stream (STORE-107). */
async function rewrittenManifests(
  store: Store,
  objects: NewObjects,
  { config, stream, except }: { config: string; stream: string; except: string },
): Promise<Named[]> {
  const rewritten: Named[] = [];
  for (const { name } of entriesOf(store, 'streams')) {
    const named = parseStreamName(name);
    if (named.kind !== 'manifest' || named.digest === except) continue;
    const found = await unlessDamaged(() => readStoredManifest(store, named.digest));
    const key = `config:${config}`;
    if (found === undefined || !found.names.has(key) || found.names.get(key) === stream) continue;
    const object = await addDocument(store, objects, {
      kind: 'manifest',
      bytes: found.bytes,
      names: new Map([...found.names, [key, stream]]),
      earlier: found,
    });
    rewritten.push({ path: `streams/${name}`, object });
  }
  return rewritten;
}

/** Creates the links, and last the name (STORE-004). */
async function nameParts(store: Store, { links, manifest }: ImageParts, tag: string): Promise<void> {
  for (const { path, object } of links) {
    if (linkedObject(store, path) !== object) replaceLink(store, path, objectTarget(object));
  }
  for (const name of ['images', 'streams']) await syncDirectory(join(store.directory, name));
  const target = rootTarget(2, streamName('manifest', manifest.digest));
  const path = `${TAGS}/${tag}`;
  if (linkTarget(store, path) !== target) replaceLink(store, path, target);
  await syncDirectory(join(store.directory, TAGS));
}
