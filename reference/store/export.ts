/**
 * Export of images and layers (spec/storage.md, "Export").
 * @module
 */

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComposefsError } from '../errors.ts';
import { replaceFile } from '../files/replace.ts';
import { blobPath } from '../oci/digest.ts';
import { refName } from '../oci/entries.ts';
import { quoted } from '../oci/json.ts';
import { manifestType } from './documents.ts';
import { publishedStream, readImage } from './images.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import { newDirectory } from './new-directory.ts';
import { resolveImage } from './roots.ts';
import type { Store } from './store.ts';
import { verifiedContent } from './verified-content.ts';

/** Options of {@link exportImage}. */
export interface ExportOptions extends LockOptions {
  /** The tag in the new layout. Default: the name in the store, if the image was named by one. */
  readonly tag?: string | undefined;
}

/** What was exported. */
export interface ExportedImage {
  /** OCI digests. */
  readonly manifest: string;
  readonly config: string;
  readonly blobs: readonly string[];
}

/**
 * Writes an image as it was published to a new OCI image layout at `output`, complete or not at all. `image` is a name,
 * or `@` and the OCI digest of a manifest.
 *
 * @throws ComposefsError STORE_UNKNOWN, STORE_BLOB if the store does not keep a layer as it was published, STORE_DAMAGED,
 * and REQUEST_FILE if `output` exists.
 */
export async function exportImage(
  store: Store,
  image: string,
  output: string,
  options: ExportOptions = {},
): Promise<ExportedImage> {
  return whileLocked(
    store.directory,
    'shared',
    async () => {
      const digest = resolveImage(store, image);
      const { manifest, config } = await readImage(store, digest);
      const { layers, config: descriptor } = manifest.document;
      const diffIds = config.document.rootfs.diff_ids;
      const blobs = new Map(
        layers.map((layer, number) => {
          const kind = publishedStream(store, layer);
          if (kind === undefined) throw notKept(image, layer.digest);
          return [layer.digest, { kind, name: kind === 'layer' ? (diffIds[number] ?? '') : layer.digest }];
        }),
      );
      const tag = options.tag ?? (image.startsWith('@') ? undefined : image);
      const entry = {
        mediaType: manifestType(manifest.document),
        digest,
        size: manifest.bytes.length,
        ...(tag === undefined ? {} : { annotations: { [refName]: tag } }),
      };
      await newDirectory(output, async directory => {
        const put = (name: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
          const path = join(directory, name);
          mkdirSync(dirname(path), { recursive: true });
          return replaceFile(path, chunks);
        };
        for (const [blob, { kind, name }] of blobs) {
          await put(blobPath(blob), verifiedContent(store, kind, name, blob));
        }
        await put(blobPath(descriptor.digest), [config.bytes]);
        await put(blobPath(digest), [manifest.bytes]);
        await put('index.json', [json({ schemaVersion: 2, manifests: [entry] })]);
        await put('oci-layout', [json({ imageLayoutVersion: '1.0.0' })]);
      });
      return { manifest: digest, config: descriptor.digest, blobs: [...blobs.keys()] };
    },
    options,
  );
}

/** A layer to export. */
export interface ExportedLayer {
  readonly diffId: string;
  /** The archive: see {@link verifiedContent}. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The archive of one layer of an image, counted from 0, the base layer. */
export async function exportLayer(store: Store, image: string, number: number): Promise<ExportedLayer> {
  const { config } = await readImage(store, resolveImage(store, image));
  const diffId = config.document.rootfs.diff_ids[number];
  if (diffId === undefined) {
    const detail = `the image has ${config.document.rootfs.diff_ids.length} layers, and none with number ${number}`;
    throw new ComposefsError('STORE_UNKNOWN', detail);
  }
  return { diffId, content: verifiedContent(store, 'layer', diffId) };
}

function notKept(image: string, blob: string): ComposefsError {
  const detail = `the store does not keep the blob ${blob} of ${quoted(image)}, without which the image cannot have its manifest digest: import it again with --keep-blobs, or export the archives of single layers with --layer`;
  return new ComposefsError('STORE_BLOB', detail);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
