/**
 * Writes an archive in the format "newc", which Linux unpacks into its first file system.
 * @module
 */

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** An entry of the archive. */
export interface ArchiveEntry {
  /** Without a leading slash. */
  readonly path: string;
  /** With the file type bits. */
  readonly mode: number;
  /** The content of a file, or the target of a symbolic link. */
  readonly content: Uint8Array;
}

const DIRECTORY = 0o040755;
const SYMLINK = 0o120777;
const FILE = 0o100000;
const ALIGNMENT = 4;

/** The archive of `entries`; directories have to precede what is in them. */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const [i, entry] of [...entries, trailer].entries()) parts.push(...record(entry, i + 1));
  return Buffer.concat(parts);
}

const trailer: ArchiveEntry = { path: 'TRAILER!!!', mode: 0, content: new Uint8Array() };

function record({ path, mode, content }: ArchiveEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`, 'latin1');
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const head = Buffer.from(`070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`);
  return [head, name, padding(head.length + name.length), content, padding(content.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);
}

/** A file with `content`. */
export function fileEntry(path: string, content: Uint8Array, permissions = 0o644): ArchiveEntry {
  return { path, mode: FILE | permissions, content };
}

/** A directory. */
export function directoryEntry(path: string): ArchiveEntry {
  return { path, mode: DIRECTORY, content: new Uint8Array() };
}

/** A symbolic link. */
export function symlinkEntry(path: string, target: string): ArchiveEntry {
  return { path, mode: SYMLINK, content: Buffer.from(target, 'latin1') };
}

/** The directories, files and symbolic links below `folder`, as entries below `top`. */
export function folderEntries(folder: string, top: string): ArchiveEntry[] {
  const entries = [directoryEntry(top)];
  for (const name of readdirSync(folder).sort()) {
    const [from, path] = [join(folder, name), join(top, name)];
    const status = lstatSync(from);
    if (status.isDirectory()) entries.push(...folderEntries(from, path));
    else if (status.isSymbolicLink()) entries.push(symlinkEntry(path, readlinkSync(from)));
    else if (status.isFile()) entries.push(fileEntry(path, readFileSync(from), status.mode & 0o777));
  }
  return entries;
}
