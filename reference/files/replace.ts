/**
 * Files that are written completely or not at all.
 *
 * All files that the tool writes are written here, except for standard output and what a user names on purpose that
 * is not a regular file.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fsync, lstatSync, openSync, renameSync, rmSync, write } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { undoUnlessDone } from './interrupt.ts';

/** Small chunks are collected up to this many bytes before they are written. */
const GATHER = 256 * 1024;

const writeBytes = promisify(write);
const syncFile = promisify(fsync);

/** Bytes to write. A chunk must keep its bytes after the next one was requested. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a temporary file next to `path`, and renames it to `path` when it is complete and on disk. Until then, and if
 * `chunks` or `beforeRename` throws, `path` stays as it was. A link or a special file at `path` is replaced: it is
 * neither followed nor opened. A regular file at `path` passes its permissions on.
 *
 * @returns the number of bytes written.
 */
export async function replaceFile(
  path: string,
  chunks: Chunks,
  beforeRename?: () => Promise<void>,
): Promise<number> {
  const temporary = temporaryName(path);
  return undoUnlessDone(
    () => rmSync(temporary, { force: true }),
    async () => {
      const size = await createFile(temporary, chunks, permissions(path));
      await beforeRename?.();
      renameSync(temporary, path);
      await syncDirectory(dirname(path));
      return size;
    },
  );
}

/** A name next to `path` that does not exist yet. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}`);
}

/** Makes what was created or renamed in a directory last through a crash. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const fd = openSync(path, 'r');
    try {
      await syncFile(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Not every system can open or sync a directory.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (!['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'].includes(String(code))) throw error;
  }
}

/** Writes `chunks` to an open file, and returns the number of bytes. Nothing is being written when this ends. */
export async function writeChunks(fd: number, chunks: Chunks): Promise<number> {
  let size = 0;
  let written = Promise.resolve();
  try {
    for await (const chunk of Symbol.iterator in chunks ? gathered(chunks) : chunks) {
      await written;
      // The next chunk is produced while this one is being written.
      written = writeChunk(fd, chunk);
      written.catch(() => {});
      size += chunk.length;
    }
  } finally {
    // If producing a chunk throws, the caller closes the file. The number of a closed file is that of the next one
    // that is opened, which would then be written to.
    await written.catch(() => {});
  }
  await written;
  return size;
}

/** Joins small chunks. */
export function* gathered(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
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

async function createFile(path: string, chunks: Chunks, mode: number | undefined): Promise<number> {
  const fd = openSync(path, 'wx', mode ?? 0o666);
  try {
    if (mode !== undefined) fchmodSync(fd, mode);
    const size = await writeChunks(fd, chunks);
    await syncFile(fd);
    return size;
  } finally {
    closeSync(fd);
  }
}

/** The permissions of the regular file at `path`, or undefined if there is none. */
function permissions(path: string): number | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.mode & 0o777 : undefined;
}

async function writeChunk(fd: number, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    at += (await writeBytes(fd, chunk, at, chunk.length - at, null)).bytesWritten;
  }
}
