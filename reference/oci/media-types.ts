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

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
/** An archive that is not compressed. */
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Media types of manifests (LAYER-018). */
export const manifestTypes: ReadonlySet<string> = new Set([OCI_MANIFEST, DOCKER_MANIFEST]);

/** Media types of configs (LAYER-021). */
export const configTypes: ReadonlySet<string> = new Set([
  OCI_CONFIG,
  'application/vnd.docker.container.image.v1+json',
]);

/** Media types that a config can also have in a Docker manifest; the empty string if it has none (LAYER-112). */
const dockerConfigTypes: ReadonlySet<string> = new Set([
  'application/octet-stream',
  'application/json',
  'text/html',
  '',
]);

/** Whether the config of a manifest of the media type `manifest` can have the media type `config`. */
export function isConfigType(manifest: string, config: string): boolean {
  return configTypes.has(config) || (manifest === DOCKER_MANIFEST && dockerConfigTypes.has(config));
}

/** Media types of layers (LAYER-022). */
const layerTypes: ReadonlyMap<string, Compression> = new Map([
  [OCI_LAYER, 'none'],
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

/** Whether a layer can have this media type (LAYER-022). */
export function isLayerType(mediaType: string): boolean {
  return layerTypes.has(mediaType);
}

/** Whether a layer of this media type is an archive that is not compressed. */
export function isUncompressed(mediaType: string): boolean {
  return layerTypes.get(mediaType) === 'none';
}

/** Media types of layers that are EROFS images themselves, which this version of the standard does not read. */
const erofsLayerTypes: ReadonlySet<string> = new Set([
  'application/vnd.erofs.layer.v1',
  'application/vnd.erofs',
]);

/** The compression of a layer of this media type, or a rejection with IMAGE_MEDIA_TYPE if no layer has the type. */
export function layerCompression(mediaType: string, location: Location): Compression {
  const compression = layerTypes.get(mediaType);
  if (compression === undefined) {
    const detail = erofsLayerTypes.has(mediaType)
      ? `${quoted(mediaType)} is a layer that is an EROFS image; choose the image whose layers are tar archives`
      : `${quoted(mediaType)} is not the media type of a layer`;
    throw new ComposefsError('IMAGE_MEDIA_TYPE', detail, location);
  }
  return compression;
}
