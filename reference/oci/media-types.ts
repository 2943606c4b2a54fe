/**
 * The media types of an image, of OCI and of Docker (image manifest version 2, schema 2).
 * Media types are compared byte for byte: a parameter or a different case makes a different type (LAYER-022).
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { quoted } from './json.ts';

/** How the tar archive of a layer is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Media types of indexes (LAYER-016). */
export const indexTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/** Media types of manifests (LAYER-018). */
export const manifestTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);

/** Media types of configs (LAYER-021). */
export const configTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** Media types of layers (LAYER-022). */
const layerTypes: ReadonlyMap<string, Compression> = new Map([
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
]);

/** The compression of a layer of this media type, or a rejection with IMAGE_MEDIA_TYPE if no layer has the type. */
export function layerCompression(mediaType: string, location: Location): Compression {
  const compression = layerTypes.get(mediaType);
  if (compression === undefined) {
    throw new ComposefsError(
      'IMAGE_MEDIA_TYPE',
      `${quoted(mediaType)} is not the media type of a layer`,
      location,
    );
  }
  return compression;
}
