/**
 * Creates layouts with test images, compressed by skopeo like images that are pushed to a registry.
 * @module
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { blobPath, type Descriptor, LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import { requireProgram } from '../../implementations/install/apt.ts';
import type { Archive } from './archives.ts';

/** The compression of the layers of an image. */
export type LayerCompression = 'gzip' | 'zstd';

/** The tag of image `number`, counted from 0. */
export function tagOf(number: number): string {
  return `image-${number}`;
}

/** Creates a layout at `folder` with one image, which has `layers`. Throws `Unavailable`. */
export async function makeLayout(
  folder: string,
  layers: readonly Archive[],
  compression: LayerCompression,
): Promise<void> {
  await requireProgram('skopeo');
  const plain = `${folder}.plain`;
  try {
    await makePlainLayout(plain, [layers]);
    const options = ['--quiet', '--dest-compress-format', compression];
    await promisify(execFile)('skopeo', [
      'copy',
      ...options,
      `oci:${plain}:${tagOf(0)}`,
      `oci:${folder}:${tagOf(0)}`,
    ]);
  } finally {
    await rm(plain, { recursive: true, force: true });
  }
}

/** Creates a layout with images, each of which has these uncompressed layers. */
export async function makePlainLayout(
  folder: string,
  images: readonly (readonly Archive[])[],
): Promise<void> {
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  const builder = new LayoutBuilder();
  const manifests: Descriptor[] = [];
  for (const [number, layers] of images.entries()) {
    const descriptors: Descriptor[] = [];
    for (const layer of layers) descriptors.push(await putLayer(folder, layer));
    const rootfs = { type: 'layers', diff_ids: descriptors.map(({ digest }) => digest) };
    const image = builder.image({ layers: [], config: { rootfs }, manifest: { layers: descriptors } });
    manifests.push({ ...image, ...tag(tagOf(number)) });
  }
  builder.index(...manifests);
  for (const [path, bytes] of Object.entries(builder.files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

async function putLayer(folder: string, layer: Archive): Promise<Descriptor> {
  const unfinished = join(folder, 'layer');
  const hash = createHash('sha256');
  let size = 0;
  const handle = await open(unfinished, 'w');
  try {
    for (const bytes of gathered(layer)) {
      hash.update(bytes);
      size += bytes.length;
      await handle.writeFile(bytes);
    }
  } finally {
    await handle.close();
  }
  const digest = `sha256:${hash.digest('hex')}`;
  await rename(unfinished, join(folder, blobPath(digest)));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size };
}

/** An archive in large chunks. */
function* gathered(archive: Archive): Generator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for (const piece of archive) {
    pieces.push(piece);
    size += piece.length;
    if (size < 1024 * 1024) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  yield Buffer.concat(pieces);
}
