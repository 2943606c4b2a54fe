/**
 * Stores in which a directory of the layout is a link: they are not changed.
 * @module
 */

import { objectPath, type StoreBuilder } from '../../builder/store.ts';
import type { Recipe } from '../../recipe.ts';
import { demo, letters, rejectsImport, rejectsStore, storeWith } from './parts.ts';

/** A store with an image, its name, another root and an object that nothing needs. */
function complete(): StoreBuilder {
  const { store } = storeWith(demo);
  const image = [...store.entries.keys()].find(path => path.startsWith('images/')) ?? '';
  store.link('images/refs/mine', `../${image.slice('images/'.length)}`).object('not needed');
  return store;
}

/** The store with the content of the directory `path` elsewhere, and a link to it. */
function linked(path: string): StoreBuilder {
  const store = complete();
  for (const [below, entry] of [...store.entries]) {
    if (!below.startsWith(`${path}/`)) continue;
    store.entries.delete(below);
    store.entries.set(`elsewhere/${below.slice(path.length + 1)}`, entry);
  }
  store.entries.delete(path);
  return store.link(path, `${'../'.repeat(path.split('/').length - 1)}elsewhere`);
}

const about = { requirements: ['STORE-135'], class: 'HOSTILE' } as const;

export const recipes: readonly Recipe[] = [
  ...['objects', 'images', 'images/refs', 'streams', 'streams/refs'].map(path =>
    rejectsStore(`gc-linked-${path.replaceAll('/', '-')}`, 'gc', 'STORE_DAMAGED', 'gc-shared', {
      title: `Nothing is removed if the directory ${path} is a link`,
      ...about,
      store: linked(path),
    }),
  ),
  rejectsStore('gc-linked-directory-of-objects', 'gc', 'STORE_DAMAGED', 'gc-shared', {
    title: 'Nothing is removed if a directory of objects is a link',
    ...about,
    store: linked(objectPath(complete().digest(letters)).slice(0, 'objects/XX'.length)),
  }),
  rejectsImport('import-linked-names', 'STORE_DAMAGED', 'import-shared-layer', {
    title: 'Nothing is imported if the directory of the names is a link',
    ...about,
    store: linked('streams/refs/oci'),
    image: demo,
  }),
];
