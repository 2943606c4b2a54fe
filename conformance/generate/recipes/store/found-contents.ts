/**
 * What a check finds of documents, layers and composefs images.
 * @module
 */

import { objectPath, type StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import { archive, bytes, directory } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { bonjour, boot, goodbye, hello, trees } from '../image/parts.ts';
import {
  addImage,
  demo,
  documentsOf,
  finds,
  type ImageInStore,
  type StreamChange,
  storeWith,
  whole,
  withUserXattr,
} from './parts.ts';

const { manifest, config, diffIds } = documentsOf(demo);
const [base = '', upper = ''] = diffIds;
const manifestLink = `streams/oci-manifest-${manifest}`;
const configLink = `streams/oci-config-${config}`;

function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  change(store);
  return store;
}

/** The store of most cases with other streams. */
function withStreams(change: StreamChange): StoreBuilder {
  return storeWith(demo, { change }).store;
}

/** An image of one layer in gzip form, whose blob is kept. */
const compressed: ImageInStore = {
  layers: [{ tar: hello, compression: 'gzip' }],
  images: { 'composefs.image.v1': trees.hello.dumpfile },
  keepBlobs: true,
};
const [blob = ''] = documentsOf(compressed).blobs;

const contents: readonly Recipe[] = [
  finds('content-of-a-layer', {
    title: 'A layer under a false diff_id is found',
    requirements: ['STORE-040', 'STORE-043'],
    store: withStreams((name, stream) =>
      name === `oci-layer-${base}` ? { ...stream, records: [{ inline: bonjour }] } : stream,
    ),
    findings: [['content-digest', `streams/oci-layer-${base}`]],
  }),
  finds('content-of-a-manifest', {
    title: 'A manifest under the digest of another one is found',
    requirements: ['STORE-040'],
    store: changed(store => {
      const digest = `sha256:${'1'.repeat(64)}`;
      store.link(`streams/oci-manifest-${digest}`, `../${store.behind(manifestLink)}`);
    }),
    findings: [['content-digest', `streams/oci-manifest-sha256:${'1'.repeat(64)}`]],
  }),
  finds('content-of-a-config', {
    title: 'A config under the digest of another one is found',
    requirements: ['STORE-040'],
    store: changed(store => {
      const digest = `sha256:${'1'.repeat(64)}`;
      store.link(`streams/oci-config-${digest}`, `../${store.behind(configLink)}`);
    }),
    findings: [['content-digest', `streams/oci-config-sha256:${'1'.repeat(64)}`]],
  }),
  finds('blobs-kept', {
    title: 'A store with kept blobs has no findings',
    requirements: ['STORE-040', 'STORE-131'],
    store: storeWith(compressed).store,
    findings: [],
  }),
  finds('blobs-not-kept', {
    title: 'A store that does not keep a blob has no findings',
    requirements: ['STORE-131'],
    store: storeWith({ ...compressed, keepBlobs: false }).store,
    findings: [],
  }),
  finds('content-of-a-blob', {
    title: 'A blob under the digest of another one is found',
    requirements: ['STORE-040'],
    store: (() => {
      const { store } = storeWith(compressed);
      const digest = `sha256:${'1'.repeat(64)}`;
      return store.link(`streams/oci-blob-${digest}`, `../${store.behind(`streams/oci-blob-${blob}`)}`);
    })(),
    findings: [['content-digest', `streams/oci-blob-sha256:${'1'.repeat(64)}`]],
  }),
  finds('digest-sha512', {
    title: 'Content with an OCI digest of SHA-512 is checked',
    requirements: ['STORE-040'],
    class: 'EDGE_CASE',
    store: changed(store => {
      const digest = `sha512:${'1'.repeat(128)}`;
      store.stream(`oci-blob-${digest}`, { type: contentTypes.blob, records: whole(store, 'blob') });
    }),
    findings: [['content-digest', `streams/oci-blob-sha512:${'1'.repeat(128)}`]],
  }),
  finds('manifest-digest-and-not-one', {
    title: 'A manifest that is not one and has a wrong digest is one finding',
    requirements: ['STORE-042'],
    store: changed(store => {
      const digest = `sha256:${'1'.repeat(64)}`;
      store.stream(`oci-manifest-${digest}`, {
        type: contentTypes.manifest,
        records: whole(store, 'no JSON'),
      });
    }),
    findings: [['content-digest', `streams/oci-manifest-sha256:${'1'.repeat(64)}`]],
  }),
  finds('layer-missing', {
    title: 'A missing layer is found at the link that it would have',
    requirements: ['STORE-040'],
    store: changed(store => store.remove(`streams/oci-layer-${upper}`)),
    findings: [['content-missing', `streams/oci-layer-${upper}`]],
  }),
  finds('layer-missing-without-reference', {
    title: 'A missing layer without a reference gives findings for both',
    requirements: ['STORE-131', 'STORE-132'],
    store: withStreams((name, stream) => {
      const { [upper]: _, ...names } = stream.names ?? {};
      return name.startsWith('oci-layer-') ? stream : { ...stream, names };
    }).remove(`streams/oci-layer-${upper}`),
    findings: [
      ['content-missing', `streams/oci-layer-${upper}`],
      ['stream-references', manifestLink],
      ['stream-references', configLink],
    ],
  }),
  finds('config-missing', {
    title: 'A missing config is found at the link that it would have',
    requirements: ['STORE-040'],
    store: changed(store => store.remove(configLink)),
    findings: [['content-missing', configLink]],
  }),
  finds('blob-missing', {
    title: 'A missing blob is found if a manifest refers to it',
    requirements: ['STORE-131'],
    store: storeWith(compressed).store.remove(`streams/oci-blob-${blob}`),
    findings: [['content-missing', `streams/oci-blob-${blob}`]],
  }),
];

