/**
 * The cache in which Node keeps compiled code, so that the next start takes less time.
 * @module
 */

import { existsSync, mkdirSync } from 'node:fs';
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The part of `node:module` that Node has since version 22.1. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Makes Node keep the compiled code of what is loaded from now on in the user's cache. It is not in Node's default
 * folder, which is in /tmp: another user could put code there, which would then run with the rights of this one.
 */
export function cacheCompiledCode(): void {
  const { enableCompileCache } = nodeModule as CompileCache;
  if (enableCompileCache === undefined) return;
  try {
    const { XDG_CACHE_HOME = '' } = process.env;
    const cache = XDG_CACHE_HOME === '' ? join(homedir(), '.cache') : XDG_CACHE_HOME;
    const folders = [cache, join(cache, 'composefs-oci'), join(cache, 'composefs-oci/compiled')] as const;
    // One by one: where a folder cannot be created in /proc, Node does not end if it is asked for all of them.
    for (const folder of folders) if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    enableCompileCache(folders[2]);
  } catch {
    // Nothing is kept.
  }
}
