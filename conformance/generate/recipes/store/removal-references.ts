/**
 * Removal from stores with many references, long ones, and blobs in another form.
 * @module
 */

import { createHash } from 'node:crypto';
import { type NewStream, objectPath, StoreBuilder } from '../../builder/store.ts';
import { contentTypes, type StreamRecord } from '../../builder/store-stream.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import { type ImageInStore, rejectsStore, removes, type StreamChange, storeWith, whole } from './parts.ts';

/** How many object references a stream has. */
const COUNT = 1100;
/** The numbers of those that exist: the first and last ones, and those around each power of two. */
const existing = [0, 1, 2, 254, 255, 256, 257, 509, 510, 511, 512, 513, 1021, 1022, 1023, 1024, 1099];

/** The start of a digest as a number. */
const start = (digest: string) => Buffer.from(digest.slice(0, 8), 'hex').readUInt32LE();

/** The first content of `contentOf` whose digest starts with a number that `isWanted`. */
function find<T>(
  contentOf: (n: number) => T,
  digestOf: (content: T) => string,
  isWanted: (start: number) => boolean,
): T {
  for (let n = 0; ; n++) {
    const content = contentOf(n);
    if (isWanted(start(digestOf(content)))) return content;
  }
}

/**
 * A store with a stream that a root needs, and objects that nothing needs. The digests fill a table unevenly that
 * places them by their starts: all are even, most are one of two numbers, and one that nothing needs is like another.
 */
function withManyReferences() {
  const store = new StoreBuilder();
  const digestOf = (content: string) => store.digest(content);
  const isEven = (number: number) => number % 2 === 0;
  const digests = Array.from({ length: COUNT }, (_, i) =>
    existing.includes(i)
      ? store.object(find(n => `object ${i} ${n}`, digestOf, isEven))
      : `${isEven(i) ? '00000000' : 'feffffff'}${i.toString(16).padStart(56, '0')}`,
  );
  const objects = Buffer.from(digests.join(''), 'hex');
  const stream = find(
    (n): NewStream => ({ type: 'whatever', records: [{ inline: `text ${n}` }], sections: { objects } }),
    content => new StoreBuilder().streamObject(content),
    isEven,
  );
  store.stream('program', stream);
  store.link('streams/refs/program', '../program');
  const isLikeAnother = (number: number) => number % 2048 === start(digests[1] ?? '') % 2048;
  const unneeded = ['a', 'b', find(n => `c ${n}`, digestOf, isLikeAnother)];
  return { store, removed: unneeded.map(text => objectPath(store.object(text))) };
}

/** Another named reference of the manifest, to the stream of its config. */
const withReference =
  (name: string): StreamChange =>
  (link, stream) => {
    const [object = ''] = Object.values(stream.names ?? {});
    return link.startsWith('oci-manifest-')
      ? { ...stream, names: { ...stream.names, [name]: object } }
      : stream;
  };

