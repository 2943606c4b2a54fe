/**
 * Imports into stores that have the image, or a part of it, in a damaged form, which is replaced.
 * @module
 */

import { type NewStream, objectPath, StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import { concat, zeros } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { bonjour, data, goodbye, hello, trees } from '../image/parts.ts';
import {
  addImage,
  demo,
  documentsOf,
  type ImageInStore,
  type ImportFacts,
  imports,
  letters,
  type StreamChange,
  storeWith,
} from './parts.ts';

const v1 = 'composefs.image.v1';

/** Layers that make the tree of the image of most cases; each is another archive. */
const three: ImageInStore = {
  layers: [
    { tar: hello },
    { tar: data, objects: [letters] },
    { tar: concat(data, zeros(1)), objects: [letters] },
  ],
  images: { [v1]: trees.helloData.dumpfile },
};
/** The same with each layer in a blob of its own. */
const threeBlobs: ImageInStore = {
  ...three,
  layers: three.layers.map(layer => ({ ...layer, compression: 'gzip' })),
  keepBlobs: true,
};

/** The sound store of `image`, and the files that a damaged one had. */
function repaired(image: ImageInStore, damaged: StoreBuilder): StoreBuilder {
  const { store } = storeWith(image);
  for (const [path, entry] of damaged.entries)
    if (entry.kind === 'file' && !store.entries.has(path)) store.file(path, entry.content);
  return store;
}

/** A false content type, a false total size, and an object that no store has. */
const faults: readonly ((stream: NewStream) => NewStream)[] = [
  stream => ({ ...stream, type: contentTypes.manifest }),
  stream => ({ ...stream, size: 0n }),
  ({ records, ...stream }) => {
    const object = new StoreBuilder().digest('missing');
    return {
      ...stream,
      records: records.map(record => ('object' in record ? { ...record, object } : record)),
    };
  },
];

/** An import of `image` into a store in which each of three streams has one of the {@link faults}. */
function replaces(
  slug: string,
  image: ImageInStore,
  names: readonly string[],
  facts: Omit<ImportFacts, 'image' | 'store'>,
): Recipe {
  const change: StreamChange = (name, stream) => faults[names.indexOf(name)]?.(stream) ?? stream;
  const { store } = storeWith(image, { change });
  return imports(slug, { ...facts, image, store, after: repaired(image, store) });
}

const streams: readonly Recipe[] = [
  replaces(
    'import-over-false-layers',
    three,
    documentsOf(three).diffIds.map(digest => `oci-layer-${digest}`),
    {
      title: 'Layers with a false type, total size or object are replaced',
      requirements: ['STORE-006', 'STORE-108', 'STORE-112', 'STORE-118'],
    },
  ),
  replaces(
    'import-over-false-blobs',
    threeBlobs,
    documentsOf(threeBlobs).blobs.map(digest => `oci-blob-${digest}`),
    {
      title: 'Blobs with a false type, total size or object are replaced',
      requirements: ['STORE-011', 'STORE-108', 'STORE-112', 'STORE-118'],
      needs: ['store.blobs'],
      params: { blobs: 'true' },
    },
  ),
];

const objects: readonly Recipe[] = [
  imports('import-over-a-damaged-layer', {
    title: 'A layer under a false diff_id is replaced',
    requirements: ['STORE-004', 'STORE-108'],
    links: ['https://github.com/composefs/composefs-rs'],
    ...(() => {
      const [diffId = ''] = documentsOf(demo).diffIds;
      const store = new StoreBuilder();
      const broken = store.stream(`oci-layer-${diffId}`, {
        type: contentTypes.layer,
        records: [{ inline: bonjour }],
      });
      return { store, after: storeWith().store.file(objectPath(broken), store.content(objectPath(broken))) };
    })(),
    image: demo,
  }),
  imports('import-over-a-damaged-object', {
    title: 'An object with other content of the same size is replaced',
    requirements: ['STORE-010'],
    image: demo,
    ...(() => {
      const { store } = storeWith();
      const path = objectPath(store.digest(letters));
      return { store: store.file(path, letters.replace('x', 'y')), after: storeWith().store };
    })(),
  }),
  imports('import-over-other-types', {
    title: 'What is not of the type of the layout is absent, and replaced',
    requirements: ['STORE-075', 'STORE-070'],
    class: 'HOSTILE',
    ...(() => {
      const { store, documents } = storeWith();
      const { manifest, diffIds } = documents;
      const after = storeWith().store.file('letters', letters);
      const layer = `streams/oci-layer-${diffIds[0]}`;
      const image = `images/${trees.helloData.sha256}`;
      const manifestLink = `streams/oci-manifest-${manifest}`;
      // Each has the right content: a link instead of a file, files instead of links, and a link from elsewhere.
      store
        .file('letters', letters)
        .link(objectPath(store.digest(letters)), '../../letters')
        .file(layer, store.content(store.behind(layer)))
        .file(image, store.content(store.behind(image)))
        .link(manifestLink, `../streams/../${store.behind(manifestLink)}`)
        .file('streams/refs/oci/demo', manifest);
      return { store, after };
    })(),
    image: demo,
  }),
  imports('import-beside-a-damaged-manifest', {
    title: 'A damaged manifest of another image does not prevent an import',
    requirements: ['STORE-107', 'STORE-001'],
    ...(() => {
      const other = { layers: [{ tar: hello }, { tar: goodbye }], images: {} };
      const damaged = (store: StoreBuilder) => {
        const { manifest } = addImage(store, other);
        return store.file(store.behind(`streams/oci-manifest-${manifest}`), 'damaged');
      };
      return { store: damaged(new StoreBuilder()), after: damaged(storeWith().store) };
    })(),
    image: demo,
  }),
];

export const recipes: readonly Recipe[] = [...streams, ...objects];
