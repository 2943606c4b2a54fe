/**
 * Decompression of layers (spec/layers.md, "Compression").
 * @module
 */

import { createGunzip } from 'node:zlib';
import { ComposefsError, type Location } from '../errors.ts';
import type { Compression } from './media-types.ts';
import { throughZlib } from './zlib-stream.ts';
import { unzstd } from './zstd.ts';

/**
 * The content of `blob`, which may be cut into chunks anywhere.
 *
 * @throws ComposefsError with a code of stage `compression`; an error at the end of the blob is thrown when the
 * content is read to its end.
 */
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
  let read = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of blob) {
      checkMagic(chunk, read, location);
      read += chunk.length;
      yield chunk;
    }
    if (read === 0) throw wrongFormat(0, location);
  };
  yield* throughZlib(counted(), stream, error => translate(error, read, location));
  // LAYER-035: zlib treats zeros after a member as padding; only the count shows that it did not consume them.
  if (stream.bytesWritten < read) throw trailing({ ...location, offset: stream.bytesWritten });
}

/** RFC 1952, section 2.3.1: a member starts with 1f 8b. */
function checkMagic(chunk: Uint8Array, at: number, location: Location): void {
  for (const [i, expected] of [0x1f, 0x8b].entries()) {
    // undefined unless the byte is in this chunk
    const byte = chunk[i - at];
    if (byte !== undefined && byte !== expected) throw wrongFormat(i, location);
  }
}

/** An error of zlib as a rejection. Its offset is known only at the end of the blob, after `read` bytes. */
function translate(error: Error, read: number, location: Location): ComposefsError {
  switch (error.message) {
    case 'unexpected end of file':
      return new ComposefsError('COMPRESSION_TRUNCATED', 'the blob ends within a gzip member', {
        ...location,
        offset: read,
      });
    case 'incorrect header check':
      // The magic number of the first member is checked before zlib reads it.
      return trailing(location);
    default:
      return new ComposefsError('COMPRESSION_CORRUPT', error.message, location);
  }
}

function wrongFormat(offset: number, location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_FORMAT', 'the blob does not start with a gzip member', {
    ...location,
    offset,
  });
}

function trailing(location: Location): ComposefsError {
  return new ComposefsError(
    'COMPRESSION_TRAILING',
    'the last gzip member is followed by other bytes',
    location,
  );
}
