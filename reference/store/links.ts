/**
 * Links of a store: streams, images and roots.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryPath } from './paths.ts';
import { inStore, type Store } from './store.ts';

/** Creates or replaces a link. */
export function replaceLink(store: Store, path: string, target: string): void {
  const temporary = inStore(store, temporaryPath(randomBytes(9).toString('base64url')));
  mkdirSync(inStore(store, dirname(path)), { recursive: true, mode: 0o755 });
  symlinkSync(target, temporary);
  try {
    renameSync(temporary, inStore(store, path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
