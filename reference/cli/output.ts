/**
 * Output of results: to stdout, or to a file that the user names.
 * @module
 */

import { constants, fstatSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { gathered, replaceFile, writeChunks } from '../files/replace.ts';
import type { FsVerity } from '../fsverity/digest.ts';
import { asFileError } from '../oci/file.ts';

/** Writes to a stream, and waits until the data was written. Rejects with the error of the operating system. */
export function write(stream: NodeJS.WritableStream, chunk: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, error => (error ? reject(error) : resolve()));
  });
}

/** Writes everything to stdout, and returns the number of bytes. */
export async function writeStdout(chunks: Iterable<Uint8Array>): Promise<number> {
  let size = 0;
  for (const chunk of gathered(chunks)) {
    await write(process.stdout, chunk);
    size += chunk.length;
  }
  return size;
}

/** Whether a file name of a user means stdout: `-`, or a path such as `/dev/stdout` that leads to the same file. */
export function isStdout(path: string): boolean {
  if (path === '-') return true;
  try {
    const [named, stdout] = [statSync(path, { bigint: true }), fstatSync(1, { bigint: true })];
    return named.dev === stdout.dev && named.ino === stdout.ino;
  } catch {
    return false;
  }
}

/**
 * Writes a file that the user names: a regular file is replaced when it is complete, and stays as it was until then.
 * Stdout, a device and a FIFO are written to, and links are followed, as with other tools.
 *
 * @returns the number of bytes written.
 */
export async function writeFile(path: string, chunks: Iterable<Uint8Array>): Promise<number> {
  if (isStdout(path)) return writeStdout(chunks);
  try {
    const target = targetOf(path);
    return target.isOpened ? await writeInto(target.path, chunks) : await replaceFile(target.path, chunks);
  } catch (error) {
    throw asFileError(error, { file: path });
  }
}

/** How many symbolic links are followed, as many as by the kernel. */
const LINK_LIMIT = 40;

/** The file that `path` leads to, and whether it is to be opened instead of replaced. */
function targetOf(path: string): { path: string; isOpened: boolean } {
  let current = path;
  for (let links = 0; links < LINK_LIMIT; links++) {
    const directory = realpathSync.native(dirname(current));
    // The links in /proc/PID/fd, where /dev/fd leads, are open files, and have no name to rename to.
    if (/^\/proc(?:\/|$)/.test(directory)) return { path: current, isOpened: true };
    const name = join(directory, basename(current));
    const found = lstatSync(name, { throwIfNoEntry: false });
    if (!found?.isSymbolicLink()) return { path: name, isOpened: found !== undefined && !found.isFile() };
    current = resolve(directory, readlinkSync(name));
  }
  return { path, isOpened: true };
}

async function writeInto(path: string, chunks: Iterable<Uint8Array>): Promise<number> {
  // Opening a FIFO waits for a reader, and must leave signals to be handled.
  const handle = await open(path, constants.O_WRONLY | constants.O_TRUNC);
  try {
    return await writeChunks(handle.fd, chunks);
  } finally {
    await handle.close();
  }
}

/** Passes on `chunks`, and updates `verity` with them. */
export function* measured(chunks: Iterable<Uint8Array>, verity: FsVerity): Generator<Uint8Array> {
  for (const chunk of chunks) {
    verity.update(chunk);
    yield chunk;
  }
}
