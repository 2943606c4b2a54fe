/**
 * The interface of SHA-2, with two implementations: `portable.ts` runs in a browser, `node/sha2.ts` is faster.
 * @module
 */

/** The hash functions of the standard. */
export type HashName = 'sha256' | 'sha512';

/** A hash computed from pieces of the input. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The hash of everything passed to `update`. The hasher cannot be used afterwards. */
  digest(): Uint8Array;
}

/** SHA-256 and SHA-512. */
export interface Sha2 {
  /** The hash of `bytes`. */
  hash(name: HashName, bytes: Uint8Array): Uint8Array;
  create(name: HashName): Hasher;
}
