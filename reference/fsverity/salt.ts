/**
 * The salt of an fs-verity digest (spec/fsverity.md, "Salts"). Images and objects of composefs have none.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import type { HashName } from '../hash/sha2.ts';

/** No salt at all, which is not the same as one of zero bytes. */
export const noSalt = new Uint8Array(0);

const SALT_MAX = 32;

/** Bytes that a hash function takes in at a time; a salt is filled up to a multiple of them. */
const inputSizes: Readonly<Record<HashName, number>> = { sha256: 64, sha512: 128 };

/** The bytes of a salt in hexadecimal. Refused with REQUEST_SALT (VERITY-010). */
export function parseSalt(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
    throw new ComposefsError('REQUEST_SALT', `"${text.slice(0, 100)}" is not lower-case hexadecimal`);
  }
  const digits = text.match(/../g) ?? [];
  return checkedSalt(Uint8Array.from(digits, pair => Number.parseInt(pair, 16)));
}

/** What goes before each block that is hashed (VERITY-009). Refused with REQUEST_SALT. */
export function paddedSalt(salt: Uint8Array, hash: HashName): Uint8Array {
  if (salt.length === 0) return noSalt;
  const padded = new Uint8Array(inputSizes[hash]);
  padded.set(checkedSalt(salt));
  return padded;
}

function checkedSalt(salt: Uint8Array): Uint8Array {
  if (salt.length > SALT_MAX) {
    throw new ComposefsError('REQUEST_SALT', `the salt has ${salt.length} bytes, more than ${SALT_MAX}`);
  }
  return salt;
}
