/**
 * The one error of the product, and the closed table of its codes.
 *
 * A code begins with its stage. The same codes are the `reason` of a rejection in the adapter protocol, and
 * `spec/introduction.md` lists them for implementers.
 * @module
 */

import { type ByteString, printable } from './bytes.ts';

/** Every refusal: its code, and what the code says. One block a stage. */
export const codes = {
  // The request itself.
  REQUEST_ALGORITHM: 'the digest algorithm is not one of the standard',
  REQUEST_SALT: 'the salt is not 0 to 32 bytes in lower-case hexadecimal',
  REQUEST_ROLE: 'the role does not go with the layers or the transform that were asked',
  REQUEST_FILE: 'a file that the request names can not be read or written',
  REQUEST_PLATFORM: 'the platform is not written as os/architecture or os/architecture/variant',
  REQUEST_KEY: 'a key or certificate is malformed, of a kind that is not signed with, or not of its pair',

  // OCI layout, index, manifest, config, blobs.
  IMAGE_LAYOUT: 'the directory is not an OCI image layout of version 1.0.0',
  IMAGE_JSON: 'a document is not JSON text, or names a member twice',
  IMAGE_SCHEMA: 'a document lacks a member that it needs, or a member has a wrong value',
  IMAGE_LIMIT: 'a document is too long, indexes are nested too deep, or there are too many layers',
  IMAGE_DIGEST_FORM: 'a digest is not sha256 or sha512 with lower-case hex digits',
  IMAGE_BLOB: 'a blob is not in the layout',
  IMAGE_SIZE: 'a blob has not the size that its descriptor says',
  IMAGE_DIGEST: 'a blob has not the digest that its descriptor says',
  IMAGE_REFERENCE: 'the layout has no image of that reference',
  IMAGE_PLATFORM: 'no image of the layout is for the platform that was asked',
  IMAGE_AMBIGUOUS: 'the layout has several images to choose from',
  IMAGE_MEDIA_TYPE: 'a config or layer has a media type that is not one of an image',
  IMAGE_LAYER_COUNT: 'the config has not as many diff_ids as the manifest has layers',
  IMAGE_DIFF_ID: 'a decompressed layer has not the digest that the config says',

  // gzip, zstd.
  COMPRESSION_FORMAT: 'the blob does not begin as its compression does',
  COMPRESSION_TRUNCATED: 'the blob ends within a gzip member or a zstd frame',
  COMPRESSION_CORRUPT: 'a gzip member or a zstd frame is damaged',
  COMPRESSION_TRAILING: 'bytes that are no gzip member or zstd frame follow the last one',
  COMPRESSION_WINDOW: 'a zstd frame needs a window above 128 MiB',
  COMPRESSION_DICTIONARY: 'a zstd frame needs a dictionary',
  COMPRESSION_LIMIT: 'what is in the blobs is longer than the limit',

  // Headers, PAX records, entries of one archive.
  TAR_TRUNCATED: 'the archive ends within a header, a content or its padding',
  TAR_ZERO_BLOCK: 'a single block of zeros is followed by other bytes',
  TAR_CHECKSUM: 'a header has not the checksum that it says',
  TAR_HEADER: 'readers take the prefix of a header differently',
  TAR_NUMBER: 'a number is malformed',
  TAR_RANGE: 'a number is negative or too large',
  TAR_TYPE: 'the type of an entry is not one of the standard',
  TAR_SPARSE: 'an entry is sparse',
  TAR_SIZE: 'an entry that has no content has a size',
  TAR_DEVICE: 'the device numbers of an entry are missing, ambiguous or too large',
  TAR_EXTENSION: 'an extended header is doubled, orphaned, misplaced or contradicted',
  TAR_PAX: 'a PAX record is malformed, or readers take it differently',
  TAR_NAME: 'a name is empty, has a NUL or "..", or does not go with the type',
  TAR_LINK: 'a link target is empty, or malformed as a path',
  TAR_XATTR: 'the name of an extended attribute is empty, doubled or ambiguous',
  TAR_LIMIT:
    'an extended header, a path, a target or an extended attribute is too long, or entries are too many',

  // Entries into the tree.
  MERGE_PARENT: 'a parent in the path is not a directory',
  MERGE_LINK_TARGET: 'a hard link names nothing that is in the tree',
  MERGE_LINK_DIRECTORY: 'a hard link names a directory',
  MERGE_LINK_SELF: 'a hard link names itself, or something below itself',
  MERGE_LINK_LOWER: 'a hard link names nothing that the layer alone holds',
  MERGE_WHITEOUT_NAME: 'a whiteout names nothing',
  MERGE_WHITEOUT_PATH: 'a path leads through the name of a whiteout',
  MERGE_DEVICE: 'a character device 0:0 would be a whiteout in the image of its layer',

  // Transforms.
  TRANSFORM_SELINUX: 'the image carries an SELinux policy, and would have to be labelled to be booted',

  // Dumpfile.
  DUMPFILE_LINE: 'a line is empty or too long',
  DUMPFILE_FIELD: 'a line has too few fields, or one of its fields is empty',
  DUMPFILE_BYTE: 'a byte that must be escaped is not',
  DUMPFILE_ESCAPE: 'a backslash does not begin an escape of the format',
  DUMPFILE_NUMBER: 'a number is malformed or out of range',
  DUMPFILE_MODE: 'a mode is malformed or names no file type',
  DUMPFILE_ROOT: 'the first line is not the root directory, or a later one is',
  DUMPFILE_PATH: 'a path is not absolute and normal, or is too long',
  DUMPFILE_PARENT: 'the parent of a path is not a directory of an earlier line',
  DUMPFILE_DUPLICATE: 'a path is there twice',
  DUMPFILE_HARDLINK: 'a hard link names no file of an earlier line',
  DUMPFILE_PAYLOAD: 'an object path or symlink target is missing, malformed or too long',
  DUMPFILE_CONTENT: 'payload, content and digest do not go together, or not with the file type or size',
  DUMPFILE_DIGEST: 'a digest is not 64 or 128 hex digits',
  DUMPFILE_XATTR: 'an extended attribute is malformed, there twice, or too long',

  // EROFS images.
  EROFS_WHITEOUT_LINKED: 'a whiteout has more than one name',
  EROFS_DIGEST_SIZE: 'the digest of an object has not the length of the digest algorithm',
  EROFS_LIMIT: 'a name, value, size or time is outside the limits of the tree',
  EROFS_SIZE: 'the image is not as long as its superblock says',
  EROFS_MAGIC: 'the header or the superblock does not begin with its magic number',
  EROFS_FORMAT: 'the version, the flags or the features are not those of a known format',
  EROFS_RANGE: 'an address points outside the image',
  EROFS_OVERLAP: 'two structures of the image claim the same bytes',
  EROFS_INODE: 'the type, layout or size of an inode makes no sense',
  EROFS_DIRECTORY: 'the entries of a directory are malformed, unsorted or contradict their inodes',
  EROFS_LINKS: 'a directory has two names, or an inode another number of names than it says',
  EROFS_XATTR: 'the extended attributes of an inode are malformed',
  EROFS_OVERLAY: 'what tells overlayfs about objects, stubs and whiteouts is not as the format has it',

  // Sealing.
  SEAL_ROLE: 'a role can not be published in an artifact',
  SEAL_DOCKER: 'the manifest is one of Docker, which has no annotations',
  SEAL_SIGNED: 'another signature stands in the place of the one to be made',
  SEAL_TAG: 'a tag has a character that tags do not have',

  // Verification.
  VERIFY_MANIFEST: 'the manifest has not the digest that was asked for',
  VERIFY_UNPUBLISHED: 'no digest is published for what is asked',
  VERIFY_KEY: 'a key has another case than it must have, or a signature has no digest beside it',
  VERIFY_PLACE: 'a key stands where it says nothing',
  VERIFY_VALUE: 'a published digest or signature is not written as one',
  VERIFY_ARTIFACT: 'an artifact has not the form of one',
  VERIFY_SIGNATURE_FORM: 'a signature is not of the one form that there is, or is too long',
  VERIFY_SIGNATURE: 'a signature is not one of the published digest by the certificate that it names',
  VERIFY_SIGNER: 'there are signatures, and none by a trusted certificate',
  VERIFY_UNSIGNED: 'there is no signature where one is required',
  VERIFY_DIGEST: 'a published digest is not that of the image',
  VERIFY_CMDLINE_FORM: 'a digest on the kernel command line is malformed, doubled, or read differently',
  VERIFY_CMDLINE_DIGEST: 'a digest on the kernel command line is not that of the image',
} as const;

