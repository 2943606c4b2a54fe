/**
 * Limits on the length of decompressed layers (spec/layers.md, "Expansion").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

/** The limits that a request can set. */
export interface ExpansionLimits {
  /**
   * A layer can have up to this many times the bytes of its blob plus 1 MiB. Default: {@link DEFAULT_EXPANSION};
   * `Infinity` for no limit.
   */
  readonly maxExpansion?: number | undefined;
  /**
   * Bytes that all layers together can have, decompressed, or in their blobs if these are longer. A layer counts once
   * for each image and algorithm, and once more for role `layer` (LAYER-102). Default: no limit.
   */
  readonly maxSize?: number | undefined;
}

/** LAYER-099: gzip reaches a ratio of 1032, zstd more than 30000. */
export const DEFAULT_EXPANSION = 1024;
/** Added to the size of the blob, so that a short layer of mostly zeros is not rejected. */
const ALLOWANCE = 1024 * 1024;

/** Counts the bytes of the layers of one request, and rejects as soon as a limit is exceeded. */
export class Expansion {
  readonly #maxExpansion: number;
  readonly #maxSize: number;
  #total = 0;

  constructor({ maxExpansion, maxSize }: ExpansionLimits) {
    this.#maxExpansion = maxExpansion ?? DEFAULT_EXPANSION;
    this.#maxSize = maxSize ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the length of all layers together is limited. */
  get limitsTotal(): boolean {
    return this.#maxSize !== Number.POSITIVE_INFINITY;
  }

  /** Passes on `layer`, the content of a blob of `blobSize` bytes, or rejects it with COMPRESSION_LIMIT. */
  async *limited(
    layer: AsyncIterable<Uint8Array>,
    blobSize: number,
    location: Location,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const longest = this.#maxExpansion * (blobSize + ALLOWANCE);
    let length = 0;
    this.#count(blobSize, location);
    for await (const chunk of layer) {
      const counted = Math.max(length, blobSize);
      length += chunk.length;
      // LAYER-100, LAYER-101
      if (length > longest) {
        const detail = `the blob of ${blobSize} bytes decompresses to more than ${Math.floor(longest)} bytes, the limit for its size`;
        throw new ComposefsError('COMPRESSION_LIMIT', detail, location);
      }
      this.#count(Math.max(length, blobSize) - counted, location);
      yield chunk;
    }
  }

  /** LAYER-102: the bytes of a layer are those of its blob if its content has fewer. */
  #count(bytes: number, location: Location): void {
    this.#total += bytes;
    if (this.#total > this.#maxSize) {
      const detail = `the layers have more than ${this.#maxSize} bytes in total, the limit of the request`;
      throw new ComposefsError('COMPRESSION_LIMIT', detail, location);
    }
  }
}
