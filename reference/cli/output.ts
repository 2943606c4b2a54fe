/**
 * Where results go: stdout, or a file that is there in whole or not at all.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FsVerity } from '../fsverity/digest.ts';
import { asFileError, isSystemError } from '../oci/file.ts';
import { onInterrupt } from './interrupt.ts';

/** Small pieces are gathered to this many bytes before they are written. */
const GATHER = 256 * 1024;

/** Writes to a stream and waits until it is taken. Rejects with the system's error. */
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
 * Writes a file beside `path` and gives it that name when it is complete and on disk: no reader and no crash sees
 * a part of it. What `path` was before stays until then, also when `chunks` throws. A device or FIFO is written to.
 *
 * @returns how many bytes were written.
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

/** What stands at `path`, through symbolic links. */
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
    // The next chunk is made while this one is being written.
    written = handle.writeFile(chunk);
    // Where the next chunk throws, nobody waits for this one.
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

/** `chunks` as they are; `verity` sees them on their way. */
export function* measured(chunks: Iterable<Uint8Array>, verity: FsVerity): Generator<Uint8Array> {
  for (const chunk of chunks) {
    verity.update(chunk);
    yield chunk;
  }
}
