/**
 * Turns an image with Docker media types into an OCI layout. skopeo's transport `oci:` converts every image to OCI
 * media types, but `dir:` keeps the manifest as it is, beside blobs that are named by their digests.
 * @module
 */

import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Creates the layout `layout`, tag `latest`, from what `skopeo copy … dir:FOLDER` wrote. The blobs are hard links. */
export function layoutFromDir(folder: string, layout: string): void {
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (/^[0-9a-f]{64}$/.test(name)) linkSync(join(folder, name), join(blobs, name));
  }
  const manifest = readFileSync(join(folder, 'manifest.json'));
  const { mediaType } = JSON.parse(manifest.toString()) as { readonly mediaType: string };
  const digest = createHash('sha256').update(manifest).digest('hex');
  writeFileSync(join(blobs, digest), manifest);
  const descriptor = {
    mediaType,
    digest: `sha256:${digest}`,
    size: manifest.length,
    annotations: { 'org.opencontainers.image.ref.name': 'latest' },
  };
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
