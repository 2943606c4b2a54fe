/**
 * What a check of a store can find (spec/storage.md, "Findings").
 * @module
 */

import type { ByteString } from '../bytes.ts';

/** Each code, with what it means. */
export const findingCodes = {
  'object-digest': 'the content of an object does not match its digest',
  'object-verity': 'an object has no fs-verity, which the store requires',
  'object-missing': 'an object is missing that a stream or a composefs image names',
  'link-target': 'the target of a link is not the one that it should have',
  'link-dangling': 'the target of a link does not exist',
  'name-invalid': 'a name is not allowed, or not escaped as required',
  'stream-invalid': 'a stream is malformed, or has the wrong content type',
  'stream-references': 'the named references of a manifest or config are not the required ones',
  'content-digest': 'the content of a stream does not match the digest in its name',
  'document-invalid': 'a manifest or config is not one, or their layers do not fit together',
  'content-missing': 'a manifest, config, layer or blob is missing that is needed',
  'image-missing': 'a composefs image is missing that a config refers to',
  'image-invalid': 'a composefs image is malformed',
  'image-mismatch': 'a composefs image is not the one that the layers make',
  stray: 'a file, directory or link does not belong into a store',
} as const;

export type FindingCode = keyof typeof findingCodes;

/** One defect of a store. */
export interface Finding {
  readonly code: FindingCode;
  /** Relative to the store. */
  readonly path: ByteString;
}

/** The findings of a check, each once (STORE-040). */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add(code: FindingCode, path: string): void {
    this.#found.set(`${path}\0${code}`, { code, path: path as ByteString });
  }

  /** In bytewise order of the path and then of the code. */
  sorted(): Finding[] {
    return [...this.#found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
  }
}
