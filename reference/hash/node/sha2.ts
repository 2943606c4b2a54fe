/**
 * SHA-2 of node:crypto.
 * @module
 */

import { createHash, hash } from 'node:crypto';
import type { Sha2 } from '../sha2.ts';

/** SHA-2 of node:crypto. */
export const nodeSha2: Sha2 = {
  // As a string and back: returned as a buffer, the hash of a block takes a quarter longer.
  hash: (name, bytes) => Buffer.from(hash(name, bytes, 'binary'), 'binary'),
  create: name => createHash(name),
};
