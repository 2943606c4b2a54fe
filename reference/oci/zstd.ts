/**
 * Decompresses zstd with node:zlib where it can, else with fzstd.
 *
 * Both give the same bytes of a right blob. Of damaged ones, fzstd does not notice each that has no checksum, which
 * then shows in the digest of the layer; it refuses larger windows; and its time grows with blocks times window.
 * @module
 */

import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { ComposefsError, type Place } from '../errors.ts';
import { Xxh64 } from '../hash/xxh64.ts';
import { through } from './zlib-stream.ts';
import { type Frame, frames, type Piece } from './zstd-frames.ts';

/** Compressed bytes that are put together before node:zlib is called: a call costs more than their copy. */
const BATCH = 64 * 1024;

/** LAYER-039: what libzstd takes without being asked for more. */
const NATIVE_WINDOW_MAX = 2 ** 27;
/** LAYER-098: fzstd 0.1 reads distances of more than 25 bits wrong. */
const PORTABLE_WINDOW_MAX = 2 ** 25;

/** What node:zlib has from Node 22.15 on, and the types of Node 20 do not know. */
interface WithZstd {
  createZstdDecompress?: (options?: zlib.ZlibOptions) => zlib.Gunzip;
}

/** The constructor of node:zlib's zstd stream, where this Node has one. */
export const nativeZstd: WithZstd['createZstdDecompress'] = (zlib as WithZstd).createZstdDecompress;

/** The content of all frames of `blob`. Throws the codes of stage compression. */
export function unzstd(blob: AsyncIterable<Uint8Array>, place: Place): AsyncIterable<Uint8Array> {
  return nativeZstd ? unzstdNative(blob, place, nativeZstd) : unzstdPortable(blob, place);
}

/** With node:zlib, which checks sizes and checksums itself. */
export async function* unzstdNative(
  blob: AsyncIterable<Uint8Array>,
  place: Place,
  create: NonNullable<WithZstd['createZstdDecompress']>,
): AsyncGenerator<Uint8Array> {
  const input = batches(frames(blob, NATIVE_WINDOW_MAX, place));
  const first = await input.next();
  // Skippable frames alone: node:zlib refuses to end without a frame.
  if (first.done) return;
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    yield* input;
  };
  yield* through(all(), create({ chunkSize: 2 * BATCH }), error => corrupt(error.message, place));
}

/**
 * Pieces put together, never across the end of a frame: node:zlib forgets what follows it in a chunk.
 * What stands before an error of the framing is given out first, since it can hold an earlier one.
 */
async function* batches(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let length = 0;
  const taken = (): Uint8Array => {
    const whole = Buffer.concat(batch, length);
    batch = [];
    length = 0;
    return whole;
  };
  try {
    for await (const { bytes, last } of pieces) {
      batch.push(bytes);
      length += bytes.length;
      if (last || length >= BATCH) yield taken();
    }
  } catch (error) {
    if (length > 0) yield taken();
    throw error;
  }
}

/** With fzstd. A piece is a block at most, so that what comes out of it at once stays below 128 KiB. */
export async function* unzstdPortable(
  blob: AsyncIterable<Uint8Array>,
  place: Place,
): AsyncGenerator<Uint8Array> {
  let frame: Frame | undefined;
  let decoder = new Decompress();
  let sum = new Xxh64();
  let size = 0;
  for await (const piece of frames(blob, PORTABLE_WINDOW_MAX, place)) {
    if (piece.frame !== frame) {
      frame = piece.frame;
      decoder = new Decompress();
      sum = new Xxh64();
      size = 0;
    }
    for (const bytes of pushed(decoder, piece, place)) {
      if (frame.hasChecksum) sum.update(bytes);
      size += bytes.length;
      if (size > (frame.contentSize ?? size))
        throw corrupt('a frame has more content than its header says', place);
      yield bytes;
    }
    if (piece.last && size !== (frame.contentSize ?? size)) {
      throw corrupt('a frame has less content than its header says', place);
    }
    if (piece.checksum !== undefined && piece.checksum !== sum.lower32()) {
      throw corrupt('the content of a frame has not the checksum that the frame says', place);
    }
  }
}

/** What comes out of `decoder` for `piece`. */
function pushed(decoder: Decompress, { bytes, last }: Piece, place: Place): Uint8Array[] {
  const out: Uint8Array[] = [];
  decoder.ondata = chunk => {
    if (chunk.length > 0) out.push(chunk);
  };
  try {
    decoder.push(bytes, last);
  } catch (error) {
    // Beside its own errors, fzstd runs out of its tables on damaged input: RangeError, TypeError.
    throw corrupt(error instanceof Error ? error.message : String(error), place);
  }
  return out;
}

function corrupt(detail: string, place: Place): ComposefsError {
  return new ComposefsError('COMPRESSION_CORRUPT', detail, place);
}
