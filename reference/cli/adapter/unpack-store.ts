/**
 * Unpacks a store that a request has as a tar archive (conformance/README.md, "A store as a file").
 * @module
 */

import { closeSync, lstatSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { readChunks } from '../../oci/file.ts';
import type { TarEntry } from '../../tar/entry.ts';
import { readTar } from '../../tar/read.ts';

/** Unpacks `archive` into the new folder `directory`. Nothing is written through a link of the archive. */
export async function unpackStore(archive: string, directory: string): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  const fd = openSync(archive, 'r');
  try {
    for await (const entry of readTar(readChunks(fd, { file: archive }))) await unpackEntry(entry, directory);
  } finally {
    closeSync(fd);
  }
}

async function unpackEntry(entry: TarEntry, directory: string): Promise<void> {
  let parent: Buffer = Buffer.from(directory);
  for (const name of entry.path.slice(0, -1)) {
    parent = below(parent, name);
    makeDirectory(parent);
  }
  const [last] = entry.path.slice(-1);
  if (last === undefined) return;
  const path = below(parent, last);
  switch (entry.kind) {
    case 'directory':
      makeDirectory(path);
      return;
    case 'symlink':
      symlinkSync(Buffer.from(entry.target, 'latin1'), path);
      return;
    case 'file': {
      const fd = openSync(path, 'wx', 0o644);
      try {
        // Most objects are small, and waiting for another thread takes longer than writing them.
        for await (const chunk of entry.content) writeFileSync(fd, chunk);
      } finally {
        closeSync(fd);
      }
      return;
    }
    default:
      throw new Error(`a store has no ${entry.kind}: ${entry.name}`);
  }
}

function below(directory: Buffer, name: string): Buffer {
  return Buffer.concat([directory, Buffer.from(`/${name}`, 'latin1')]);
}

/** Makes a directory, unless it is there. */
function makeDirectory(path: Buffer): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) mkdirSync(path, { mode: 0o755 });
  else if (!found.isDirectory()) throw new Error(`not a directory: ${path}`);
}
