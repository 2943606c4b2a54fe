/**
 * Export: manifest, config and layers as they were imported.
 * @module
 */

import { objectPath, StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import { archive, file } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { bonjour, goodbye, hello, trees } from '../image/parts.ts';
import {
  addImage,
  demo,
  documentsOf,
  type ImageInStore,
  indented,
  letters,
  rejectsStore,
  returns,
  storeWith,
  twoHashes,
  whole,
  withoutMediaTypes,
} from './parts.ts';

const v1 = 'composefs.image.v1';
const documents = documentsOf(demo);
const { manifest, config, diffIds } = documents;
const { layers } = demo;
const upperCase = manifest.toUpperCase().replace('SHA', 'sha');

/** The image in compressed layers. */
function compressed(keepBlobs: boolean): ImageInStore {
  return {
    layers: [
      { tar: hello, compression: 'gzip' },
      { tar: goodbye, compression: 'zstd' },
    ],
    images: { [v1]: trees.helloGoodbye.dumpfile },
    keepBlobs,
  };
}
const kept = compressed(true);

/** The image of most cases with a manifest that has the same false digest for both layers. */
const falseDigests: ImageInStore = {
  ...demo,
  layers: layers.map(layer => ({ ...layer, descriptor: { digest: `sha256:${'1'.repeat(64)}` } })),
};

const returned: readonly Recipe[] = [
  returns('export', {
    title: 'An image has its documents and archives byte for byte',
    requirements: ['STORE-050', 'STORE-051', 'STORE-054'],
    store: storeWith().store,
    documents,
    layers,
  }),
  returns('export-by-digest', {
    title: 'An image without a name is found by its manifest digest',
    requirements: ['STORE-050'],
    store: storeWith().store.remove('streams/refs/oci/demo'),
    documents,
    layers,
    params: { manifestDigest: manifest },
  }),
  returns('export-pretty-documents', {
    title: 'Manifest and config are returned with their white space',
    requirements: ['STORE-050', 'STORE-056'],
    class: 'EDGE_CASE',
    ...(() => {
      const pretty = indented(demo);
      const store = new StoreBuilder();
      addImage(store, demo, { documents: pretty });
      return { store: store.name('demo', pretty.manifest), documents: pretty, layers };
    })(),
  }),
  returns('export-escaped-name', {
    title: 'A name with slashes and percent signs is found',
    requirements: ['STORE-090', 'STORE-050'],
    store: storeWith().store.name('registry.example%2Fapp@1%25', manifest),
    documents,
    layers,
    params: { name: 'registry.example/app@1%', layout: 'true' },
  }),
  returns('export-name-with-at-sign', {
    title: 'A name can have an at sign behind its first character',
    requirements: ['STORE-013', 'STORE-050'],
    class: 'EDGE_CASE',
    store: storeWith().store.remove('streams/refs/oci/demo').name('app@1', manifest),
    documents,
    layers,
    params: { name: 'app@1' },
  }),
  returns('export-layout', {
    title: 'An image whose layers are not compressed has its layout',
    requirements: ['STORE-052'],
    store: storeWith().store,
    documents,
    layers,
    params: { name: 'demo', layout: 'true' },
  }),
  returns('export-two-hashes', {
    title: 'The blob of a layer that is not compressed is its archive',
    requirements: ['STORE-052', 'STORE-054'],
    store: storeWith(twoHashes).store,
    documents: documentsOf(twoHashes),
    layers,
    params: { name: 'demo', layout: 'true' },
  }),
  returns('export-without-media-types', {
    title: 'A Docker manifest without its media type has a layout',
    requirements: ['STORE-052', 'STORE-050'],
    store: storeWith(withoutMediaTypes).store,
    documents: documentsOf(withoutMediaTypes),
    layers,
    params: { name: 'demo', layout: 'true' },
  }),
  returns('export-kept-blobs', {
    title: 'An image with kept blobs has its layout',
    requirements: ['STORE-052', 'STORE-054'],
    needs: ['store.blobs'],
    store: storeWith(kept).store,
    documents: documentsOf(kept),
    layers: kept.layers,
    params: { name: 'demo', layout: 'true' },
  }),
  returns('export-without-blobs', {
    title: 'An image without its blobs has its archives',
    requirements: ['STORE-051', 'STORE-054'],
    store: storeWith(compressed(false)).store,
    documents: documentsOf(kept),
    layers: kept.layers,
    keptBlobs: 'none',
  }),
  returns('export-one-blob', {
    title: 'The layers with a kept blob are listed',
    requirements: ['STORE-054'],
    needs: ['store.blobs'],
    store: (() => {
      const { store } = storeWith(kept);
      return store.remove(`streams/oci-blob-${documentsOf(kept).blobs[0]}`);
    })(),
    documents: documentsOf(kept),
    layers: kept.layers,
    keptBlobs: '1',
  }),
  returns('export-with-a-damaged-image', {
    title: 'A damaged composefs image does not prevent an export',
    requirements: ['STORE-055'],
    store: storeWith().store.file(objectPath(trees.helloData.sha256), 'damaged'),
    documents,
    layers,
  }),
  returns('export-sha512', {
    title: 'A store with SHA-512 has the same documents and archives',
    requirements: ['STORE-050', 'STORE-051'],
    ...(() => {
      const image = { layers: [{ tar: hello }], images: { [v1]: trees.hello.dumpfile } };
      const { store, documents: found } = storeWith(image, { hash: 'sha512' });
      return { store, documents: found, layers: image.layers };
    })(),
  }),
  returns('export-same-layer-twice', {
    title: 'A layer that an image has twice is returned twice',
    requirements: ['STORE-051'],
    class: 'EDGE_CASE',
    ...(() => {
      const image = { layers: [{ tar: hello }, { tar: hello }], images: { [v1]: trees.hello.dumpfile } };
      const { store, documents: found } = storeWith(image);
      return { store, documents: found, layers: image.layers };
    })(),
  }),
  returns('export-several-objects', {
    title: 'A layer of several objects is returned in order',
    requirements: ['STORE-051'],
    ...(() => {
      const contents = ['c', 'a', 'b'].map(letter => letter.repeat(100));
      const tar = archive(...contents.map((content, i) => file(`usr/${i}`, content)));
      const image = { layers: [{ tar: hello }, { tar, objects: contents }], images: {} };
      const { store, documents: found } = storeWith(image);
      return { store, documents: found, layers: image.layers };
    })(),
  }),
  returns('export-one-of-two', {
    title: 'The image with the name is returned, and no other one',
    requirements: ['STORE-050'],
    ...(() => {
      const { store } = storeWith();
      const other = { layers: [{ tar: bonjour }], images: { [v1]: trees.bonjour.dumpfile } };
      const found = addImage(store, other);
      store.name('other', found.manifest);
      return { store, documents: found, layers: other.layers, params: { name: 'other' } };
    })(),
  }),
];

/** The named references of the config of most cases. */
function namesOfConfig(store: StoreBuilder): Record<string, string> {
  const layerNames = diffIds.map(id => [id, store.linked(`streams/oci-layer-${id}`)]);
  return Object.fromEntries([...layerNames, [v1, trees.helloData.sha256]]);
}

interface Rejected {
  readonly title: string;
  readonly requirements: readonly string[];
  readonly change?: (store: StoreBuilder) => unknown;
  readonly params?: Readonly<Record<string, string>>;
  readonly control?: string;
}

function rejects(
  slug: string,
  code: string | readonly string[],
  { title, requirements, change, params, control }: Rejected,
): Recipe {
  const { store } = storeWith();
  change?.(store);
  return rejectsStore(`export-${slug}`, 'export', code, control ?? 'export', {
    title,
    requirements,
    store,
    params: params ?? { name: 'demo' },
  });
}

const rejected: readonly Recipe[] = [
  rejects('unknown-name', 'STORE_UNKNOWN', {
    title: 'A name that the store does not have is rejected',
    requirements: ['STORE-057'],
    params: { name: 'other' },
  }),
  rejects('name-of-another-form', 'STORE_UNKNOWN', {
    title: 'A name that leads to something else than a manifest is rejected',
    requirements: ['STORE-057', 'STORE-070'],
    change: store => store.link('streams/refs/oci/other', `../../oci-config-${config}`),
    params: { name: 'other' },
  }),
  rejects('name-without-its-manifest', 'STORE_DAMAGED', {
    title: 'The manifest that a name leads to is missing',
    requirements: ['STORE-057', 'STORE-055'],
    change: store => store.name('other', `sha256:${'1'.repeat(64)}`),
    params: { name: 'other' },
  }),
  rejects('unknown-digest', 'STORE_UNKNOWN', {
    title: 'A manifest that the store does not have is rejected',
    requirements: ['STORE-057'],
    params: { manifestDigest: config },
    control: 'export-by-digest',
  }),
  rejects('unknown-upper-case-digest', 'STORE_UNKNOWN', {
    title: 'A link with a digest in upper case is not that of a manifest',
    requirements: ['STORE-057', 'STORE-075'],
    change: store =>
      store.link(
        `streams/oci-manifest-${upperCase}`,
        `../${store.behind(`streams/oci-manifest-${manifest}`)}`,
      ),
    params: { manifestDigest: upperCase },
    control: 'export-by-digest',
  }),
  rejects('invalid-name', 'STORE_NAME', {
    title: 'A name that is not allowed is rejected',
    requirements: ['STORE-013'],
    // The link exists, but is not a name (STORE-091).
    change: store => store.name('a\x07b', manifest),
    params: { name: 'a\x07b' },
  }),
  rejects('name-of-another-link', ['STORE_DAMAGED', 'STORE_UNKNOWN'], {
    title: 'A name whose manifest is a link of another form has no image',
    requirements: ['STORE-055', 'STORE-075'],
    change: store => store.link(`streams/oci-manifest-${manifest}`, '/etc/passwd'),
  }),
  rejects('name-of-a-file', 'STORE_UNKNOWN', {
    title: 'A file instead of the link of a name is not a name',
    requirements: ['STORE-075'],
    change: store => store.file('streams/refs/oci/demo', manifest),
  }),
  rejects('file-for-names', 'STORE_UNKNOWN', {
    title: 'A file instead of the directory of names has no names',
    requirements: ['STORE-057'],
    change: store => store.remove('streams/refs/oci/demo').file('streams/refs/oci', manifest),
  }),
  rejects('damaged-manifest', 'STORE_DAMAGED', {
    title: 'A damaged manifest is not returned',
    requirements: ['STORE-055', 'STORE-056'],
    change: store => store.file(objectPath(store.digest(documents.manifestBytes)), documents.configBytes),
  }),
  rejects('manifest-of-another', 'STORE_DAMAGED', {
    title: 'A manifest under the digest of another one is not returned',
    requirements: ['STORE-055'],
    change: store => {
      const digest = `sha256:${'1'.repeat(64)}`;
      store.link(`streams/oci-manifest-${digest}`, `../${store.behind(`streams/oci-manifest-${manifest}`)}`);
      store.name('demo', digest);
    },
  }),
  rejects('missing-config', 'STORE_DAMAGED', {
    title: 'An image without its config is not returned',
    requirements: ['STORE-055'],
    change: store => store.remove(`streams/oci-config-${config}`),
  }),
  rejects('damaged-object', 'STORE_DAMAGED', {
    title: 'A layer with a damaged object is not returned',
    requirements: ['STORE-055'],
    change: store => store.file(objectPath(store.digest(letters)), letters.replace('x', 'y')),
  }),
  rejects('missing-object', 'STORE_DAMAGED', {
    title: 'A layer with a missing object is not returned',
    requirements: ['STORE-055'],
    change: store => store.remove(objectPath(store.digest(letters))),
  }),
  rejects('missing-layer', 'STORE_DAMAGED', {
    title: 'An image without one of its layers is not returned',
    requirements: ['STORE-055'],
    change: store => store.remove(`streams/oci-layer-${diffIds[0]}`),
  }),
  rejects('false-diff-id', 'STORE_DAMAGED', {
    title: 'A layer under a false diff_id is not returned',
    requirements: ['STORE-055'],
    change: store =>
      store.stream(`oci-layer-${diffIds[0]}`, { type: contentTypes.layer, records: [{ inline: bonjour }] }),
  }),
  rejects('layer-type', 'STORE_DAMAGED', {
    title: 'A layer with the content type of a manifest is not returned',
    requirements: ['STORE-055', 'STORE-118'],
    change: store =>
      store.stream(`oci-layer-${diffIds[0]}`, { type: contentTypes.manifest, records: [{ inline: hello }] }),
  }),
  rejects('layer-size', 'STORE_DAMAGED', {
    title: 'A layer whose stream has a wrong total size is not returned',
    requirements: ['STORE-055', 'STORE-112'],
    change: store =>
      store.stream(`oci-layer-${diffIds[0]}`, {
        type: contentTypes.layer,
        records: [{ inline: hello }],
        size: BigInt(hello.length + 1),
      }),
  }),
  rejects('config-size', 'STORE_DAMAGED', {
    title: 'A config whose stream has a wrong total size is not returned',
    requirements: ['STORE-055', 'STORE-112'],
    change: store =>
      store.stream(`oci-config-${config}`, {
        type: contentTypes.config,
        records: whole(store, documents.configBytes),
        names: namesOfConfig(store),
        size: 0n,
      }),
  }),
  rejectsStore('export-layout-without-blobs', 'export', 'STORE_BLOB', 'export-layout', {
    title: 'An image without its blobs does not have a layout',
    requirements: ['STORE-053', 'STORE-056'],
    store: storeWith(compressed(false)).store,
    params: { name: 'demo', layout: 'true' },
  }),
  rejectsStore('export-false-blob', 'export', 'STORE_DAMAGED', 'export-layout', {
    title: 'An archive is not returned as a blob whose digest it does not match',
    requirements: ['STORE-055'],
    store: storeWith(falseDigests).store,
    params: { name: 'demo', layout: 'true' },
  }),
  rejectsStore('export-damaged-blob', 'export', 'STORE_DAMAGED', 'export-kept-blobs', {
    title: 'A damaged blob is not returned',
    requirements: ['STORE-055'],
    needs: ['store.blobs'],
    store: (() => {
      const { store } = storeWith(kept);
      const blob = documentsOf(kept).layout.files[`blobs/sha256/${documentsOf(kept).blobs[0]?.slice(7)}`];
      return store.file(objectPath(store.digest(blob ?? '')), 'damaged');
    })(),
    params: { name: 'demo', layout: 'true' },
  }),
];

export const recipes: readonly Recipe[] = [...returned, ...rejected];
