/**
 * Warnings about the layers of an image: about their compression, and about the archives in them.
 * @module
 */

import type { Location } from '../errors.ts';
import { openBlob } from '../oci/blob.ts';
import { decompress } from '../oci/compression.ts';
import type { Expansion } from '../oci/expansion.ts';
import type { OciLayout } from '../oci/layout.ts';
import { layerCompression } from '../oci/media-types.ts';
import type { Descriptor } from '../oci/schemas.ts';
import { zstdFrames } from '../oci/zstd-frames.ts';
import { readTar } from '../tar/read.ts';
import { EntryLinter } from './entries.ts';
import { HeaderLinter } from './headers.ts';
import type { WarningCollector } from './warnings.ts';

/** The flag of a gzip member whose header has a checksum of its own (RFC 1952, section 2.3.1). */
const FHCRC = 0x02;
/** The largest window of a zstd frame that every implementation reads (LAYER-038). */
const COMMON_WINDOW = 32 * 1024 * 1024;
/** Size of the two blocks of zeros at the end of an archive. */
const END_SIZE = 1024;

/** Adds the warnings about `layers`, which the tree builder must have accepted. */
export async function lintLayers(
  layout: OciLayout,
  layers: readonly Descriptor[],
  expansion: Expansion,
  warnings: WarningCollector,
): Promise<void> {
  const entries = new EntryLinter(warnings);
  for (const [layer, descriptor] of layers.entries()) {
    const location: Location = { layer };
    const compression = layerCompression(descriptor.mediaType, location);
    const blob = openBlob(layout, descriptor, location);
    const packed = new EndsRecorder(blob, 4);
    const content = new EndsRecorder(
      expansion.limited(decompress(packed, compression, blob.location), blob.size, blob.location),
      END_SIZE,
    );
    try {
      entries.startLayer(layer);
      const headers = new HeaderLinter();
      for await (const entry of readTar(content, undefined, headers)) entries.add(entry, headers.take());
      // A global header can come after the last entry.
      for (const code of headers.take()) warnings.add(code, layer);
      entries.endLayer();
    } finally {
      blob.close();
    }
    if (content.tail.length < END_SIZE || content.tail.some(byte => byte !== 0))
      warnings.add('archive-end', layer);
    // A gzip member ends with the length of its content, modulo 2^32 (RFC 1952, section 2.3.1).
    if (compression === 'gzip' && littleEndian(packed.tail) !== content.size % 2 ** 32) {
      warnings.add('gzip-members', layer);
    }
    if (compression === 'gzip' && ((packed.head[3] ?? 0) & FHCRC) !== 0) {
      warnings.add('gzip-header-checksum', layer);
    }
    if (compression === 'zstd') {
      const { isOne, window } = await framesOf(layout, descriptor, location);
      if (!isOne) warnings.add('zstd-frames', layer);
      if (window > COMMON_WINDOW) warnings.add('zstd-window', layer);
    }
  }
}

/** Whether a layer consists of exactly one zstd frame, and the largest window of its frames. */
async function framesOf(
  layout: OciLayout,
  descriptor: Descriptor,
  location: Location,
): Promise<{ readonly isOne: boolean; readonly window: number }> {
  const blob = openBlob(layout, descriptor, location);
  try {
    let count = 0;
    let size = 0;
    let largest = 0;
    for await (const { bytes, last, window } of zstdFrames(blob, Number.POSITIVE_INFINITY, location)) {
      size += bytes.length;
      largest = Math.max(largest, window);
      if (last) count++;
    }
    // `zstdFrames` leaves out skippable frames.
    return { isOne: count === 1 && size === descriptor.size, window: largest };
  } finally {
    blob.close();
  }
}

/** Passes bytes on, counts them, and keeps the first and the last ones. */
class EndsRecorder implements AsyncIterable<Uint8Array> {
  size = 0;
  head: Uint8Array = new Uint8Array(0);
  tail: Uint8Array = new Uint8Array(0);
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #length: number;

  /** `length` is the number of bytes that are kept of each end. */
  constructor(source: AsyncIterable<Uint8Array>, length: number) {
    this.#source = source;
    this.#length = length;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.size += chunk.length;
      if (this.head.length < this.#length) {
        const first = [...this.head, ...chunk.subarray(0, this.#length)];
        this.head = Uint8Array.from(first.slice(0, this.#length));
      }
      const recent = [...this.tail, ...chunk.subarray(-this.#length)];
      this.tail = Uint8Array.from(recent.slice(-this.#length));
      yield chunk;
    }
  }
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
