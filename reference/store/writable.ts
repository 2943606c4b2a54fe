/**
 * Whether a store can be changed.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { quoted } from '../oci/json.ts';
import { TAGS } from './paths.ts';
import { damaged, linkTarget, type Store } from './store.ts';
import { entriesOf } from './walk.ts';

const directories = ['objects', 'images', 'images/refs', 'streams', 'streams/refs', TAGS];

/** Rejects with STORE_FEATURE or STORE_DAMAGED if the store must not be changed. */
export function checkWritable(store: Store): void {
  const [unknown] = store.meta.unknownFeatures;
  // STORE-083
  if (unknown !== undefined) {
    const detail = `the store has the feature ${quoted(unknown)}, which this version does not know, so it can only be read`;
    throw new ComposefsError('STORE_FEATURE', detail, { file: 'meta.json' });
  }
  // STORE-135: what is behind a link may be outside of the store.
  for (const path of directories) {
    if (linkTarget(store, path) !== undefined) throw damaged('the directory is a link', path);
  }
  for (const { name, kind } of entriesOf(store, 'objects')) {
    if (kind === 'link' && /^[0-9a-f]{2}$/.test(name))
      throw damaged('the directory is a link', `objects/${name}`);
  }
}
