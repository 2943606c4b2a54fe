/**
 * Media types of Docker: each row of the table of conversions, and what is not converted.
 * @module
 */

import { storedGzip, storedZstd } from '../../builder/compression.ts';
import { digestOf } from '../../builder/layout.ts';
import type { Recipe } from '../../recipe.ts';
import { hello } from '../image/parts.ts';
import { annotations, descriptor, type Inline, image, lead, nothing, seals, types } from './parts.ts';
import { forPlatform } from './platform-images.ts';

/**
 * A manifest of a Docker config and these layers, all of the content of `hello`, before and after conversion: the end
 * of the media type of Docker, that of the one of OCI, and the blob.
 */
function layersOf(
  layers: readonly (readonly [docker: string, oci: string, blob: Uint8Array])[],
  mediaType: string = types.dockerManifest,
): Pick<Inline, 'image' | 'manifest' | 'build' | 'mediaTypes'> {
  return {
    image: () => image(layers.map(() => ({ tar: hello }))),
    mediaTypes: [mediaType, types.manifest],
    build: builder => {
      for (const [, , blob] of layers) builder.blob('', blob);
    },
    manifest: ({ config }, add) => {
      const isOci = add !== nothing;
      const descriptors = layers.map(([docker, oci, blob]) => {
        const type = isOci
          ? `application/vnd.oci.image.layer.${oci}`
          : `application/vnd.docker.image.${docker}`;
        return JSON.stringify({ mediaType: type, digest: digestOf(blob), size: blob.length });
      });
      return (
        `{"schemaVersion":2,"mediaType":"${isOci ? types.manifest : mediaType}",` +
        `"config":${descriptor(isOci ? types.config : types.dockerConfig, config)}${annotations(add.config)}},` +
        `"layers":[${descriptors.join(',')}]${annotations(add.manifest)}}`
      );
    },
  };
}

/** A Docker list of one manifest. */
const dockerList = (leading: string) =>
  `{"schemaVersion":2,"mediaType":"${types.dockerList}","manifests":[${leading}}]}`;

/** A Docker image, and a Docker list of an image for a different platform, whose blobs are missing. */
const withOthers = layersOf([['rootfs.diff.tar', 'v1.tar', hello]]);
const others = dockerList(forPlatform(lead(types.dockerManifest, '{}'), 's390x').slice(0, -1));

export const recipes: readonly Recipe[] = [
  seals('docker-layers-converted', {
    title: 'Every media type of a Docker layer is converted',
    requirements: ['SEAL-028'],
    needs: ['compression.gzip'],
    params: { convert: 'true' },
    ...layersOf([
      ['rootfs.diff.tar', 'v1.tar', hello],
      ['rootfs.diff.tar.gzip', 'v1.tar+gzip', storedGzip(hello)],
      ['rootfs.foreign.diff.tar', 'nondistributable.v1.tar', hello],
      ['rootfs.foreign.diff.tar.gzip', 'nondistributable.v1.tar+gzip', storedGzip(hello)],
    ]),
  }),
  seals('docker-zstd-layer-converted', {
    title: 'The media type of a Docker layer in zstd is converted',
    requirements: ['SEAL-028'],
    needs: ['compression.zstd'],
    params: { convert: 'true' },
    ...layersOf([['rootfs.diff.tar.zstd', 'v1.tar+zstd', storedZstd(hello)]]),
  }),
  seals('docker-config-in-oci-converted', {
    title: 'The Docker config of an OCI manifest is converted on request',
    requirements: ['SEAL-028'],
    class: 'EDGE_CASE',
    params: { convert: 'true' },
    ...layersOf([['rootfs.diff.tar', 'v1.tar', hello]], types.manifest),
  }),
  seals('docker-list-of-others-kept', {
    title: 'A Docker list without the sealed image is not converted',
    requirements: ['SEAL-028', 'SEAL-017'],
    class: 'EDGE_CASE',
    params: { convert: 'true', platform: 'linux/amd64' },
    ...withOthers,
    index: leading =>
      `{"schemaVersion":2,"manifests":[${forPlatform(leading, 'amd64')},${lead(types.dockerList, others)}}]}`,
    build: builder => {
      withOthers.build?.(builder, '');
      builder.blob(types.dockerList, others);
    },
  }),
  seals('docker-list-kept', {
    title: 'A Docker list below index.json is kept above an OCI manifest',
    requirements: ['SEAL-012', 'SEAL-017', 'SEAL-028'],
    class: 'EDGE_CASE',
    index: leading => `{"schemaVersion":2,"manifests":[${lead(types.dockerList, dockerList(leading))}}]}`,
    build: (builder, manifest) => builder.blob(types.dockerList, dockerList(lead(types.manifest, manifest))),
  }),
];
