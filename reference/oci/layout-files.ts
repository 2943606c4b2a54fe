/**
 * Where the files of a layout are: in a directory, or in an archive that is read in place.
 * @module
 */

import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { type Code, ComposefsError, type Location } from '../errors.ts';
import { type OpenFile, openFile, readChunks, readPart } from './file.ts';

/** The files of a layout: the path of its directory, or files in an archive. It can be sent to a thread. */
export type LayoutFiles = string | ArchiveFiles;

/** Files in an archive. */
export interface ArchiveFiles {
  /** The path of the archive. */
  readonly archive: string;
  /** From the names that the files have in a layout, such as `index.json`. */
  readonly parts: ReadonlyMap<string, ArchivePart>;
}

/** Bytes in an archive, or those of a document that is made from it. */
export type ArchivePart = { readonly start: number; readonly size: number } | { readonly bytes: Uint8Array };

/** An open file of a layout. */
export interface LayoutFile {
  /** Size in bytes at the time of opening. */
  readonly size: number;
  /** All bytes, in chunks. */
  chunks(location: Location): AsyncIterable<Uint8Array>;
  /** The bytes from `offset`; fewer than `length` if the file ends before. */
  part(offset: number, length: number, location: Location): AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * Opens the file `name` of a layout.
 *
 * @throws ComposefsError with the code `missing` if it is missing or not a regular file, and REQUEST_FILE if the
 * system does not allow it to be read.
 */
export function openLayoutFile(
  files: LayoutFiles,
  name: string,
  missing: Code,
  location: Location,
): LayoutFile {
  if (typeof files === 'string') return fileOf(openFile(join(files, name), missing, location));
  const part = files.parts.get(name);
  if (part === undefined) throw new ComposefsError(missing, 'the archive has no such file', location);
  if ('bytes' in part) return documentOf(part.bytes);
  const { fd } = openFile(files.archive, 'REQUEST_FILE', { file: files.archive });
  return fileOf({ fd, ...part });
}

function fileOf(file: OpenFile): LayoutFile {
  return {
    size: file.size,
    chunks: location =>
      file.start === undefined ? readChunks(file.fd, location) : readPart(file, 0, file.size, location),
    part: (offset, length, location) => readPart(file, offset, length, location),
    close: () => closeSync(file.fd),
  };
}

function documentOf(bytes: Uint8Array): LayoutFile {
  return {
    size: bytes.length,
    async *chunks() {
      yield bytes;
    },
    async *part(offset, length) {
      yield bytes.subarray(offset, offset + length);
    },
    close() {},
  };
}
