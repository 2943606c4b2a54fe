/**
 * The tar archive of a layer: its blob, decompressed.
 * @module
 */

import { type BlobSource, openBlob } from '../blob.ts';
import { decompress } from '../compression.ts';
import type { LayerDescriptor } from './layer-descriptor.ts';

/** A piece of an archive. */
export interface ArchivePiece {
  /** Valid until the next piece is requested. */
  readonly bytes: Uint8Array;
  /** Bytes of the blob read up to this piece. */
  readonly position: number;
}

/**
 * The archive of `layer`, in pieces. Ends after the blob was read to its end, and its size and digest were checked.
 *
 * @throws ComposefsError with a code of stage `image` or `compression`, or REQUEST_FILE.
 */
export async function* decompressedLayer(
  source: BlobSource,
  layer: LayerDescriptor,
): AsyncGenerator<ArchivePiece, void, undefined> {
  const blob = await openBlob(source, layer.descriptor, { layer: layer.number });
  try {
    // Both mostly wait for another thread: that of node:zlib, or the one that reads the file.
    for await (const bytes of readAhead(decompress(readAhead(blob), layer.compression, blob.location))) {
      yield { bytes, position: blob.position };
    }
    await blob.verify();
  } finally {
    await blob.close();
  }
}

/** The chunks of `source`, each requested before the previous one is processed. Errors are thrown in their order. */
async function* readAhead(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  let next = chunks.next();
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = chunks.next();
      // An error is thrown where the chunk is awaited, which may never happen.
      next.catch(() => {});
      yield result.value;
    }
  } finally {
    await next.catch(() => {});
    await chunks.return?.();
  }
}
