/**
 * The bytes and paths of files of cases.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseFile, CasePath, SparseFile } from './case.ts';

/** The vectors contradict themselves, so that a run would have no meaning. */
export class DamagedSuite extends Error {}

/** The path of a file that is stored as a whole; undefined for any other. */
export function wholePath(file: CaseFile | undefined): CasePath | undefined {
  return typeof file === 'string' ? file : undefined;
}

/** The stored files of a file of a case. */
export function pathsOf(file: CaseFile): CasePath[] {
  return typeof file === 'string' ? [file] : file.sparse.parts.map(({ path }) => path);
}

/** The bytes of a file of the case in `folder`. Throws {@link DamagedSuite} if their SHA-256 does not match. */
export function readCaseFile(folder: string, file: CaseFile): Uint8Array {
  return typeof file === 'string' ? readFileSync(join(folder, file)) : readSparse(folder, file);
}

function readSparse(folder: string, { sparse }: SparseFile): Uint8Array {
  const bytes = Buffer.alloc(sparse.size);
  for (const { offset, path } of sparse.parts) bytes.set(readFileSync(join(folder, path)), offset);
  if (createHash('sha256').update(bytes).digest('hex') !== sparse.sha256) {
    throw new DamagedSuite(`${folder}: the SHA-256 of a sparse file does not match case.json`);
  }
  return bytes;
}
