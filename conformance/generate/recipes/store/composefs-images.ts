/**
 * Composefs images whose files lead to something else than objects of the store, or whose objects are missing.
 * @module
 */

import { objectPath, type StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import type { Recipe } from '../../recipe.ts';
import { external, imageOf, objectOf, sha512 } from '../erofs/parts.ts';
import { trees } from '../image/parts.ts';
import { demo, documentsOf, finds, rejectsStore, removes, storeWith } from './parts.ts';

const missing = 'ab'.repeat(32);

/** A composefs image with a file of this payload, or without one. */
function withPayload(payload?: string): Uint8Array {
  return imageOf(
    `${trees.hello.dumpfile}${external('/usr/x', '100', payload === undefined ? {} : { payload })}`,
  );
}

/** Payloads that are not paths of objects of a store with SHA-256, by slug and title. */
const others = [
  ['of-other-files', 'A composefs image of a file elsewhere', 'other/place'],
  ['of-another-algorithm', 'A composefs image of an object of SHA-512', objectOf(sha512)],
  ['of-nothing', 'A composefs image of a file without a place', undefined],
  ['of-another-separator', 'A composefs image of an object with another sign', `ab-${'ab'.repeat(31)}`],
  ['of-upper-case', 'A composefs image of an object in capital letters', objectOf(missing.toUpperCase())],
  ['of-an-undivided-path', 'A composefs image of an object without a slash', missing],
] as const;

/** The store of most cases, changed, with an object that nothing needs. */
function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  store.object('not needed');
  change(store);
  return store;
}

const notNeeded = objectPath(storeWith().store.digest('not needed'));

/** A root for a composefs image. */
function needImage(store: StoreBuilder, content: Uint8Array): void {
  store.link('images/refs/mine', `../${store.image(content)}`);
}

export const recipes: readonly Recipe[] = [
  ...others.map(([slug, title, payload]) =>
    finds(`image-${slug}`, {
      title: `${title} is found`,
      requirements: ['STORE-136'],
      class: 'MALFORMED',
      store: changed(store => store.image(withPayload(payload))),
      findings: [['image-invalid', `images/${storeWith().store.digest(withPayload(payload))}`]],
    }),
  ),
  ...others.slice(0, 2).map(([slug, title, payload]) =>
    rejectsStore(`gc-image-${slug}`, 'gc', 'STORE_DAMAGED', 'gc-object', {
      title: `${title} prevents the removal`,
      requirements: ['STORE-136', 'STORE-023'],
      class: 'MALFORMED',
      store: changed(store => needImage(store, withPayload(payload))),
    }),
  ),
  rejectsStore('gc-stream-as-image', 'gc', 'STORE_DAMAGED', 'gc-object', {
    title: 'A stream as the composefs image of a config prevents the removal',
    requirements: ['STORE-023'],
    class: 'MALFORMED',
    store: (() => {
      const layer = storeWith().store.linked(`streams/oci-layer-${documentsOf(demo).diffIds[0]}`);
      const { store } = storeWith(demo, {
        change: (_, stream) =>
          stream.type === contentTypes.config
            ? { ...stream, names: { ...stream.names, 'composefs.image.boot.v1': layer } }
            : stream,
      });
      return store.link(`images/${layer}`, `../${objectPath(layer)}`);
    })(),
  }),
  removes('gc-image-object-missing', {
    title: 'A missing content of an image does not prevent the removal',
    requirements: ['STORE-029'],
    store: changed(store => needImage(store, withPayload(objectOf(missing)))),
    removed: [notNeeded],
  }),
  removes('gc-reference-to-neither-with-link', {
    title: 'An object that is neither can have the link of an image',
    requirements: ['STORE-024'],
    class: 'EDGE_CASE',
    store: changed(store => {
      const neither = store.image(Buffer.from('neither'));
      store.program({ a: neither }, [{ inline: 'text' }]);
    }),
    removed: [notNeeded],
  }),
];
