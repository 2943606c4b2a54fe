/**
 * Images to measure with, as layouts, packed by skopeo as those have them who push images.
 * @module
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { blobPath, type Descriptor, LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import { mustRun } from '../../implementations/install/apt.ts';
import type { Archive } from './archives.ts';

/** How the layers of an image are packed. */
export type Packing = 'gzip' | 'zstd';

const TAG = 'bench';

/** Makes a layout at `folder`, whose only image has `layers`. Throws `Unavailable`. */
export async function makeLayout(
  folder: string,
  layers: readonly Archive[],
  packing: Packing,
): Promise<void> {
  await mustRun('skopeo');
  const plain = `${folder}.plain`;
  try {
    await makePlainLayout(plain, layers);
    const how = ['--quiet', '--dest-compress-format', packing];
    await promisify(execFile)('skopeo', ['copy', ...how, `oci:${plain}:${TAG}`, `oci:${folder}:${TAG}`]);
  } finally {
    await rm(plain, { recursive: true, force: true });
  }
}

/** A layout of which no layer is packed. */
async function makePlainLayout(folder: string, layers: readonly Archive[]): Promise<void> {
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  const descriptors: Descriptor[] = [];
  for (const layer of layers) descriptors.push(await putLayer(folder, layer));
  const builder = new LayoutBuilder();
  const rootfs = { type: 'layers', diff_ids: descriptors.map(({ digest }) => digest) };
  const image = builder.image({ layers: [], config: { rootfs }, manifest: { layers: descriptors } });
  builder.index({ ...image, ...tag(TAG) });
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

/** An archive in large pieces. */
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
