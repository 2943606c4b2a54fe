/**
 * A blob that can be read in any order.
 * @module
 */

/** The blob of a layer. */
export interface ChunkedBlob {
  readonly size: number;
  /** All bytes. If the blob has a digest, it is checked at the end. */
  whole(): AsyncIterable<Uint8Array>;
  /** `length` bytes at `offset`, all of them within the blob. */
  part(offset: number, length: number): AsyncIterable<Uint8Array>;
}
