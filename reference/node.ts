/**
 * What needs Node: images in an OCI layout directory, decompression, and SHA-2 from node:crypto.
 * @module
 */

export { nodeSha2 } from './hash/node.ts';
export { decompress } from './oci/compression.ts';
export { digestImage, type ImageOptions, imageTree, type Progress } from './oci/image.ts';
export { type Compression, layerCompression } from './oci/media-types.ts';
export type { Selection } from './oci/select.ts';