/** An image of one layer, whose manifest refers to a blob of `records`, with this name. */
function withBlob(name: string, records: (store: StoreBuilder) => readonly StreamRecord[]): StoreBuilder {
  const image: ImageInStore = {
    layers: [{ tar: hello }],
    images: { 'composefs.image.v1': trees.hello.dumpfile },
  };
  const store = new StoreBuilder();
  const blob = store.stream(`oci-blob-${name}`, { type: contentTypes.blob, records: records(store) });
  const { store: stored } = storeWith(image, {
    change: (link, stream) =>
      link.startsWith('oci-manifest-') ? { ...stream, names: { ...stream.names, [name]: blob } } : stream,
  });
  for (const [path, entry] of stored.entries) store.entries.set(path, entry);
  store.object('not needed');
  return store;
}

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export const recipes: readonly Recipe[] = [
  removes('gc-many-references', {
    title: 'All objects of a stream with many references are kept',
    requirements: ['STORE-020', 'STORE-021'],
    class: 'LIMIT',
    ...withManyReferences(),
  }),
  removes('gc-long-reference', {
    title: 'The name of a reference can be longer than the name of a file',
    requirements: ['STORE-020', 'STORE-024'],
    class: 'EDGE_CASE',
    store: storeWith(undefined, { change: withReference('n'.repeat(300)) }).store,
    removed: [],
  }),
  removes('gc-reference-like-a-blob', {
    title: 'A reference that is not a digest does not keep a blob of that name',
    requirements: ['STORE-021', 'STORE-106'],
    class: 'EDGE_CASE',
    ...(() => {
      const { store } = storeWith(undefined, { change: withReference('a') });
      const stream = store.stream('oci-blob-a', { type: contentTypes.blob, records: whole(store, 'a') });
      return { store, removed: ['streams/oci-blob-a', objectPath(stream), objectPath(store.digest('a'))] };
    })(),
  }),
  removes('gc-blob-of-another-object', {
    title: 'A blob is kept even if its reference leads to another object',
    requirements: ['STORE-024'],
    needs: ['store.blobs'],
    class: 'EDGE_CASE',
    ...(() => {
      const store = withBlob(digestOf('blob'), found => whole(found, 'blob'));
      store.stream(`oci-blob-${digestOf('blob')}`, {
        type: contentTypes.blob,
        records: whole(store, 'other'),
      });
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-reference-to-a-manifest', {
    title: 'A manifest that only a reference leads to does not need its config',
    requirements: ['STORE-024'],
    ...(() => {
      const { store, documents } = storeWith();
      const { manifest, config } = documents;
      store.program({ a: store.linked(`streams/oci-manifest-${manifest}`) }, [{ inline: 'text' }]);
      store.remove('streams/refs/oci/demo').remove(`streams/oci-config-${config}`);
      store.object('not needed');
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-object-that-is-a-stream', {
    title: 'A stream that is also the content of another one is followed',
    requirements: ['STORE-024'],
    class: 'EDGE_CASE',
    ...(() => {
      const { store } = storeWith();
      const inner = store.streamObject({
        type: 'whatever',
        records: [{ inline: 'text' }],
        names: { a: store.object('needed') },
      });
      const size = store.content(objectPath(inner)).length;
      store.stream('a', { type: 'whatever', records: [{ object: inner, size }] });
      store.stream('b', { type: 'whatever', records: [{ inline: 'b' }], names: { a: inner } });
      store.link('streams/refs/a', '../a').link('streams/refs/b', '../b');
      store.object('not needed');
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-reference-to-an-older-stream', {
    title: 'A reference can lead to a stream with the older header',
    requirements: ['STORE-115', 'STORE-024'],
    ...(() => {
      const { store } = storeWith();
      const records = [{ inline: 'text' }];
      const names = { a: store.object('needed') };
      const inner = store.streamObject({ type: 'whatever', records, names, older: true });
      store.program({ a: inner });
      store.object('not needed');
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-links-of-other-names', {
    title: 'A link to an object that is removed goes with it, whatever its name',
    requirements: ['STORE-021'],
    class: 'EDGE_CASE',
    ...(() => {
      const { store } = storeWith();
      const path = objectPath(store.object('not needed'));
      const links = ['images/mine', 'streams/oci-mine', `images/${'1'.repeat(63)}`];
      for (const link of links) store.link(link, `../${path}`);
      return { store, removed: [...links, path] };
    })(),
  }),
  removes('gc-links-to-needed-objects', {
    title: 'A link that nothing needs stays with its object',
    requirements: ['STORE-021'],
    class: 'EDGE_CASE',
    ...(() => {
      const { store, documents } = storeWith();
      const path = store.behind(`streams/oci-layer-${documents.diffIds[0]}`);
      const links = ['images/mine', `images/${'1'.repeat(64)}`, `streams/oci-layer-sha256:${'1'.repeat(64)}`];
      for (const link of [...links, 'streams/mine']) store.link(link, `../${path}`);
      store.object('not needed');
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-blob-of-one-object', {
    title: 'A blob without a byte that is one object is kept',
    requirements: ['STORE-105', 'STORE-113'],
    needs: ['store.blobs'],
    ...(() => {
      const store = withBlob(digestOf(''), found => whole(found, ''));
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  rejectsStore('gc-blob-of-no-object', 'gc', 'STORE_DAMAGED', 'gc-blob-of-one-object', {
    title: 'A blob without a byte of no object at all prevents the removal',
    requirements: ['STORE-023', 'STORE-113'],
    class: 'MALFORMED',
    needs: ['store.blobs'],
    store: withBlob(digestOf(''), () => []),
  }),
  rejectsStore('gc-blob-of-two-objects', 'gc', 'STORE_DAMAGED', 'gc-blob-of-one-object', {
    title: 'A blob of two objects prevents the removal',
    requirements: ['STORE-023', 'STORE-113'],
    class: 'MALFORMED',
    needs: ['store.blobs'],
    store: withBlob(digestOf('ab'), found => [...whole(found, 'a'), ...whole(found, 'b')]),
  }),
];
