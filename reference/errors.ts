/**
 * The error that rejects input, and the closed list of error codes.
 *
 * An error code begins with the name of its stage. The adapter protocol sends the same codes as the `reason` of a
 * rejection.
 * @module
 */

import { type ByteString, excerpt, shortened } from './bytes.ts';

/**
 * Every error code with its meaning, grouped by stage. The table "Error codes" in spec/introduction.md defines them; a
 * test compares the two.
 */
export const codes = {
  REQUEST_ALGORITHM: 'the name of the digest algorithm is unknown',
  REQUEST_SALT: 'the salt has more than 32 bytes or is not written in lower-case hexadecimal',
  REQUEST_ROLE: 'the role does not allow the number of layers or the transform of the request',
  REQUEST_FILE: 'a file that the request names cannot be read or written',
  REQUEST_PLATFORM: 'the platform is not written as os/architecture or os/architecture/variant',
  REQUEST_KEY:
    'a key or certificate is malformed or unsupported, the two do not belong together, or a required certificate is missing',

  IMAGE_LAYOUT: 'the directory is not an OCI image layout of version 1.0.0',
  IMAGE_JSON: 'a document is not JSON text in UTF-8, or an object in it has two members of the same name',
  IMAGE_SCHEMA: 'a member of a document is missing, has a wrong type or value, or is not allowed there',
  IMAGE_LIMIT:
    'a document is too long or nested too deeply, indexes are nested too deeply, or an image has too many layers',
  IMAGE_DIGEST_FORM:
    'an OCI digest is not sha256 or sha512 with the right number of lower-case hexadecimal digits',
  IMAGE_BLOB: 'a blob is missing from the layout or is not a regular file',
  IMAGE_SIZE: 'the size of a blob does not match its descriptor',
  IMAGE_DIGEST: 'the hash of a blob does not match its descriptor',
  IMAGE_REFERENCE: 'the layout has no image, or none with the requested reference or digest',
  IMAGE_PLATFORM:
    'none of the images with the requested reference and digest is for the requested platform or needs no features',
  IMAGE_AMBIGUOUS: 'the request matches more than one image or more than one entry of index.json',
  IMAGE_MEDIA_TYPE: 'the media type of a config or layer is not supported',
  IMAGE_LAYER_COUNT: 'the number of diff_ids in the config differs from the number of layers in the manifest',
  IMAGE_DIFF_ID: 'the hash of a decompressed layer does not match its diff_id',

  COMPRESSION_FORMAT: 'a gzip blob does not start with a gzip member, or a zstd blob with a zstd frame',
  COMPRESSION_TRUNCATED: 'the blob ends within a gzip member or zstd frame',
  COMPRESSION_CORRUPT: 'a gzip member or zstd frame violates its format',
  COMPRESSION_TRAILING: 'the last gzip member or zstd frame is followed by other bytes',
  COMPRESSION_WINDOW: 'the window that a zstd frame needs is too large',
  COMPRESSION_DICTIONARY: 'a zstd frame needs a dictionary',
  COMPRESSION_LIMIT: 'one layer or all layers together are too long when decompressed',

  TAR_TRUNCATED: 'the archive ends within a header, a block of zeros, a content or its padding',
  TAR_ZERO_BLOCK: 'a block of zeros instead of a header is followed by a block that is not zeros',
  TAR_CHECKSUM: 'the checksum of a header is malformed or does not match the header',
  TAR_HEADER: 'the prefix field of a header is ambiguous',
  TAR_NUMBER: 'a number in a field or a record is malformed',
  TAR_RANGE: 'a number in a field or a record is negative or too large',
  TAR_TYPE: 'the type of an entry is not supported',
  TAR_SPARSE: 'an entry is a sparse file',
  TAR_SIZE: 'an entry that is not a regular file has a size other than 0',
  TAR_DEVICE: 'the device number of an entry is missing, ambiguous or too large',
  TAR_EXTENSION:
    'an extended header is malformed, repeated, misplaced, without an entry, or contradicts another one',
  TAR_PAX: 'a PAX record is malformed or ambiguous',
  TAR_NAME:
    'the name of an entry is empty, has a NUL or a component "..", or is that of a directory on an entry of another type',
  TAR_LINK:
    'the target of a link is empty or has a NUL, or the target of a hard link is not a valid file path',
  TAR_XATTR: 'the name of an extended attribute is empty, repeated or ambiguous',
  TAR_LIMIT:
    'an extended header, a path, a link target or an extended attribute is too long, or the layers have too many entries, implied directories or bytes of metadata',

  TOC_ANNOTATION:
    'the annotations of a table of contents are incomplete or malformed, are of two formats, or are on a layer of another compression',
  TOC_POSITION:
    'the position of a table of contents or of its tar-split data is not that of a frame, is out of order, or differs from the footer',
  TOC_LIMIT: 'a table of contents or its tar-split data is too long',
  TOC_CHECKSUM: 'the digest of a table of contents or of its tar-split data is wrong',
  TOC_FORMAT:
    'a table of contents is not compressed JSON text of the length that its position gives, or a member is missing, malformed or ambiguous',
  TOC_VERSION: 'the version of a table of contents is not 1',
  TOC_DUPLICATE: 'two entries of a table of contents have the same path',
  TOC_ENTRY: 'the entries of a table of contents differ from those of the layer',
  TOC_CHUNK: 'the chunks of a file are not those of its content, or are not at their positions in the blob',
  TOC_DIGEST: 'the digest of a file or of a chunk is missing or does not match its content',
  TOC_TARSPLIT: 'tar-split data is malformed or does not rebuild the layer',

  MERGE_PARENT: 'the parent path of an entry leads to or through something that is not a directory',
  MERGE_LINK_TARGET: 'nothing exists at the target of a hard link',
  MERGE_LINK_DIRECTORY: 'the target of a hard link is a directory',
  MERGE_LINK_SELF: 'the target of a hard link is its own path or lies below it',
  MERGE_LINK_LOWER: 'nothing exists at the target of a hard link in the standalone layer tree',
  MERGE_WHITEOUT_NAME: 'the name that a whiteout marker would delete is empty, "." or ".."',
  MERGE_WHITEOUT_PATH: 'a path leads through the name of a marker',
  MERGE_DEVICE: 'in role layer, an ordinary entry is a character device with device number 0',

  TRANSFORM_SELINUX: 'the SELinux policy of a bootable image cannot be found, or is malformed or ambiguous',
  TRANSFORM_LABEL: 'programs that read the SELinux policy give different labels to a path',
  TRANSFORM_LIMIT: 'a file of the SELinux policy is too long, or the labels need too much work',

  DUMPFILE_LINE: 'a line is empty or too long',
  DUMPFILE_FIELD: 'a line has too few fields, or an empty field or extended attribute',
  DUMPFILE_BYTE: 'a byte that has to be escaped is not escaped',
  DUMPFILE_ESCAPE: 'a backslash does not start a valid escape',
  DUMPFILE_NUMBER: 'a number or a time is malformed or too large',
  DUMPFILE_MODE: 'a mode is malformed or too large, or has an unknown file type',
  DUMPFILE_ROOT:
    'the first line is missing or not that of the root directory, or a later line is for the root',
  DUMPFILE_PATH: 'a path or hard link target is not absolute, not in normal form, or too long',
  DUMPFILE_PARENT: 'the parent of a path is not a directory on an earlier line',
  DUMPFILE_DUPLICATE: 'a path is on more than one line',
  DUMPFILE_HARDLINK:
    'a hard link has no target on an earlier line, its target is a directory, or its mode is that of a directory',
  DUMPFILE_PAYLOAD:
    'an object path is malformed or too long, or a symbolic link target is unset, too long or contains a NUL',
  DUMPFILE_CONTENT:
    'the content does not match SIZE or is too long, or PAYLOAD, CONTENT and DIGEST are not allowed together or for the file type',
  DUMPFILE_DIGEST: 'a digest is not 64 or 128 hexadecimal digits',
  DUMPFILE_XATTR:
    'an extended attribute is malformed, repeated or too long, alone or with the others of its inode',

  EROFS_WHITEOUT_LINKED: 'a whiteout has more than one name',
  EROFS_DIGEST_SIZE: 'the length of the digest of an external file does not match the algorithm',
  EROFS_LIMIT: 'a length, size, count or time exceeds a limit of the image format',
  EROFS_SIZE: 'the image is too short, or its size does not match its superblock',
  EROFS_MAGIC: 'the magic number of the header or the superblock is wrong',
  EROFS_FORMAT:
    'a version, flag, feature or other parameter of the header or the superblock is not that of a known format',
  EROFS_RANGE: 'an image inode starts before byte 1152, or a structure ends after the image',
  EROFS_OVERLAP: 'two structures of the image overlap, or one overlaps the header or the superblock',
  EROFS_INODE: 'the type, the format, the size or the data of an image inode is invalid',
  EROFS_DIRECTORY:
    'the entries of a directory are malformed, out of order, incomplete, or contradict the image inodes',
  EROFS_LINKS: 'a directory has two names, or a link count is wrong',
  EROFS_XATTR:
    'the attributes of an image inode are malformed or repeated, or do not match their name filter',
  EROFS_OVERLAY: 'the overlayfs attributes, the stubs or the whiteouts of the image do not follow the format',

  SEAL_ROLE: 'the role cannot be published in an artifact',
  SEAL_DOCKER: 'a Docker manifest cannot be sealed inline unless the request converts it',
  SEAL_SIGNED: 'a signature key already holds a different signature',
  SEAL_TAG: 'the tag is empty or has a character that is not allowed',

  VERIFY_MANIFEST: 'neither the manifest nor an index that leads to it has the digest of the request',
  VERIFY_PLATFORM:
    'an index entry gives a platform that contradicts the config, and no requested digest covers the entry',
  VERIFY_UNPUBLISHED:
    'a digest that the request asks for is not published, or the command line has none to compare',
  VERIFY_KEY:
    'an annotation key differs from a known key only by case, or a signature key is without the key of its digest',
  VERIFY_PLACE: 'a known key is in a place where it is not allowed',
  VERIFY_VALUE: 'the value of a published digest or signature is malformed',
  VERIFY_ARTIFACT: 'an artifact does not follow the format',
  VERIFY_SIGNATURE_FORM: 'a signature is too long or does not have the required form',
  VERIFY_SIGNATURE:
    'a signature names a trusted certificate but is not a signature of the published digest by its key',
  VERIFY_SIGNER: 'signatures are required, and none of those present is by a trusted certificate',
  VERIFY_UNSIGNED: 'a required signature is missing',
  VERIFY_DIGEST: 'a published digest does not match the image, or is that of a layer without an image',
  VERIFY_CMDLINE_FORM:
    'an argument with a digest on the kernel command line is malformed, repeated or ambiguous',
  VERIFY_CMDLINE_DIGEST: 'a digest on the kernel command line does not match the image',

  DDI_SIZE: 'the size of a disk image is not the one that its partition table needs',
  DDI_TABLE:
    'the partition table of a disk image, or another byte outside of its partitions, is not the one for its EROFS image',
  DDI_HASH: 'the hash partition or the root hash of a disk image does not match its EROFS image',
  DDI_SIGNATURE_FORM: 'the signature partition of a disk image does not have the required form',
  DDI_SIGNATURE:
    'the signature of a disk image names a trusted certificate but is not a signature of the root hash by its key',
  DDI_SIGNER: 'a signature is required, and that of the disk image is not by a trusted certificate',
  DDI_UNSIGNED: 'a signature is required, and the disk image has none',

  STORE_BLOB:
    'an image is to be returned as it was published, and the store does not keep the blob of one of its layers',
  STORE_DAMAGED: 'what the operation needs is missing, is damaged, or is behind a link',
  STORE_DIGEST: 'the digest of a composefs image is malformed or of another algorithm',
  STORE_FEATURE: 'the store has a feature that the implementation does not know',
  STORE_LAYER: 'the store cannot keep a layer so that it can return it byte for byte',
  STORE_LOCK: 'the lock of the store cannot be taken',
  STORE_META: 'the description of the store is missing or malformed',
  STORE_NAME: 'a name is missing or is not allowed',
  STORE_UNKNOWN: 'the store has no image with this name or manifest digest',
  STORE_VERITY: 'fs-verity cannot be enabled in a store that requires it',
} as const;

