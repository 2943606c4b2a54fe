/**
 * Files of a layout: opened without waiting, read in pieces.
 * @module
 */

import { constants, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Code, ComposefsError, type Location } from '../errors.ts';

/** A regular file, open. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes, when it was opened. */
  readonly size: number;
}

/** Bytes of one read. */
const CHUNK = 256 * 1024;

/**
 * Opens a regular file, through symbolic links (LAYER-010); refused with `missing` where there is none, and with
 * REQUEST_FILE where the system does not let it be read.
 */
export async function openFile(path: string, missing: Code, location: Location): Promise<OpenFile> {
  let handle: FileHandle;
  try {
    // A FIFO would make a blocking open wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error) && ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(error.code)) {
      throw new ComposefsError(missing, 'there is no such file', location);
    }
    throw asFileError(error, location);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ComposefsError(missing, 'it is not a regular file', location);
    return { handle, size: stat.size };
  } catch (error) {
    await handle.close();
    throw asFileError(error, location);
  }
}

/** The bytes of an open file. It stays open. */
export async function* readChunks(handle: FileHandle, location: Location): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(chunk, 0, CHUNK, null));
    } catch (error) {
      throw asFileError(error, location);
    }
    if (bytesRead === 0) return;
    yield bytesRead === CHUNK ? chunk : chunk.subarray(0, bytesRead);
  }
}

/**
 * The bytes of an open file, for a reader that is done with a chunk when it asks for the next: there is one buffer.
 * The file stays open.
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

/** Whether `error` says that the operating system refused something. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** An error of the operating system as a refusal with REQUEST_FILE, any other as it is. */
export function asFileError(error: unknown, location: Location): unknown {
  if (!isSystemError(error)) return error;
  // Node adds the call and its path, which may be a temporary one; the place says which file is meant.
  const [reason = error.code] = error.message.split(`, ${error.syscall}`);
  return new ComposefsError('REQUEST_FILE', reason, location);
}
