/**
 * Files of a layout: opened without blocking, read in chunks.
 * @module
 */

import { constants, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Code, ComposefsError, type Location } from '../errors.ts';

/** An open regular file, or a part of one. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** Size in bytes at the time of opening. */
  readonly size: number;
  /** Where the part starts; undefined for a whole file. */
  readonly start?: number;
}

/** Bytes per read. */
const CHUNK = 256 * 1024;
/** Bytes of the first read: most files are small, and unused buffers make V8 collect garbage. */
const FIRST_CHUNK = 16 * 1024;

/**
 * Opens a regular file, and follows symbolic links (LAYER-010).
 *
 * @throws ComposefsError with the code `missing` if it is missing or not a regular file, and REQUEST_FILE if the
 * system does not allow it to be read.
 */
export async function openFile(path: string, missing: Code, location: Location): Promise<OpenFile> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error) && ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(error.code)) {
      throw new ComposefsError(missing, 'the file does not exist', location, error.code);
    }
    throw asFileError(error, location);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ComposefsError(missing, 'this is not a regular file', location);
    return { handle, size: stat.size };
  } catch (error) {
    await handle.close();
    throw asFileError(error, location);
  }
}

/** The bytes of a part of a file; ends early if the file ends before the part. The caller closes the file. */
export async function* readPart(
  { handle, start = 0 }: OpenFile,
  offset: number,
  length: number,
  location: Location,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; ) {
    const chunk = new Uint8Array(Math.min(CHUNK, length - done));
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(chunk, 0, chunk.length, start + offset + done));
    } catch (error) {
      throw asFileError(error, location);
    }
    if (bytesRead === 0) return;
    done += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** The bytes of an open file. The caller closes it. */
export async function* readChunks(handle: FileHandle, location: Location): AsyncGenerator<Uint8Array> {
  let chunk = Buffer.allocUnsafeSlow(FIRST_CHUNK);
  let used = 0;
  for (;;) {
    if (used === chunk.length) {
      chunk = Buffer.allocUnsafeSlow(Math.min(2 * chunk.length, CHUNK));
      used = 0;
    }
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(chunk, used, chunk.length - used, null));
    } catch (error) {
      throw asFileError(error, location);
    }
    if (bytesRead === 0) return;
    yield chunk.subarray(used, used + bytesRead);
    used += bytesRead;
  }
}

/**
 * The bytes of an open file, for a reader that no longer needs a chunk when it asks for the next one: all chunks
 * share one buffer. The caller closes the file.
 */
export function* readChunksSync({ fd }: FileHandle, location: Location): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  for (;;) {
    let bytesRead: number;
    try {
      bytesRead = readSync(fd, buffer, 0, CHUNK, null);
    } catch (error) {
      throw asFileError(error, location);
    }
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** An error of the operating system. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

/** Whether `error` comes from the operating system. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** An error of the operating system as a rejection with REQUEST_FILE, any other error unchanged. */
export function asFileError(error: unknown, location: Location): unknown {
  if (!isSystemError(error)) return error;
  // Node appends the system call and its path, which may be that of a temporary file; the location names the file.
  const [reason = error.code] = error.message.split(`, ${error.syscall}`);
  return new ComposefsError('REQUEST_FILE', reason, location, error.code);
}
