/**
 * SHA-2 as the core asks for it, so that it runs in a browser and still uses the fastest hash where there is one.
 * `portable.ts` gives it from @noble/hashes, `node.ts` from node:crypto.
 * @module
 */

/** The hash functions of the standard. */
export type HashName = 'sha256' | 'sha512';

/** A hash that takes its input in pieces. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The digest of all that was given. The hasher can't be used after. */
  digest(): Uint8Array;
}

/** SHA-256 and SHA-512. */
export interface Sha2 {
  /** The digest of `bytes` in one call. */
  hash(name: HashName, bytes: Uint8Array): Uint8Array;
  create(name: HashName): Hasher;
}
