/**
 * The functions that need Node: images in an OCI layout or an archive, decompression, sealing, verification (also of the
 * tables of contents of zstd:chunked layers), disk images in files, SHA-2 of node:crypto, and fs-verity digests of files
 * in threads.
 * @module
 */

export { withDiskFile } from './ddi/node/disk-file.ts';
export { isSignedDdi, rootHashSigner, type SignatureRequest } from './ddi/node/signature.ts';
export { fileDigest } from './fsverity/node/file.ts';
export { nodeSha2 } from './hash/node/sha2.ts';
export { archiveFiles } from './oci/archive.ts';
export { decompress } from './oci/compression.ts';
export { dockerArchiveFiles } from './oci/docker-archive.ts';
export { DEFAULT_EXPANSION, Expansion, type ExpansionLimits } from './oci/expansion.ts';
export { digestImage, type ImageOptions, imageTree } from './oci/image-tree.ts';
export type { LayerProgress } from './oci/layers/read.ts';
export type { ArchiveFiles, ArchivePart, LayoutFiles } from './oci/layout-files.ts';
export { type Compression, layerCompression } from './oci/media-types.ts';
export type { ImageSelection } from './oci/select.ts';
export {
  type ArtifactImage,
  type InlineImage,
  type InlineOptions,
  type SealedArtifact,
  type SealedInline,
  type SealOptions,
  sealArtifact,
  sealInline,
} from './seal/node/seal.ts';
export { type Certificate, readCertificates, readSigner, type Signer } from './seal/node/signing.ts';
export {
  type VerifiedImage,
  type VerifyOptions,
  type VerifyResult,
  verifyImage,
} from './seal/node/verify.ts';
export {
  type ExportedImage,
  type ExportedLayer,
  type ExportOptions,
  exportImage,
  exportLayer,
} from './store/export.ts';
export { type FindOptions, type FoundImage, findImages } from './store/find.ts';
export { type Finding, type FindingCode, findingCodes } from './store/findings.ts';
export {
  type CheckedStore,
  type CheckOptions,
  checkStore,
} from './store/fsck.ts';
export { type CollectedGarbage, collectGarbage, type GarbageOptions } from './store/gc.ts';
export type { ImagePurpose } from './store/image-keys.ts';
export { type ListedImage, type ListedLayer, listImages, type UnreadableImage } from './store/images.ts';
export { type ImportedImage, type ImportOptions, importImage, type StoredImage } from './store/import.ts';
export type { LockOptions } from './store/lock.ts';
export type { StoreAlgorithm } from './store/metadata.ts';
export { type MountOptions, type MountPlan, mountPlan } from './store/mount.ts';
export type { ObjectCounts } from './store/new-objects/new-objects.ts';
export { type InitOptions, initStore, openStore, type Store } from './store/store.ts';
export { removeName } from './store/untag.ts';
