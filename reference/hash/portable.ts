/**
 * SHA-2 in JavaScript, for browsers.
 * @module
 */

import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { Sha2 } from './sha2.ts';

const functions = { sha256, sha512 };

/** SHA-2 of @noble/hashes. */
export const portableSha2: Sha2 = {
  hash: (name, bytes) => functions[name](bytes),
  create: name => functions[name].create(),
};
