/**
 * Manifests of artifacts other than images, whose config can be anything, and of an image whose config cannot, next to
 * the image of most cases.
 * @module
 */

import { objectPath, StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import type { Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import { demo, documentsOf, finds, leadsTo, rejectsStore, removes, storeWith, whole } from './parts.ts';

const { manifest, config, configBytes, layout } = documentsOf(demo);
const { store: sound } = storeWith();

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const SIGNATURE = 'application/vnd.example.signature';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';

interface Added {
  readonly manifest: string;
  readonly config: string;
}

/** Puts a config and a manifest that leads to it, with layers that have no streams, and returns the digests of both. */
function addManifest(
  store: StoreBuilder,
  mediaType: string,
  configText: string | Uint8Array,
  layers: readonly string[] = [],
): Added {
  const descriptor = layout.blob(mediaType, configText);
  const link = `oci-config-${descriptor.digest}`;
  const configStream = store.entries.has(`streams/${link}`)
    ? store.linked(`streams/${link}`)
    : store.stream(link, { type: contentTypes.config, records: whole(store, configText) });
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor,
    layers: layers.map(text => layout.blob(SIGNATURE, text)),
  });
  const { digest } = layout.blob(OCI_MANIFEST, text);
  store.stream(`oci-manifest-${digest}`, {
    type: contentTypes.manifest,
    records: whole(store, text),
    names: { [`config:${descriptor.digest}`]: configStream },
  });
  return { manifest: digest, config: descriptor.digest };
}

/** The store of most cases, changed. */
function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  change(store);
  return store;
}

const empty = 'application/vnd.oci.empty.v1+json';
const { config: malformed } = addManifest(sound.copy(), OCI_CONFIG, '{"rootfs":0}');

export const recipes: readonly Recipe[] = [
  finds('artifact-config', {
    title: 'The config of an artifact, and one without a manifest, can be anything',
    requirements: ['STORE-040', 'STORE-131'],
    store: changed(store => {
      addManifest(store, empty, '{}');
      addManifest(store, 'application/vnd.example', 'no JSON');
      // It has two layers, and the artifact has none.
      addManifest(store, 'application/vnd.example', configBytes);
      const { digest } = layout.blob('', '[]');
      store.stream(`oci-config-${digest}`, { type: contentTypes.config, records: whole(store, '[]') });
    }),
    findings: [],
  }),
  finds('artifact-config-like-an-image', {
    title: 'A config to which no image leads is not checked as that of one',
    requirements: ['STORE-132', 'STORE-040'],
    class: 'EDGE_CASE',
    ...(() => {
      const store = new StoreBuilder();
      const image = 'ab'.repeat(32);
      store.stream(`oci-config-${config}`, {
        type: contentTypes.config,
        records: whole(store, configBytes),
        names: { 'composefs.image.v1': image },
      });
      addManifest(store, 'application/vnd.example', configBytes);
      return { store, findings: [['object-missing', objectPath(image)]] };
    })(),
  }),
  finds('config-of-another-digest', {
    title: 'Only the content of a config with the right digest is checked',
    requirements: ['STORE-042'],
    class: 'EDGE_CASE',
    ...(() => {
      const text = '{"rootfs":{}}';
      const link = `oci-config-${layout.blob(OCI_CONFIG, text).digest}`;
      const store = changed(found => {
        const names = { 'composefs.image.v1': found.object('no image') };
        found.stream(link, { type: contentTypes.config, records: whole(found, configBytes), names });
        addManifest(found, OCI_CONFIG, text);
      });
      return { store, findings: [['content-digest', `streams/${link}`]] };
    })(),
  }),
  finds('image-config-malformed', {
    title: 'The config of an image is found if it is not one',
    requirements: ['STORE-040'],
    class: 'MALFORMED',
    store: changed(store => addManifest(store, OCI_CONFIG, '{"rootfs":0}')),
    findings: [['document-invalid', `streams/oci-config-${malformed}`]],
  }),
  rejectsStore('export-malformed-config', 'export', 'STORE_DAMAGED', 'export', {
    title: 'An image whose config is not one is not returned',
    requirements: ['STORE-055'],
    class: 'MALFORMED',
    ...(() => {
      const { store } = storeWith();
      const { manifest: manifestDigest } = addManifest(store, OCI_CONFIG, '{"rootfs":0}');
      return { store, params: { manifestDigest } };
    })(),
  }),
  removes('gc-artifact', {
    title: 'An artifact with a name is kept with its config',
    requirements: ['STORE-020', 'STORE-023'],
    ...(() => {
      const store = changed(found => {
        found.name('artifact', addManifest(found, empty, '{}').manifest);
        found.object('not needed');
      });
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  finds('artifact-layers', {
    title: 'Layers of an artifact can be missing',
    requirements: ['STORE-106', 'STORE-131'],
    store: changed(store => addManifest(store, empty, '{}', ['signature'])),
    findings: [],
  }),
  removes('gc-artifact-layers', {
    title: 'Missing layers of an artifact do not prevent the removal',
    requirements: ['STORE-020', 'STORE-024'],
    ...(() => {
      const store = changed(found => {
        found.name('artifact', addManifest(found, empty, '{}', ['signature']).manifest);
        found.object('not needed');
      });
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  rejectsStore('gc-artifact-config-damaged', 'gc', 'STORE_DAMAGED', 'gc-artifact', {
    title: 'A damaged config of an artifact prevents the removal',
    requirements: ['STORE-023'],
    store: changed(found => {
      found.name('artifact', addManifest(found, empty, '{}').manifest);
      found.file(objectPath(found.digest('{}')), '[]');
    }),
  }),
  removes('gc-artifact-with-image-config', {
    title: 'An artifact does not need the layers of the config of an image',
    requirements: ['STORE-020', 'STORE-024'],
    class: 'EDGE_CASE',
    ...(() => {
      const store = new StoreBuilder();
      store.name('artifact', addManifest(store, 'application/vnd.example', configBytes).manifest);
      store.object('not needed');
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  leadsTo('find-artifact-with-image-config', {
    title: 'An artifact with the config of an image is not an entry',
    requirements: ['STORE-060'],
    store: changed(store => addManifest(store, 'application/vnd.example', configBytes, ['one', 'two'])),
    digest: trees.helloData.sha256,
    images: [[manifest, 'linux/amd64', 'merged', 'v1', 'fsverity-sha256-12', 'allowlist-only', 'unverified']],
  }),
  leadsTo('find-neither-image', {
    title: 'Artifacts and links of another form are not entries',
    requirements: ['STORE-060', 'STORE-064', 'STORE-075'],
    store: changed(store => {
      addManifest(store, empty, '{}');
      store.link(`streams/oci-manifest-sha256:${'1'.repeat(64)}`, '/etc/passwd');
      store.file(`streams/oci-manifest-sha256:${'2'.repeat(64)}`, manifest);
      store.link(
        `streams/oci-manifest-${config.toUpperCase()}`,
        `../${objectPath(sound.digest(configBytes))}`,
      );
    }),
    digest: trees.helloData.sha256,
    images: [[manifest, 'linux/amd64', 'merged', 'v1', 'fsverity-sha256-12', 'allowlist-only', 'unverified']],
  }),
];
