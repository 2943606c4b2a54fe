/**
 * Tells from the messages of `cfsctl oci` which stage rejected an image. A message is a line followed by its causes.
 * @module
 */

import { type ProgramResult, rejection, unexpectedExit } from './run-program.ts';
import type { OperationOutcome } from './serve.ts';

/**
 * Messages of the tar parser (tar-core:src/parse.rs, composefs-rs:crates/composefs-oci/src/tar.rs), and about names.
 */
const TAR =
  /^(?:Error: | +(?:\d+: )?)(?:header error|PAX error|invalid (?:UTF-8 in )?PAX|invalid entry size|path exceeds limit|metadata e|duplicate (?:GNU|PAX)|too many |sparse |Sparse |entry has empty path|unexpected EOF |Unexpected EOF in splitstream|Unsupported entry type|Device entry|Invalid filename|Unpacking layer tar: filename)/m;

/** Messages of the gzip and zstd decoders. */
const COMPRESSION =
  /^ +\d+: (?:Invalid gzip header|deflate decompression error|CRC computed (?:for header )?does not match|amount of bytes read does not match|unexpected end of file|zstd stream did not finish|Unknown frame descriptor|Data corruption detected|Restored data doesn't match checksum|Dictionary (?:mismatch|is corrupted)|Frame requires too much memory|Unsupported frame parameter|Header of Literals' block doesn't respect)/m;

/**
 * Messages about the layout and its documents, but not about its folder: a missing folder is not a defect of the image.
 */
const IMAGE =
  /^ +(?:\d+: )?(?:Opening OCI directory|Cannot find the Image Index|Resolving manifest for platform|Opening layer blob|Failed to (?:parse|read) config|expected \d+ layer refs|Is a directory \(os error 21\)|Expected size \d+ but found)/m;

/** The stages of the standard, mostly in data-flow order, and the messages with which cfsctl rejects the input of each. */
const rejectionMessages: readonly (readonly [stage: string, messages: RegExp])[] = [
  // A policy can be rejected for a name, with a message of the parser of layers as its cause.
  ['transform', /^Error: Applying SELinux labels /m],
  ['compression', COMPRESSION],
  ['tar', TAR],
  ['merge', /^Error: Processing tar entry$/m],
  ['image', IMAGE],
  // cfsctl stores a layer of an unknown media type as something else, and then cannot read it as a layer.
  ['image', /^ +\d+: Invalid splitstream content type$/m],
  ['transform', /^Error: Directory entry /m],
  ['erofs', /^Error: Committing filesystem as EROFS images$/m],
  [
    'store',
    /^Error: repository requires unknown incompatible features|Creating symlink from "streams\/refs\/oci\//m,
  ],
];

/** The outcome if cfsctl failed. */
export function failureOutcome(result: ProgramResult): OperationOutcome {
  const found = rejectionMessages.find(([, messages]) => messages.test(result.stderr));
  return (found && rejection(result, ...found)) ?? unexpectedExit(result);
}

/** Whether cfsctl failed because the tree has no `/usr`. */
export function isMissingUsr({ stderr }: ProgramResult): boolean {
  return stderr.trim() === 'Error: Directory entry "usr" does not exist';
}
