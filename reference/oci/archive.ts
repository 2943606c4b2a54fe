/**
 * Images in archives, read in place: OCI archives, which hold a layout, and those that `docker save` writes.
 * @module
 */

import { closeSync } from 'node:fs';
import { ComposefsError, type Location } from '../errors.ts';
import { readTar } from '../tar/read.ts';
import { openFile, readAt } from './file.ts';
import type { ArchiveFiles, ArchivePart } from './layout-files.ts';

/** Bytes of a header in an archive. */
const BLOCK = 512;
/** Bytes per read: what is read behind a header may be skipped. */
const READ = 64 * 1024;
/** What is yielded for content, which is not read. */
const skipped = new Uint8Array(256 * 1024);
/** More files than any image has: manifests, configs and layers. */
const FILES_MAX = 100_000;

/**
 * The regular files of an archive by their names, without `./`. Only headers are read. A symbolic link to a file in
 * the archive is that file.
 *
 * @throws ComposefsError IMAGE_LAYOUT if it is not an archive, or has two files of one name.
 */
export async function archiveFiles(path: string): Promise<ArchiveFiles> {
  const location = { file: path };
  const parts = new Map<string, ArchivePart>();
  const links = new Map<string, string>();
  const { fd } = openFile(path, 'REQUEST_FILE', location);
  const position = { contentEnd: 0 };
  try {
    for await (const entry of readTar(bytesWithoutContent(fd, position, location))) {
      const name = entry.path.join('/');
      if (entry.kind !== 'file' && entry.kind !== 'symlink') continue;
      if (parts.has(name) || links.has(name))
        throw notALayout(`the archive has two files of the name ${name}`, location);
      if (parts.size + links.size >= FILES_MAX)
        throw notALayout(`the archive has more than ${FILES_MAX} files`, location);
      if (entry.kind === 'symlink') {
        links.set(name, resolved(name, entry.target));
        continue;
      }
      const start = entry.offset + BLOCK;
      parts.set(name, { start, size: entry.size });
      position.contentEnd = start + entry.size;
    }
  } catch (error) {
    if (!(error instanceof ComposefsError) || error.stage !== 'tar') throw error;
    throw notALayout(`this is not an archive that can be read in place: ${error.detail}`, location);
  } finally {
    closeSync(fd);
  }
  for (const [name, target] of links) {
    const part = parts.get(target);
    if (part !== undefined) parts.set(name, part);
  }
  return { archive: path, parts };
}

/** The bytes of an archive, with zeros in place of the content of files, up to what the last read went beyond. */
async function* bytesWithoutContent(
  fd: number,
  position: { readonly contentEnd: number },
  location: Location,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    if (position.contentEnd > at) {
      const chunk = skipped.subarray(0, position.contentEnd - at);
      at += chunk.length;
      yield chunk;
      continue;
    }
    const chunk = new Uint8Array(READ);
    const bytesRead = await readAt(fd, chunk, at, location);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** The name that a link leads to; one out of the archive leads to nothing. */
function resolved(name: string, target: string): string {
  const names = name.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') names.pop();
    else if (part !== '.' && part !== '') names.push(part);
  }
  return names.join('/');
}

function notALayout(detail: string, location: Location): ComposefsError {
  return new ComposefsError('IMAGE_LAYOUT', detail, location);
}
