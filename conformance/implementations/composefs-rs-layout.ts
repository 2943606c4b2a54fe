/**
 * Writes an OCI image layout with one image that has given layers, for the platform of this machine.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { decompress } from '../../reference/oci/compression.ts';

/** The blob of a layer, as it is stored. */
export interface LayerBlob {
  readonly content: Uint8Array;
  readonly mediaType: string;
}

const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
};

/** The OCI names of architectures for which Node has a different name. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Writes the layout into the folder `path`, which must not exist yet. Returns the diff_ids of its config. */
export async function writeLayout(path: string, layers: readonly LayerBlob[]): Promise<readonly string[]> {
  const blobs = join(path, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const blob = async (mediaType: string, content: Uint8Array | string) => {
    const hex = sha256(content);
    await writeFile(join(blobs, hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  };
  const diffIds = await Promise.all(
    layers.map(async ({ content, mediaType }) => `sha256:${await diffId(content, mediaType)}`),
  );
  const platform = { architecture: architectures[arch()] ?? arch(), os: 'linux' };
  const config = { ...platform, rootfs: { type: 'layers', diff_ids: diffIds } };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await blob(mediaTypes.config, JSON.stringify(config)),
    layers: await Promise.all(layers.map(({ content, mediaType }) => blob(mediaType, content))),
  };
  const manifests = [{ ...(await blob(mediaTypes.manifest, JSON.stringify(manifest))), platform }];
  await writeFile(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return diffIds;
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A layer longer than this, decompressed, is not decompressed for its digest. */
const MAX = 2 ** 26;

/**
 * The digest of the archive. If the blob is damaged or too large, the digest of the blob is used instead: it identifies
 * the layer too, and cfsctl does not compare diff_ids when it pulls from a layout.
 */
async function diffId(blob: Uint8Array, mediaType: string): Promise<string> {
  const compression = /[+.](gzip|zstd)$/.exec(mediaType)?.[1] as 'gzip' | 'zstd' | undefined;
  if (compression === undefined) return sha256(blob);
  const hash = createHash('sha256');
  let length = 0;
  try {
    for await (const chunk of decompress(whole(blob), compression, {})) {
      length += chunk.length;
      if (length > MAX) return sha256(blob);
      hash.update(chunk);
    }
  } catch {
    return sha256(blob);
  }
  return hash.digest('hex');
}

async function* whole(blob: Uint8Array): AsyncGenerator<Uint8Array> {
  yield blob;
}
