/**
 * The salt of an fs-verity digest (spec/fsverity.md, "Salts"). Composefs images and their objects have no salt.
 * @module
 */

import { shortened } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import type { HashName } from '../hash/sha2.ts';

/** No salt: 0 bytes. */
export const noSalt = new Uint8Array(0);

const SALT_MAX = 32;

/** Input sizes of the hash functions in bytes. A salt is padded to this size (VERITY-009). */
const inputSizes: Readonly<Record<HashName, number>> = { sha256: 64, sha512: 128 };

/** The bytes of a salt in hexadecimal. Rejects with REQUEST_SALT (VERITY-010). */
export function parseSalt(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
    throw new ComposefsError(
      'REQUEST_SALT',
      `the salt "${shortened(text)}" is not lower-case hexadecimal with two digits a byte`,
    );
  }
  const digits = text.match(/../g) ?? [];
  return checkedSalt(Uint8Array.from(digits, pair => Number.parseInt(pair, 16)));
}

/** The bytes that are hashed before each block (VERITY-009). Rejects with REQUEST_SALT. */
export function paddedSalt(salt: Uint8Array, hash: HashName): Uint8Array {
  if (salt.length === 0) return noSalt;
  const padded = new Uint8Array(inputSizes[hash]);
  padded.set(checkedSalt(salt));
  return padded;
}

// VERITY-010
function checkedSalt(salt: Uint8Array): Uint8Array {
  if (salt.length > SALT_MAX) {
    throw new ComposefsError(
      'REQUEST_SALT',
      `the salt has ${salt.length} bytes; at most ${SALT_MAX} are allowed`,
    );
  }
  return salt;
}