/** Puts a manifest or config with any content under its true digest. */
function document(kind: 'manifest' | 'config', content: string) {
  const store = changed(() => undefined);
  const { digest } = documentsOf(demo).layout.blob('', content);
  store.stream(`oci-${kind}-${digest}`, { type: contentTypes[kind], records: whole(store, content) });
  return { store, findings: [['document-invalid', `streams/oci-${kind}-${digest}`]] as const };
}

const fewer = documentsOf({ ...demo, manifest: { layers: [] } });

const documents: readonly Recipe[] = [
  finds('manifest-not-json', {
    title: 'A manifest that is not JSON is found',
    requirements: ['STORE-040'],
    class: 'MALFORMED',
    ...document('manifest', 'no JSON'),
  }),
  finds('manifest-empty', {
    title: 'A manifest without a byte is found',
    requirements: ['STORE-040', 'STORE-113'],
    class: 'MALFORMED',
    ...document('manifest', ''),
  }),
  finds('manifest-without-layers', {
    title: 'A manifest without its members is found',
    requirements: ['STORE-040'],
    class: 'MALFORMED',
    ...document('manifest', '{"schemaVersion":2}'),
  }),
  finds('config-other-number-of-layers', {
    title: 'A config with more layers than its manifest is found',
    requirements: ['STORE-040'],
    store: (() => {
      const { store } = storeWith();
      const { manifestBytes, config: digest } = fewer;
      store.stream(`oci-manifest-${fewer.manifest}`, {
        type: contentTypes.manifest,
        records: whole(store, manifestBytes),
        names: {
          [`config:${digest}`]: store.linked(configLink),
          ...Object.fromEntries(diffIds.map(id => [id, store.linked(`streams/oci-layer-${id}`)])),
        },
      });
      return store;
    })(),
    findings: [['document-invalid', `streams/oci-manifest-${fewer.manifest}`]],
  }),
];

/** Changes the named references of one stream. */
const withNames =
  (prefix: string, change: (names: Record<string, string>) => void): StreamChange =>
  (name, stream) => {
    const names = { ...stream.names };
    if (name.startsWith(prefix)) change(names);
    return { ...stream, names };
  };

const references: readonly Recipe[] = [
  finds('manifest-without-config-reference', {
    title: 'A manifest needs a named reference to its config',
    requirements: ['STORE-131', 'STORE-106'],
    store: withStreams(withNames('oci-manifest-', names => delete names[`config:${config}`])),
    findings: [['stream-references', manifestLink]],
  }),
  finds('manifest-without-layer-reference', {
    title: 'A manifest needs a named reference to each layer',
    requirements: ['STORE-131', 'STORE-106'],
    store: withStreams(withNames('oci-manifest-', names => delete names[upper])),
    findings: [['stream-references', manifestLink]],
  }),
  finds('config-without-layer-reference', {
    title: 'A config needs a named reference to each layer',
    requirements: ['STORE-132', 'STORE-106'],
    store: withStreams(withNames('oci-config-', names => delete names[base])),
    findings: [['stream-references', configLink]],
  }),
  finds('manifest-of-an-older-config', {
    title: 'A manifest that refers to an older stream of its config is found',
    requirements: ['STORE-131', 'STORE-107'],
    store: changed(store => {
      const names = Object.fromEntries(diffIds.map(id => [id, store.linked(`streams/oci-layer-${id}`)]));
      store.stream(`oci-config-${config}`, {
        type: contentTypes.config,
        records: whole(store, documentsOf(demo).configBytes),
        names,
      });
    }),
    findings: [['stream-references', manifestLink]],
  }),
  finds('config-of-another-layer', {
    title: 'A reference to another stream than that of the layer is found',
    requirements: ['STORE-132'],
    store: withStreams(
      withNames('oci-config-', names => Object.assign(names, { [upper]: names[base] ?? '' })),
    ),
    findings: [['stream-references', configLink]],
  }),
  finds('references-more', {
    title: 'Further named references are not findings',
    requirements: ['STORE-131', 'STORE-132'],
    store: withStreams((name, stream) =>
      name.startsWith('oci-layer-')
        ? stream
        : { ...stream, names: { ...stream.names, more: stream.names?.[base] ?? '' } },
    ),
    findings: [],
  }),
];

