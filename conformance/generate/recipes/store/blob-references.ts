/**
 * References of manifests to blobs, and those that look like them.
 * @module
 */

import { blobPath } from '../../builder/layout.ts';
import { type NewStream, StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import type { Recipe } from '../../recipe.ts';
import {
  documentsOf,
  finds,
  gzipDemo,
  type ImageInStore,
  imports,
  returns,
  storeWith,
  twoHashes,
  whole,
} from './parts.ts';

const { manifest, config, blobs } = documentsOf(gzipDemo);
const [first = '', second = ''] = blobs;

/** Changes the named references of the manifest. */
function withNames(
  image: ImageInStore,
  change: (names: Record<string, string>) => Record<string, string>,
): StoreBuilder {
  const { store } = storeWith(image, {
    change: (_, stream) =>
      stream.type === contentTypes.manifest ? { ...stream, names: change({ ...stream.names }) } : stream,
  });
  return store;
}

const archives = documentsOf(twoHashes);
const [archive = ''] = archives.blobs;
const blob: NewStream = {
  type: contentTypes.blob,
  records: whole(new StoreBuilder(), archives.layout.files[blobPath(archive)] ?? ''),
};

/** The image of most cases, and its first layer also as a blob, which it is not. */
function withBlob(names: (object: string) => Record<string, string>): StoreBuilder {
  const object = new StoreBuilder().streamObject(blob);
  const store = withNames(twoHashes, found => ({ ...found, ...names(object) }));
  store.object(archives.layout.files[blobPath(archive)] ?? '');
  store.stream(`oci-blob-${archive}`, blob);
  return store;
}

export const recipes: readonly Recipe[] = [
  finds('blob-reference-without-a-config', {
    title: 'References to blobs are checked even if the config is missing',
    requirements: ['STORE-131'],
    class: 'EDGE_CASE',
    store: storeWith(gzipDemo)
      .store.link(
        `streams/oci-blob-${first}`,
        `../${storeWith(gzipDemo).store.behind(`streams/oci-blob-${second}`)}`,
      )
      .remove(`streams/oci-config-${config}`),
    findings: [
      ['content-digest', `streams/oci-blob-${first}`],
      ['content-missing', `streams/oci-config-${config}`],
      ['stream-references', `streams/oci-manifest-${manifest}`],
    ],
  }),
  returns('export-blobs-without-references', {
    title: 'A blob with a link is returned even without a reference',
    requirements: ['STORE-052', 'STORE-054'],
    needs: ['store.blobs'],
    class: 'EDGE_CASE',
    store: withNames(gzipDemo, ({ [first]: _, [second]: __, ...names }) => names),
    documents: documentsOf(gzipDemo),
    layers: gzipDemo.layers,
    params: { name: 'demo', layout: 'true' },
  }),
  finds('reference-like-a-blob', {
    title: 'A reference for a layer that is not compressed can be anything',
    requirements: ['STORE-131'],
    class: 'EDGE_CASE',
    store: withNames(twoHashes, names => ({ ...names, [archive]: Object.values(names)[0] ?? '' })),
    findings: [],
  }),
  imports('import-reference-like-a-blob', {
    title: 'A layer that is not compressed has no reference to a blob',
    requirements: ['STORE-011', 'STORE-108'],
    class: 'EDGE_CASE',
    image: twoHashes,
    store: withBlob(object => ({ [archive]: object })),
    after: withBlob(() => ({})),
  }),
  imports('import-blob-without-its-link', {
    title: 'A blob without its link is not kept',
    requirements: ['STORE-011'],
    needs: ['store.blobs'],
    class: 'EDGE_CASE',
    image: gzipDemo,
    store: storeWith(gzipDemo).store.remove(`streams/oci-blob-${first}`),
    after: withNames(gzipDemo, ({ [first]: _, ...names }) => names).remove(`streams/oci-blob-${first}`),
    keptBlobs: '1',
  }),
];
