/**
 * What the messages of `cfsctl oci` say about an image. A message is a line, and below it the causes.
 * @module
 */

import { broken, type Ended, refusal } from './run-program.ts';
import type { Outcome } from './serve.ts';

/** The parser of tar (tar-core:src/parse.rs, composefs-rs:crates/composefs-oci/src/tar.rs), and what is said of names. */
const TAR =
  /^(?:Error: | +(?:\d+: )?)(?:header error|PAX error|invalid (?:UTF-8 in )?PAX|invalid entry size|path exceeds limit|metadata e|duplicate (?:GNU|PAX)|too many |sparse |Sparse |entry has empty path|unexpected EOF |Unexpected EOF in splitstream|Unsupported entry type|Device entry|Invalid filename|Unpacking layer tar: filename)/m;

/** Decoders of gzip and zstd. */
const COMPRESSION =
  /^ +\d+: (?:Invalid gzip header|deflate decompression error|CRC computed (?:for header )?does not match|amount of bytes read does not match|unexpected end of file|zstd stream did not finish|Unknown frame descriptor|Data corruption detected|Restored data doesn't match checksum|Dictionary mismatch|Frame requires too much memory|Unsupported frame parameter)/m;

/** Reading the layout and its documents. Not opening its folder, which is no matter of the image. */
const IMAGE =
  /^ +(?:\d+: )?(?:Opening OCI directory|Cannot find the Image Index|Resolving manifest for platform|Opening layer blob|Failed to (?:parse|read) config|expected \d+ layer refs)/m;

/** Stages of the standard in the order of the work, and what cfsctl says where it refuses what a stage reads. */
const refuses: readonly (readonly [stage: string, messages: RegExp])[] = [
  ['compression', COMPRESSION],
  ['tar', TAR],
  ['merge', /^Error: Processing tar entry$/m],
  ['image', IMAGE],
  // A layer of a type that it does not know is stored as something else, and not read as a layer afterwards.
  ['image', /^ +\d+: Invalid splitstream content type$/m],
  ['transform', /^Error: (?:Directory entry |Applying SELinux labels )/m],
  ['erofs', /^Error: Committing filesystem as EROFS images$/m],
];

/** The answer where cfsctl failed. */
export function failure(ended: Ended): Outcome {
  const found = refuses.find(([, messages]) => messages.test(ended.stderr));
  return (found && refusal(ended, ...found)) ?? broken(ended);
}

/** Whether cfsctl failed because the tree has no `/usr`. */
export function lacksUsr({ stderr }: Ended): boolean {
  return stderr.trim() === 'Error: Directory entry "usr" does not exist';
}
