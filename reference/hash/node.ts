/**
 * SHA-2 on Node.
 * @module
 */

import { createHash, hash } from 'node:crypto';
import type { Sha2 } from './sha2.ts';

/** SHA-2 from node:crypto. */
export const nodeSha2: Sha2 = {
  hash: (name, bytes) => hash(name, bytes, 'buffer'),
  create: name => createHash(name),
};