/** The image of the store of most cases with other composefs images. */
function withImages(images: ImageInStore['images'], more: Partial<ImageInStore> = {}): StoreBuilder {
  return storeWith({ ...demo, ...more, images }).store;
}

const v1 = 'composefs.image.v1';

/** An image for a machine to boot with a directory instead of the config of SELinux (SELINUX-002). */
const notBootable: ImageInStore = {
  layers: [{ tar: hello }, { tar: archive(directory('etc/selinux'), directory('etc/selinux/config')) }],
  images: { 'composefs.image.boot.v1': trees.hello.dumpfile },
};

const images: readonly Recipe[] = [
  finds('image-missing', {
    title: 'A composefs image without its link is found',
    requirements: ['STORE-040'],
    store: changed(store => store.remove(`images/${trees.helloData.sha256}`)),
    findings: [['image-missing', `images/${trees.helloData.sha256}`]],
  }),
  finds('image-none', {
    title: 'A config without a composefs image is not a finding',
    requirements: ['STORE-040'],
    store: withImages({}),
    findings: [],
  }),
  finds('image-malformed', {
    title: 'A composefs image that a reader rejects is found',
    requirements: ['STORE-040'],
    class: 'MALFORMED',
    store: changed(store => store.image(bytes('no EROFS image'))),
    findings: [['image-invalid', `images/${storeWith().store.digest('no EROFS image')}`]],
  }),
  finds('image-of-another-tree', {
    title: 'A composefs image of another tree is found',
    requirements: ['STORE-043'],
    store: withImages({ [v1]: trees.helloGoodbye.dumpfile }),
    findings: [['image-mismatch', configLink]],
  }),
  finds('image-of-another-role', {
    title: 'A composefs image of another role is found',
    requirements: ['STORE-043'],
    store: storeWith({
      layers: [{ tar: hello }, { tar: boot }],
      images: { [v1]: trees.helloBoot.dumpfile },
    }).store,
    findings: [
      [
        'image-mismatch',
        `streams/oci-config-${documentsOf({ layers: [{ tar: hello }, { tar: boot }], images: {} }).config}`,
      ],
    ],
  }),
  finds('image-bootable', {
    title: 'A composefs image for a machine to boot is checked as such',
    requirements: ['STORE-043'],
    store: storeWith({
      layers: [{ tar: hello }, { tar: boot }],
      images: { 'composefs.image.boot.v1': trees.helloBoot.dumpfile },
    }).store,
    findings: [],
  }),
  finds('image-bootable-of-another-tree', {
    title: 'An image for a machine to boot that is of another tree is found',
    requirements: ['STORE-043'],
    store: withImages({ 'composefs.image.boot.v1': trees.helloGoodbye.dumpfile }),
    findings: [['image-mismatch', configLink]],
  }),
  finds('image-that-cannot-be-made', {
    title: 'A composefs image that the layers of its config cannot make is found',
    requirements: ['STORE-043'],
    store: storeWith(notBootable).store,
    findings: [['image-mismatch', `streams/oci-config-${documentsOf(notBootable).config}`]],
  }),
  finds('image-of-another-policy', {
    title: 'A composefs image has the xattr policy of its key',
    requirements: ['STORE-043'],
    store: storeWith(withUserXattr).store,
    findings: [],
  }),
  finds('image-v2', {
    title: 'A composefs image in format v2 is checked as such',
    requirements: ['STORE-043'],
    needs: ['format.v2'],
    store: withImages({ 'composefs.image': trees.helloData.dumpfile, [v1]: trees.helloData.dumpfile }),
    findings: [],
  }),
  finds('image-v1-as-v2', {
    title: 'A composefs image in format v1 is not one of format v2',
    requirements: ['STORE-043'],
    needs: ['format.v2'],
    store: withStreams((name, stream) => {
      if (!name.startsWith('oci-config-')) return stream;
      const { [v1]: image = '', ...names } = stream.names ?? {};
      return { ...stream, names: { ...names, 'composefs.image': image } };
    }),
    findings: [['image-mismatch', configLink]],
  }),
  finds('image-of-a-damaged-layer', {
    title: 'A composefs image is not compared with a damaged layer',
    requirements: ['STORE-042', 'STORE-043'],
    store: (() => {
      const { store } = storeWith();
      const path = objectPath(store.linked(`streams/oci-layer-${upper}`));
      return store.file(path, bytes('damaged'));
    })(),
    findings: [['object-digest', objectPath(storeWith().store.linked(`streams/oci-layer-${upper}`))]],
  }),
  finds('two-images', {
    title: 'Two images that share a layer have no findings',
    requirements: ['STORE-040', 'STORE-008'],
    store: changed(store => {
      addImage(store, {
        layers: [{ tar: hello }, { tar: goodbye }],
        images: { [v1]: trees.helloGoodbye.dumpfile },
      });
    }),
    findings: [],
  }),
];

export const recipes: readonly Recipe[] = [...contents, ...documents, ...references, ...images];
