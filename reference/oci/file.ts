/**
 * Files of a layout: opened without waiting for a writer, read in chunks.
 *
 * Most files are small documents, and waiting for another thread takes longer than reading them: files are opened, and
 * their first bytes read, in this thread. What follows is read while the reader works.
 * @module
 */

import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Code, ComposefsError, type Location } from '../errors.ts';

/** An open regular file, or a part of one. The caller closes `fd`. */
export interface OpenFile {
  readonly fd: number;
  /** Size in bytes at the time of opening. */
  readonly size: number;
  /** Where the part starts; undefined for a whole file. */
  readonly start?: number;
}

/** Bytes per read. */
const CHUNK = 256 * 1024;
/** Bytes of the first chunk: unused buffers make V8 collect garbage. */
const FIRST_CHUNK = 16 * 1024;

const readFd = promisify(read);

/**
 * Opens a regular file, and follows symbolic links (LAYER-010).
 *
 * @throws ComposefsError with the code `missing` if it is missing or not a regular file, and REQUEST_FILE if the
 * system does not allow it to be read.
 */
export function openFile(path: string, missing: Code, location: Location): OpenFile {
  let fd: number;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error) && ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(error.code)) {
      throw new ComposefsError(missing, 'the file does not exist', location, error.code);
    }
    throw asFileError(error, location);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new ComposefsError(missing, 'this is not a regular file', location);
    return { fd, size: stat.size };
  } catch (error) {
    closeSync(fd);
    throw asFileError(error, location);
  }
}

/**
 * Reads bytes of an open file from `position`, and returns their number. It never reads where an earlier read stopped:
 * one that is under way when the file is closed may read from another file, and must not move in that one.
 */
export async function readAt(
  fd: number,
  bytes: Uint8Array,
  position: number,
  location: Location,
): Promise<number> {
  try {
    if (bytes.length <= FIRST_CHUNK) return readSync(fd, bytes, 0, bytes.length, position);
    return (await readFd(fd, bytes, 0, bytes.length, position)).bytesRead;
  } catch (error) {
    throw asFileError(error, location);
  }
}

/** The bytes of a part of a file; ends early if the file ends before the part. */
export async function* readPart(
  { fd, start = 0 }: OpenFile,
  offset: number,
  length: number,
  location: Location,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; ) {
    const chunk = new Uint8Array(Math.min(CHUNK, length - done));
    const bytesRead = await readAt(fd, chunk, start + offset + done, location);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** The bytes of an open file. */
export async function* readChunks(fd: number, location: Location): AsyncGenerator<Uint8Array> {
  let chunk = Buffer.allocUnsafeSlow(FIRST_CHUNK);
  let used = 0;
  for (let position = 0; ; ) {
    if (used === chunk.length) {
      chunk = Buffer.allocUnsafeSlow(Math.min(2 * chunk.length, CHUNK));
      used = 0;
    }
    const bytesRead = await readAt(fd, chunk.subarray(used), position, location);
    if (bytesRead === 0) return;
    yield chunk.subarray(used, used + bytesRead);
    used += bytesRead;
    position += bytesRead;
  }
}

/**
 * The bytes of an open file, for a reader that no longer needs a chunk when it asks for the next one: all chunks
 * share one buffer.
 */
export function* readChunksSync(fd: number, location: Location): Generator<Uint8Array> {
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
