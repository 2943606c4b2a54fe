/**
 * Folders in the cache, which exist only when they are complete.
 * @module
 */

import { mkdir, rename, rm } from 'node:fs/promises';

/** Has `make` fill a folder next to `folder`, and renames it to `folder`, which must not exist by then. */
export async function completeFolder<T>(folder: string, make: (work: string) => Promise<T>): Promise<T> {
  const work = `${folder}.${process.pid}`;
  try {
    await mkdir(work, { recursive: true });
    const result = await make(work);
    await rename(work, folder);
    return result;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
