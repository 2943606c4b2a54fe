/**
 * Files of cases without long runs of 0.
 * @module
 */

import { createHash } from 'node:crypto';
import type { CaseFile } from '../../suite/case.ts';

/** A run of at least this many bytes of 0 is not stored. */
const RUN = 4096;
/** Shorter files are stored as a whole. */
const WHOLE = 64 * 1024;

/** A file as a case names it, and what is stored of it. */
export interface StoredFile {
  readonly file: CaseFile;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** `bytes` as the file `path` of a case, or as parts with names that begin with it. */
export function stored(path: string, bytes: Uint8Array): StoredFile {
  if (bytes.length <= WHOLE) return { file: path, files: { [path]: bytes } };
  const parts = partsOf(bytes).map(({ offset, content }, i) => ({ offset, path: `${path}-${i}`, content }));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    file: {
      sparse: { size: bytes.length, sha256, parts: parts.map(({ offset, path }) => ({ offset, path })) },
    },
    files: Object.fromEntries(parts.map(({ path, content }) => [path, content])),
  };
}

/** The parts of `bytes` between the runs of 0. */
function partsOf(bytes: Uint8Array): { offset: number; content: Uint8Array }[] {
  const parts: { offset: number; content: Uint8Array }[] = [];
  const zeros = Buffer.alloc(RUN);
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < all.length; ) {
    const first = all.subarray(at).findIndex(byte => byte !== 0);
    if (first < 0) break;
    const start = at + first;
    const run = all.indexOf(zeros, start);
    at = run < 0 ? all.length : run;
    let end = at;
    while (all[end - 1] === 0) end--;
    parts.push({ offset: start, content: all.subarray(start, end) });
  }
  return parts;
}
