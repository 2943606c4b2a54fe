/**
 * fs-verity digest algorithms (spec/fsverity.md, "Algorithms"). A name consists of the hash function and the base-2
 * logarithm of the block size, as in annotation keys and on the kernel command line.
 * @module
 */

import { shortened } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import type { HashName } from '../hash/sha2.ts';

/** The algorithms of the standard. */
export const algorithms = [
  'fsverity-sha256-12',
  'fsverity-sha512-12',
  'fsverity-sha256-16',
  'fsverity-sha512-16',
] as const;

/** `fsverity-<hash>-<log2 of the block size>`. */
export type Algorithm = (typeof algorithms)[number];

/** The parameters that an algorithm name represents. */
export interface AlgorithmParameters {
  readonly hash: HashName;
  /** Number of the hash function in `struct fsverity_descriptor` and in an overlayfs metacopy xattr. */
  readonly number: 1 | 2;
  /** Length of a digest in bytes. */
  readonly digestSize: 32 | 64;
  readonly logBlockSize: 12 | 16;
}

/** The parameters of each algorithm (VERITY-001, VERITY-008). */
export const algorithmParameters: Readonly<Record<Algorithm, AlgorithmParameters>> = {
  'fsverity-sha256-12': { hash: 'sha256', number: 1, digestSize: 32, logBlockSize: 12 },
  'fsverity-sha512-12': { hash: 'sha512', number: 2, digestSize: 64, logBlockSize: 12 },
  'fsverity-sha256-16': { hash: 'sha256', number: 1, digestSize: 32, logBlockSize: 16 },
  'fsverity-sha512-16': { hash: 'sha512', number: 2, digestSize: 64, logBlockSize: 16 },
};

/** `name` as an {@link Algorithm}. Rejects unknown names with REQUEST_ALGORITHM (VERITY-002). */
export function algorithm(name: string): Algorithm {
  const found = algorithms.find(known => known === name);
  if (found === undefined) {
    throw new ComposefsError(
      'REQUEST_ALGORITHM',
      `the algorithm "${shortened(name)}" is unknown; it can be ${algorithms.join(', ')}`,
    );
  }
  return found;
}