/** Why something was refused. */
export type Code = keyof typeof codes;

/** The step of the pipeline that refused. */
export const stages = [
  'request',
  'image',
  'compression',
  'tar',
  'merge',
  'transform',
  'dumpfile',
  'erofs',
  'seal',
  'verify',
] as const;

/** The step of the pipeline that refused. */
export type Stage = (typeof stages)[number];

/** Where in the input it was. What does not apply is absent. */
export interface Location {
  /** File or blob, as the user named it. */
  readonly file?: string;
  /** Layer, counted from 0, the base. */
  readonly layer?: number;
  /** Path of the tar entry or tree node, as it stands in the input. */
  readonly entry?: ByteString;
  /** Byte offset in the input: of stage compression in the blob as it is stored, else decompressed. */
  readonly offset?: number | bigint;
  /** Line of a dumpfile, counted from 1. */
  readonly line?: number;
}

/** Bad input, refused. `message` is one line that names stage, code and place. */
export class ComposefsError extends Error {
  readonly code: Code;
  readonly stage: Stage;
  readonly location: Location;
  /** What exactly was wrong, without place and code. */
  readonly detail: string;

  constructor(code: Code, detail: string, location: Location = {}) {
    const stage = stageOf(code);
    super(`${stage}: ${locationText(location)}${detail} (${code})`);
    this.name = 'ComposefsError';
    this.code = code;
    this.stage = stage;
    this.location = location;
    this.detail = detail;
  }

  /** The same refusal with more of the place known: an outer step knows the layer or file. */
  at(outer: Location): ComposefsError {
    return new ComposefsError(this.code, this.detail, { ...outer, ...this.location });
  }
}

/** The stage that a code belongs to. */
export function stageOf(code: Code): Stage {
  return code.slice(0, code.indexOf('_')).toLowerCase() as Stage;
}

function locationText({ file, layer, entry, offset, line }: Location): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(file);
  if (layer !== undefined) parts.push(`layer ${layer}`);
  if (entry !== undefined) parts.push(`entry "${printable(entry)}"`);
  if (line !== undefined) parts.push(`line ${line}`);
  if (offset !== undefined) parts.push(`offset ${offset}`);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}
