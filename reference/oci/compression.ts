/**
 * The compressions of layers (spec/layers.md, Compression).
 * @module
 */

import { createGunzip } from 'node:zlib';
import { ComposefsError, type Location } from '../errors.ts';
import type { Compression } from './media-types.ts';
import { through } from './zlib-stream.ts';
import { unzstd } from './zstd.ts';

/** The content of `blob`. Read to its end, it throws the codes of stage compression with `location`. */
export function decompress(
  blob: AsyncIterable<Uint8Array>,
  compression: Compression,
  location: Location,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return blob;
    case 'gzip':
      return gunzip(blob, location);
    case 'zstd':
      return unzstd(blob, location);
  }
}

const CHUNK = 128 * 1024;

async function* gunzip(blob: AsyncIterable<Uint8Array>, location: Location): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: CHUNK });
  let given = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of blob) {
      checkMagic(chunk, given, location);
      given += chunk.length;
      yield chunk;
    }
    if (given === 0) throw foreign(0, location);
  };
  yield* through(counted(), stream, error => translate(error, given, location));
  // LAYER-035: zlib takes zeros behind a member for padding, and says no more than that it left them.
  if (stream.bytesWritten < given) throw trailing({ ...location, offset: stream.bytesWritten });
}

/** RFC 1952, section 2.3.1: a member begins with 1f 8b. */
function checkMagic(chunk: Uint8Array, at: number, location: Location): void {
  for (const [i, wanted] of [0x1f, 0x8b].entries()) {
    const byte = chunk[i - at];
    if (i >= at && byte !== undefined && byte !== wanted) throw foreign(i, location);
  }
}

/** Only at the end of the blob, after `given` bytes, it is known where zlib was. */
function translate(error: Error, given: number, location: Location): ComposefsError {
  switch (error.message) {
    case 'unexpected end of file':
      return new ComposefsError('COMPRESSION_TRUNCATED', 'the blob ends within a gzip member', {
        ...location,
        offset: given,
      });
    case 'incorrect header check':
      // The first member's magic has been seen.
      return trailing(location);
    default:
      return new ComposefsError('COMPRESSION_CORRUPT', error.message, location);
  }
}

function foreign(offset: number, location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_FORMAT', 'the blob does not begin with a gzip member', {
    ...location,
    offset,
  });
}

function trailing(location: Location): ComposefsError {
  return new ComposefsError(
    'COMPRESSION_TRAILING',
    'bytes that are no gzip member follow the last one',
    location,
  );
}
