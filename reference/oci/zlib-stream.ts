/**
 * A stream of node:zlib as an async iterable, with backpressure both ways.
 * @module
 */

import type { Gunzip } from 'node:zlib';
import type { ComposefsError } from '../errors.ts';

/**
 * What `stream` makes of `source`. Stops reading `source` where the stream ends early, and destroys both when
 * the caller stops. An error of zlib is thrown as `translate` makes it, any other as it is.
 */
export async function* through(
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

/** A chunk is asked for when the one before has been worked on, so that of two errors the first one shows. */
async function feed(source: AsyncIterable<Uint8Array>, stream: Gunzip): Promise<void> {
  for await (const chunk of source) {
    if (stream.destroyed || stream.readableEnded) return;
    await written(stream, chunk);
  }
  stream.end();
}

/** When `stream` has worked on `chunk`, or never will. */
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

/** zlib's errors carry its number beside their code, such as `Z_DATA_ERROR`. */
function isOfZlib(error: Error): boolean {
  return 'errno' in error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
