/**
 * The archive of a layer: its blob, decompressed.
 * @module
 */

import { type BlobDirectory, openBlob } from '../blob.ts';
import { decompress } from '../compression.ts';
import type { LayerDescriptor } from './layer-descriptor.ts';

/** Some bytes of an archive. */
export interface ArchivePiece {
  /** Valid until the next piece is asked for. */
  readonly bytes: Uint8Array;
  /** Bytes of the blob that were read for this piece and those before it. */
  readonly position: number;
}

/**
 * The archive of `layer`, in pieces. Ends when the blob is read to its end and its size and its digest are right;
 * throws the codes of the stages image and compression, and REQUEST_FILE.
 */
export async function* decompressedLayer(
  blobs: BlobDirectory,
  layer: LayerDescriptor,
): AsyncGenerator<ArchivePiece, void, undefined> {
  const blob = await openBlob(blobs, layer.descriptor, { layer: layer.number });
  try {
    // Both wait for another thread most of the time: node:zlib's, or the one that reads the file.
    for await (const bytes of ahead(decompress(ahead(blob), layer.compression, blob.location))) {
      yield { bytes, position: blob.position };
    }
    await blob.verify();
  } finally {
    await blob.close();
  }
}

/** The chunks of `source`, each asked for before the one that precedes it is worked on. Errors keep their place. */
async function* ahead(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  let next = chunks.next();
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = chunks.next();
      // It is thrown when it is awaited, which may be never.
      next.catch(() => {});
      yield result.value;
    }
  } finally {
    await next.catch(() => {});
    await chunks.return?.();
  }
}
