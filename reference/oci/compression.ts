/**
 * The compressions of layers (spec/layers.md, Compression).
 * @module
 */

import { createGunzip } from 'node:zlib';
import { ComposefsError, type Place } from '../errors.ts';
import type { Compression } from './media-types.ts';
import { through } from './zlib-stream.ts';
import { unzstd } from './zstd.ts';

/** The content of `blob`. Read to its end, it throws the codes of stage compression with `place`. */
export function decompress(
  blob: AsyncIterable<Uint8Array>,
  compression: Compression,
  place: Place,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return blob;
    case 'gzip':
      return gunzip(blob, place);
    case 'zstd':
      return unzstd(blob, place);
  }
}

const CHUNK = 128 * 1024;

async function* gunzip(blob: AsyncIterable<Uint8Array>, place: Place): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: CHUNK });
  let given = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of blob) {
      checkMagic(chunk, given, place);
      given += chunk.length;
      yield chunk;
    }
    if (given === 0) throw foreign(0, place);
  };
  yield* through(counted(), stream, error => translate(error, given, place));
  // LAYER-035: zlib takes zeros behind a member for padding, and says no more than that it left them.
  if (stream.bytesWritten < given) throw trailing({ ...place, offset: stream.bytesWritten });
}

/** RFC 1952, section 2.3.1: a member begins with 1f 8b. */
function checkMagic(chunk: Uint8Array, at: number, place: Place): void {
  for (const [i, wanted] of [0x1f, 0x8b].entries()) {
    const byte = chunk[i - at];
    if (i >= at && byte !== undefined && byte !== wanted) throw foreign(i, place);
  }
}

/** Only at the end of the blob, after `given` bytes, it is known where zlib was. */
function translate(error: Error, given: number, place: Place): ComposefsError {
  switch (error.message) {
    case 'unexpected end of file':
      return new ComposefsError('COMPRESSION_TRUNCATED', 'the blob ends within a gzip member', {
        ...place,
        offset: given,
      });
    case 'incorrect header check':
      // The first member's magic has been seen.
      return trailing(place);
    default:
      return new ComposefsError('COMPRESSION_CORRUPT', error.message, place);
  }
}

function foreign(offset: number, place: Place): ComposefsError {
  return new ComposefsError('COMPRESSION_FORMAT', 'the blob does not begin with a gzip member', {
    ...place,
    offset,
  });
}

function trailing(place: Place): ComposefsError {
  return new ComposefsError(
    'COMPRESSION_TRAILING',
    'bytes that are no gzip member follow the last one',
    place,
  );
}
