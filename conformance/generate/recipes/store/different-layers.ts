/**
 * Manifests whose configs have a different number of layers.
 * @module
 */

import { objectPath, StoreBuilder } from '../../builder/store.ts';
import type { Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import { addImage, demo, documentsOf, leadsTo, rejectsStore, removes } from './parts.ts';

/** The image of most cases with a manifest that has one of its layers. */
const fewer = (() => {
  const { layers } = JSON.parse(Buffer.from(documentsOf(demo).manifestBytes).toString());
  return documentsOf({ ...demo, manifest: { layers: layers.slice(0, 1) } });
})();

/** A store with that image, and one whose documents match beside it. */
function store(): StoreBuilder {
  const found = new StoreBuilder();
  addImage(found, demo, { documents: fewer });
  found.object('not needed');
  return found.name('demo', fewer.manifest);
}

function withSound(): StoreBuilder {
  const found = store();
  addImage(found, demo);
  return found;
}

export const recipes: readonly Recipe[] = [
  removes('gc-other-number-of-layers', {
    title: 'A config with more layers does not prevent the removal',
    requirements: ['STORE-029', 'STORE-020'],
    store: store(),
    removed: [objectPath(store().digest('not needed'))],
  }),
  rejectsStore('export-other-number-of-layers', 'export', 'STORE_DAMAGED', 'export', {
    title: 'An image whose config has more layers is not returned',
    requirements: ['STORE-055'],
    class: 'MALFORMED',
    store: store(),
    params: { name: 'demo' },
  }),
  leadsTo('find-other-number-of-layers', {
    title: 'A manifest whose config has more layers is not an entry',
    requirements: ['STORE-064'],
    store: withSound(),
    digest: trees.helloData.sha256,
    images: [
      [
        documentsOf(demo).manifest,
        'linux/amd64',
        'merged',
        'v1',
        'fsverity-sha256-12',
        'allowlist-only',
        'unverified',
      ],
    ],
  }),
];
