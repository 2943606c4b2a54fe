/**
 * Removal of a name.
 * @module
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ComposefsError } from '../errors.ts';
import { syncDirectory } from '../files/replace.ts';
import { quoted } from '../oci/json.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import { TAGS } from './paths.ts';
import { inStore, linkTarget, type Store } from './store.ts';
import { escapeTag } from './tags.ts';
import { checkWritable } from './writable.ts';

/** Removes a name, and nothing else: what it led to stays until {@link collectGarbage} (STORE-028). */
export async function removeName(store: Store, name: string, options: LockOptions = {}): Promise<void> {
  checkWritable(store);
  const path = `${TAGS}/${escapeTag(name)}`;
  await whileLocked(
    store.directory,
    'shared',
    async () => {
      if (linkTarget(store, path) === undefined) {
        throw new ComposefsError('STORE_UNKNOWN', `the store has no name ${quoted(name)}`);
      }
      rmSync(inStore(store, path));
      await syncDirectory(join(store.directory, TAGS));
    },
    options,
  );
}
