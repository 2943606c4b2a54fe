/**
 * How long layers may get when they are decompressed (spec/layers.md, "Expansion").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

/** What a caller can set. */
export interface ExpansionLimits {
  /**
   * A layer may be so many times as long as its blob and 1 MiB together. Default: {@link DEFAULT_EXPANSION};
   * `Infinity` for any length.
   */
  readonly maxExpansion?: number | undefined;
  /** Bytes that all layers together may have, decompressed. Default: any number. */
  readonly maxSize?: number | undefined;
}

/** LAYER-099: gzip reaches 1032, zstd more than 30000. */
export const DEFAULT_EXPANSION = 1024;
/** So that a short layer, which is mostly zeros, is none that expands too much. */
const ALLOWANCE = 1024 * 1024;

/** Counts what comes out of the blobs of one request, and stops what is too long as soon as it is. */
export class Expansion {
  readonly #maxExpansion: number;
  readonly #maxSize: number;
  #total = 0;

  constructor({ maxExpansion, maxSize }: ExpansionLimits) {
    this.#maxExpansion = maxExpansion ?? DEFAULT_EXPANSION;
    this.#maxSize = maxSize ?? Number.POSITIVE_INFINITY;
  }

  /** Passes `layer` on, the content of a blob of `blobSize` bytes. Throws COMPRESSION_LIMIT. */
  async *limited(
    layer: AsyncIterable<Uint8Array>,
    blobSize: number,
    location: Location,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const longest = this.#maxExpansion * (blobSize + ALLOWANCE);
    let length = 0;
    for await (const chunk of layer) {
      length += chunk.length;
      this.#total += chunk.length;
      // LAYER-100, LAYER-101
      if (length > longest) {
        const detail = `a blob of ${blobSize} bytes has more than ${Math.floor(longest)} bytes of content`;
        throw new ComposefsError('COMPRESSION_LIMIT', detail, location);
      }
      // LAYER-102
      if (this.#total > this.#maxSize) {
        const detail = `the layers have more than ${this.#maxSize} bytes of content`;
        throw new ComposefsError('COMPRESSION_LIMIT', detail, location);
      }
      yield chunk;
    }
  }
}
