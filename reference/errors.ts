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
  REQUEST_ROLE: 'the role does not go with the layers or the transform that were asked',
  REQUEST_FILE: 'a file that the request names can not be read or written',

  // OCI layout, index, manifest, config, blobs.

  // gzip, zstd.

  // Headers, PAX records, entries of one archive.

  // Entries into the tree.
  MERGE_PARENT: 'a parent in the path is not a directory',

  // OCI transforms.

  // Dumpfile.

  // EROFS images.
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
] as const;

/** The step of the pipeline that refused. */
export type Stage = (typeof stages)[number];

/** Where in the input it was. What does not apply is absent. */
export interface Place {
  /** File or blob, as the user named it. */
  readonly file?: string;
  /** Layer, counted from 0, the base. */
  readonly layer?: number;
  /** Path of the tar entry or tree node, as it stands in the input. */
  readonly entry?: ByteString;
  /** Byte offset in the (decompressed) input. */
  readonly offset?: number | bigint;
  /** Line of a dumpfile, counted from 1. */
  readonly line?: number;
}

/** Bad input, refused. `message` is one line that names stage, code and place. */
export class ComposefsError extends Error {
  readonly code: Code;
  readonly stage: Stage;
  readonly place: Place;
  /** What exactly was wrong, without place and code. */
  readonly detail: string;

  constructor(code: Code, detail: string, place: Place = {}) {
    const stage = stageOf(code);
    super(`${stage}: ${placeText(place)}${detail} (${code})`);
    this.name = 'ComposefsError';
    this.code = code;
    this.stage = stage;
    this.place = place;
    this.detail = detail;
  }

  /** The same refusal with more of the place known: an outer step knows the layer or file. */
  at(outer: Place): ComposefsError {
    return new ComposefsError(this.code, this.detail, { ...outer, ...this.place });
  }
}

/** The stage that a code belongs to. */
export function stageOf(code: Code): Stage {
  return code.slice(0, code.indexOf('_')).toLowerCase() as Stage;
}

function placeText({ file, layer, entry, offset, line }: Place): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(file);
  if (layer !== undefined) parts.push(`layer ${layer}`);
  if (entry !== undefined) parts.push(`entry "${printable(entry)}"`);
  if (line !== undefined) parts.push(`line ${line}`);
  if (offset !== undefined) parts.push(`offset ${offset}`);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}
