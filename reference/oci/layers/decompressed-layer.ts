/**
 * The tar archive of a layer: its blob, decompressed.
 * @module
 */

import { hex } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import { type BlobSource, openBlob } from '../blob.ts';
import { decompress } from '../compression.ts';
import { parseOciDigest } from '../digest.ts';
import { type LayerDescriptor, layerLocation } from './layer-descriptor.ts';

/** A piece of an archive. */
export interface ArchivePiece {
  /** Valid until the next piece is requested. */
  readonly bytes: Uint8Array;
  /** Bytes of the blob read up to this piece. */
  readonly position: number;
}

/**
 * The archive of `layer`, in pieces. Ends after the blob was read to its end, its size and digest were checked, and then
 * the diff_id of the archive.
 *
 * @throws ComposefsError with a code of stage `image` or `compression`, or REQUEST_FILE.
 */
export async function* decompressedLayer(
  source: BlobSource,
  layer: LayerDescriptor,
): AsyncGenerator<ArchivePiece, void, undefined> {
  const location = layerLocation(layer);
  const diffId = parseOciDigest(layer.diffId, location);
  const hasher = source.sha2.create(diffId.hash);
  const blob = openBlob(source, layer.descriptor, { layer: layer.number });
  try {
    // Both mostly wait for another thread: that of node:zlib, or the one that reads the file.
    for await (const bytes of readAhead(decompress(readAhead(blob), layer.compression, blob.location))) {
      hasher.update(bytes);
      yield { bytes, position: blob.position };
    }
    await blob.verify();
    const found = hex(hasher.digest());
    // LAYER-026
    if (found !== diffId.hex) {
      const detail = `the decompressed layer has the ${diffId.hash} digest ${found}, but its diff_id is ${diffId.hex}`;
      throw new ComposefsError('IMAGE_DIFF_ID', detail, location);
    }
  } finally {
    blob.close();
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
