/**
 * Stores to examine, in folders of their own.
 * @module
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readStoreArchive } from '../../suite/store-archive.ts';

/** Calls `use` with a new folder, in memory if possible, and removes it afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const memory = '/dev/shm';
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'composefs-oci-stores-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    return await use(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Unpacks the store in `archive`, that of a case, into the new folder `directory`. */
export function unpackStore(archive: Uint8Array, directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  for (const [path, entry] of readStoreArchive(archive)) {
    const place = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')]);
    if (entry.kind === 'directory') mkdirSync(place, { recursive: true });
    else {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      if (entry.kind === 'file') writeFileSync(place, entry.content);
      else symlinkSync(Buffer.from(entry.target, 'latin1'), place);
    }
  }
}

/** What a part of the examination found. */
export interface Examined {
  /** One line: what was done, and how often. */
  readonly summary: string;
  /** What is wrong, one line each. */
  readonly problems: readonly string[];
}
