/**
 * Files of a package, and the archives that they become. The same files make the same bytes on every machine.
 * @module
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Zippable, zipSync } from 'fflate';
import { pack } from 'tar-stream';

/** From paths with slashes to contents. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/** The date of all files: the earliest one that every format can hold. */
const DATE = new Date('1980-01-01T00:00:00Z');

/** The regular files below `folder`, with paths from there. */
export function filesIn(folder: string): PackageFiles {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return new Map(names.sort(bytewise).map(name => [name, readFileSync(join(folder, name))]));
}

/** `files` below a folder. */
export function below(folder: string, files: PackageFiles): PackageFiles {
  return new Map([...files].map(([name, content]) => [`${folder}/${name}`, content]));
}

export function joinedFiles(...all: readonly PackageFiles[]): PackageFiles {
  return new Map(all.flatMap(files => [...files]).sort(([a], [b]) => bytewise(a, b)));
}

/** A file with text. */
export function textFile(name: string, text: string): PackageFiles {
  return new Map([[name, Buffer.from(text)]]);
}

function bytewise(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A directory or a symbolic link in an archive. */
export interface ArchiveExtra {
  readonly name: string;
  readonly type: 'directory' | 'symlink';
  readonly mode: number;
  /** The target of the link. */
  readonly linkname?: string;
}

/** The files as a tar archive, after `extras`. The one called `executable` is executable. */
export async function tarOf(
  files: PackageFiles,
  extras: readonly ArchiveExtra[] = [],
  executable?: string,
): Promise<Uint8Array> {
  const archive = pack();
  const common = { mtime: DATE, uid: 0, gid: 0 };
  for (const extra of extras) archive.entry({ ...common, ...extra });
  for (const [name, content] of files) {
    const mode = name === executable ? 0o755 : 0o644;
    archive.entry({ ...common, name, mode, size: content.length }, Buffer.from(content));
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** The files as a tar archive, compressed with gzip. */
export async function tarGzOf(files: PackageFiles): Promise<Uint8Array> {
  return gzipOf(await tarOf(files));
}

/** A gzip member. */
export function gzipOf(content: Uint8Array): Uint8Array {
  const compressed = gzipSync(content, { level: 9 });
  // What is published does not say which system compressed it (RFC 1952, 2.3.1: 255 is unknown).
  compressed[9] = 255;
  return compressed;
}

/** The files as a tar archive, compressed with the program xz. */
export async function tarXzOf(files: PackageFiles): Promise<Uint8Array> {
  return execFileSync('xz', ['--compress', '--stdout', '-9', '--threads=1', '--check=sha256'], {
    input: await tarOf(files),
    maxBuffer: 2 ** 30,
  });
}

/** The files as a zip archive. */
export function zipOf(files: PackageFiles): Uint8Array {
  // The fields of zip have local time: this is the same date everywhere.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = {};
  for (const [name, content] of files) entries[name] = [content, { mtime, level: 9 }];
  return zipSync(entries, { os: 3, attrs: 0o644 << 16 });
}