/** An error code: the reason for a rejection. */
export type Code = keyof typeof codes;

/** The steps of the data flow that reject input, in their order. */
export const stages = [
  'request',
  'image',
  'compression',
  'tar',
  'toc',
  'merge',
  'transform',
  'dumpfile',
  'erofs',
  'seal',
  'verify',
  'ddi',
  'store',
] as const;

/** A step of the data flow that rejects input. */
export type Stage = (typeof stages)[number];

/** Where in the input an error occurred. Members that do not apply are absent. */
export interface Location {
  /** File or blob, as the user named it. */
  readonly file?: string;
  /** Layer, counted from 0, the base layer. */
  readonly layer?: number;
  /** Path of a tar entry or of an inode, as the input has it. */
  readonly entry?: ByteString;
  /** Byte offset: in stage `compression` in the blob, in the other stages in the decompressed input. */
  readonly offset?: number | bigint;
  /** Line of a dumpfile, or of a file of an SELinux policy, counted from 1. */
  readonly line?: number;
}

/** Input was rejected. `message` is one line with the stage, the location, the detail and the error code. */
export class ComposefsError extends Error {
  readonly code: Code;
  readonly stage: Stage;
  readonly location: Location;
  /** What exactly is wrong, without location and error code. */
  readonly detail: string;
  /** The error code of the operating system, for example ENOENT, if it rejected a file. */
  readonly system: string | undefined;

  constructor(code: Code, detail: string, location: Location = {}, system?: string) {
    const stage = stageOf(code);
    super(`${stage}: ${locationText(location)}${detail} (${code})`);
    this.name = 'ComposefsError';
    this.code = code;
    this.stage = stage;
    this.location = location;
    this.detail = detail;
    this.system = system;
  }

  /** The same rejection with a more complete location: an outer step knows the layer or the file. */
  at(outer: Location): ComposefsError {
    return new ComposefsError(this.code, this.detail, { ...outer, ...this.location }, this.system);
  }
}

/** The stage of an error code. */
export function stageOf(code: Code): Stage {
  return code.slice(0, code.indexOf('_')).toLowerCase() as Stage;
}

function locationText({ file, layer, entry, offset, line }: Location): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(oneLine(shortened(file)));
  if (layer !== undefined) parts.push(`layer ${layer}`);
  if (entry !== undefined) parts.push(`entry "${excerpt(entry)}"`);
  if (line !== undefined) parts.push(`line ${line}`);
  if (offset !== undefined) parts.push(`offset ${offset}`);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

/** A file name may have any character of Unicode, but a message is one line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
