/**
 * The media types of an image, OCI's and Docker's (image manifest version 2, schema 2), and what each says.
 * A media type is compared as it stands: no parameters, no other case (LAYER-022).
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { quoted } from './json.ts';

/** How the tar of a layer is packed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Indexes. */
export const indexTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/** Manifests. */
export const manifestTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);

/** Configs. */
export const configTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** Layers. */
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

/** The compression that the media type of a layer says; refused with IMAGE_MEDIA_TYPE where it is no layer's. */
export function layerCompression(mediaType: string, location: Location): Compression {
  const compression = layerTypes.get(mediaType);
  if (compression === undefined) {
    throw new ComposefsError(
      'IMAGE_MEDIA_TYPE',
      `${quoted(mediaType)} is not a media type of a layer`,
      location,
    );
  }
  return compression;
}
