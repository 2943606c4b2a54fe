/**
 * A stream of node:zlib as an async iterable, with backpressure both ways.
 * @module
 */

import type { Gunzip } from 'node:zlib';
import type { ComposefsError } from '../errors.ts';

/**
 * The output of `stream` for the input `source`. Stops reading `source` if the stream ends early, and destroys both
 * if the caller stops. Errors of zlib are passed through `translate`, all others are thrown unchanged.
 */
export async function* throughZlib(
  source: AsyncIterable<Uint8Array>,
  stream: Gunzip,
  translate: (error: Error) => ComposefsError,
): AsyncGenerator<Uint8Array> {
  const feeding = feed(source, stream).catch((error: unknown) => {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof Error && isOfZlib(error)) throw translate(error);
    throw error;
  } finally {
    stream.destroy();
    await feeding;
  }
}

/** Asks for a chunk only after the previous one was processed, so that of two errors the first one is reported. */
async function feed(source: AsyncIterable<Uint8Array>, stream: Gunzip): Promise<void> {
  for await (const chunk of source) {
    if (stream.destroyed || stream.readableEnded) return;
    await written(stream, chunk);
  }
  stream.end();
}

/** Resolves when `stream` has processed `chunk`, or will never process it. */
function written(stream: Gunzip, chunk: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      stream.off('end', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('end', done);
    stream.on('close', done);
    stream.write(chunk, done);
  });
}

/** Errors of zlib have an `errno` and a code such as `Z_DATA_ERROR`. */
function isOfZlib(error: Error): boolean {
  return 'errno' in error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
