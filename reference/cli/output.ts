/**
 * Output of results: to stdout, or to a file that is written completely or not at all.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FsVerity } from '../fsverity/digest.ts';
import { asFileError, isSystemError } from '../oci/file.ts';
import { onInterrupt } from './interrupt.ts';

/** Small chunks are collected up to this many bytes before they are written. */
const GATHER = 256 * 1024;

/** Writes to a stream, and waits until the data was written. Rejects with the error of the operating system. */
export function write(stream: NodeJS.WritableStream, chunk: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, error => (error ? reject(error) : resolve()));
  });
}

/** Writes everything to stdout. */
export async function writeStdout(chunks: Iterable<Uint8Array>): Promise<void> {
  for (const chunk of gathered(chunks)) await write(process.stdout, chunk);
}

/**
 * Writes a temporary file next to `path`, and renames it to `path` when it is complete and on disk, so that neither a
 * reader nor a crash sees a part of it. Until then, and if `chunks` throws, `path` stays as it was. A device or FIFO is
 * written to directly.
 *
 * @returns the number of bytes written.
 */
export async function writeFile(path: string, chunks: Iterable<Uint8Array>): Promise<number> {
  const location = { file: path };
  try {
    const target = await existing(path);
    if (target?.special) {
      const handle = await open(target.path, 'w');
      try {
        return await writeAll(handle, chunks);
      } finally {
        await handle.close();
      }
    }
    return await replaceFile(target?.path ?? path, chunks);
  } catch (error) {
    throw asFileError(error, location);
  }
}

/** The file at `path`, with symbolic links resolved, or undefined if there is none. */
async function existing(path: string): Promise<{ path: string; special: boolean } | undefined> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    return { path: real, special: !found.isFile() };
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replaceFile(path: string, chunks: Iterable<Uint8Array>): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}`);
  const calledOff = onInterrupt(() => rmSync(temporary, { force: true }));
  try {
    const handle = await open(temporary, 'wx');
    try {
      let size: number;
      try {
        size = await writeAll(handle, chunks);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
      return size;
    } catch (error) {
      await unlink(temporary);
      throw error;
    }
  } finally {
    calledOff();
  }
}

async function writeAll(handle: FileHandle, chunks: Iterable<Uint8Array>): Promise<number> {
  let size = 0;
  let written = Promise.resolve();
  for (const chunk of gathered(chunks)) {
    await written;
    // The next chunk is produced while this one is being written.
    written = handle.writeFile(chunk);
    // If producing the next chunk throws, this write is never awaited.
    written.catch(() => {});
    size += chunk.length;
  }
  await written;
  return size;
}

function* gathered(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (size === 0 && chunk.length >= GATHER) {
      yield chunk;
      continue;
    }
    parts.push(chunk);
    size += chunk.length;
    if (size >= GATHER) {
      yield Buffer.concat(parts, size);
      parts = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(parts, size);
}

/** Passes on `chunks`, and updates `verity` with them. */
export function* measured(chunks: Iterable<Uint8Array>, verity: FsVerity): Generator<Uint8Array> {
  for (const chunk of chunks) {
    verity.update(chunk);
    yield chunk;
  }
}
