/**
 * `SHA256SUMS` of the vectors.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files in the folder `vectors`, relative to it, and the SHA-256 of each. */
export function readSums(vectors: string): readonly (readonly [path: string, sha256: string])[] {
  const lines = readFileSync(join(vectors, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
  return lines.map(line => [line.slice(66), line.slice(0, 64)] as const);
}
