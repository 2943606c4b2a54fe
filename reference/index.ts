/**
 * OCI layers as composefs images, step by step.
 *
 * Everything here takes and gives `Uint8Array`s and iterables of them, and runs in a browser too.
 * What needs Node, such as whole images in a layout directory, is in `composefs-oci/node`.
 * @module
 */

export { buildTree, type Layers } from './build-tree.ts';
export { ascii, type ByteString, byteString, bytesOf, compareBytes, hex, printable } from './bytes.ts';
export { type DiskBytes, readDdi, type VerifiedDdi } from './ddi/read.ts';
export type { DdiSignature } from './ddi/signature-text.ts';
export { type Ddi, type DdiOptions, writeDdi } from './ddi/write.ts';
export { DumpfileParser, parseDumpfile } from './dumpfile/parse.ts';
export { printDumpfile } from './dumpfile/print.ts';
export { type Check, checkErofs, type Divergence } from './erofs/check.ts';
export { type ErofsFormat, erofsFormats } from './erofs/format-rules.ts';
export {
  type InspectedField,
  type InspectedStructure,
  inspectErofs,
  inspectInode,
} from './erofs/inspect.ts';
export { readErofs } from './erofs/read.ts';
export { imageDigest, writeErofs } from './erofs/write.ts';
export { type Code, ComposefsError, codes, type Location, type Stage, stages } from './errors.ts';
export {
  type Algorithm,
  type AlgorithmParameters,
  algorithm,
  algorithmParameters,
  algorithms,
} from './fsverity/algorithm.ts';
export { FsVerity, fsverityDigest } from './fsverity/digest.ts';
export { formattedDigest } from './fsverity/formatted.ts';
export { portableSha2 } from './hash/portable.ts';
export type { Hasher, HashName, Sha2 } from './hash/sha2.ts';
export { type BootDigest, parseCommandLine } from './seal/cmdline.ts';
export { digestKey, type ExtraRole, type PublishedObject, readKey, signatureKey } from './seal/keys.ts';
export type { TarEntry, TarEntryAttributes } from './tar/entry.ts';
export { readTar } from './tar/read.ts';
export {
  type Attributes,
  type Device,
  type Directory,
  type ExternalFile,
  epoch,
  type InlineFile,
  type Inode,
  isWhiteout,
  type Leaf,
  noXattrs,
  type Special,
  type Symlink,
  type Timestamp,
  typeBits,
  type Xattrs,
} from './tree/inode.ts';
export {
  type Role,
  roles,
  type Transform,
  type TreeOptions,
  transforms,
  type XattrPolicy,
  xattrPolicies,
} from './tree/options.ts';
