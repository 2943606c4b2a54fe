/**
 * Removal of everything that the roots do not need.
 * @module
 */

import { createHash } from 'node:crypto';
import { objectPath, StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import { bytes, concat } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { imageOf } from '../erofs/parts.ts';
import { bonjour, data, goodbye, hello, trees } from '../image/parts.ts';
import {
  addImage,
  cut,
  demo,
  documentsOf,
  type ImageInStore,
  letters,
  rejectsStore,
  removes,
  storeWith,
  whole,
} from './parts.ts';

const v1 = 'composefs.image.v1';
const { manifest, config, diffIds } = documentsOf(demo);
const [base = '', upper = ''] = diffIds;
const layerLink = `streams/oci-layer-${base}`;
const upperLink = `streams/oci-layer-${upper}`;
const configLink = `streams/oci-config-${config}`;
const manifestLink = `streams/oci-manifest-${manifest}`;

/** Another image, which shares its base layer with that of most cases. */
const other: ImageInStore = {
  layers: [{ tar: hello }, { tar: goodbye }],
  images: { [v1]: trees.helloGoodbye.dumpfile },
};
/** An image that shares nothing with the others. */
const alone: ImageInStore = {
  layers: [{ tar: bonjour, compression: 'gzip' }],
  images: { [v1]: trees.bonjour.dumpfile },
  keepBlobs: true,
};

function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  change(store);
  return store;
}

/** Adds a stream of another program, which a root needs and which refers to an object. */
function refer(store: StoreBuilder, object: string): void {
  store.program({ it: object });
}

/** The paths that a store has and another one has not, except directories. */
function added(store: StoreBuilder, before: StoreBuilder): string[] {
  return [...store.entries].flatMap(([path, { kind }]) =>
    kind === 'directory' || before.entries.has(path) ? [] : [path],
  );
}

const { store: sound } = storeWith();
/** The store of most cases with further images that nothing names. */
const withMore = (...images: readonly ImageInStore[]) =>
  changed(store => images.map(image => addImage(store, image)));

const removed: readonly Recipe[] = [
  removes('gc-nothing', {
    title: 'Everything that a name needs is kept',
    requirements: ['STORE-020', 'STORE-025'],
    store: sound,
    removed: [],
  }),
  removes('gc-object', {
    title: 'An object that nothing needs is removed',
    requirements: ['STORE-021', 'STORE-025'],
    store: changed(store => store.object('not needed')),
    removed: [objectPath(sound.digest('not needed'))],
  }),
  removes('gc-dry-run', {
    title: 'A request that only asks gets the same numbers, and changes nothing',
    requirements: ['STORE-025'],
    store: withMore(alone),
    removed: added(withMore(alone), sound),
    dryRun: true,
  }),
  removes('gc-image', {
    title: 'An image that nothing names is removed with all that it needs',
    requirements: ['STORE-021'],
    store: withMore(alone),
    removed: added(withMore(alone), sound),
  }),
  removes('gc-shared', {
    title: 'What a removed image shares with another one is kept',
    requirements: ['STORE-020', 'STORE-021'],
    store: withMore(other),
    removed: added(withMore(other), sound),
  }),
  removes('gc-shared-config', {
    title: 'A config that two manifests share is kept with one of them',
    requirements: ['STORE-020', 'STORE-024'],
    ...(() => {
      const store = changed(found => addImage(found, { ...demo, manifest: { annotations: { a: 'b' } } }));
      return { store, removed: added(store, sound) };
    })(),
  }),
  removes('gc-manifest-of-an-older-config', {
    title: 'A config is kept whose older stream a manifest refers to',
    requirements: ['STORE-024'],
    ...(() => {
      const store = changed(found => {
        found.stream(`oci-config-${config}`, {
          type: contentTypes.config,
          records: whole(found, documentsOf(demo).configBytes),
          names: Object.fromEntries(diffIds.map(id => [id, found.linked(`streams/oci-layer-${id}`)])),
        });
      });
      return { store, removed: [] };
    })(),
  }),
  removes('gc-older-stream', {
    title: 'An older stream that no link and no reference leads to is removed',
    requirements: ['STORE-021'],
    ...(() => {
      const older = { type: contentTypes.config, records: [], names: { a: sound.digest(letters) } };
      const store = changed(found => found.streamObject(older));
      return { store, removed: added(store, sound) };
    })(),
  }),
  removes('gc-temporary-files', {
    title: 'What an interrupted operation left behind is removed and not counted',
    requirements: ['STORE-021', 'STORE-072', 'STORE-025'],
    ...(() => {
      const store = changed(found =>
        found.file('objects/.tmp-object-1', 'half').link('objects/.tmp-object-2', '../images'),
      );
      return { store, removed: ['objects/.tmp-object-1', 'objects/.tmp-object-2'] };
    })(),
  }),
  removes('gc-stray-files', {
    title: 'Files that are not part of the layout are kept',
    requirements: ['STORE-022'],
    store: changed(store => {
      store.file('notes', '').file('objects/00/short', '').file('objects/notes', '').file('images/notes', '');
      store
        .file('streams/notes', '')
        .link('streams/oci-other', '../notes')
        .file('streams/refs/oci/notes', '');
    }),
    removed: [],
  }),
  removes('gc-links-out-of-the-store', {
    title: 'Links that are not of the layout are kept and not followed',
    requirements: ['STORE-022', 'STORE-075'],
    class: 'HOSTILE',
    store: changed(store => store.link('streams/outside', '/etc/passwd').link('images/outside', '../../..')),
    removed: [],
  }),
  removes('gc-dangling-links', {
    title: 'Dangling links of streams and images that nothing needs are removed',
    requirements: ['STORE-021'],
    ...(() => {
      const nothing = sound.digest('nothing');
      const paths = [`images/${nothing}`, 'streams/gone'];
      const store = changed(found => paths.map(path => found.link(path, `../${objectPath(nothing)}`)));
      return { store, removed: paths };
    })(),
  }),
  removes('gc-without-directories', {
    title: 'A store without the directories of images and objects is cleaned up',
    requirements: ['STORE-021'],
    ...(() => {
      const store = new StoreBuilder();
      for (const path of ['images', 'objects']) store.remove(path);
      store.link('streams/gone', `../${objectPath(store.digest('nothing'))}`);
      return { store, removed: ['streams/gone'] };
    })(),
  }),
  removes('gc-without-streams', {
    title: 'A store without the directory of streams is cleaned up',
    requirements: ['STORE-021'],
    ...(() => {
      const store = new StoreBuilder().remove('streams');
      const image = store.image(bytes('an image'));
      return { store, removed: [`images/${image}`, objectPath(image)] };
    })(),
  }),
  removes('gc-unneeded-image', {
    title: 'A composefs image that no config refers to is removed',
    requirements: ['STORE-021'],
    ...(() => {
      const store = changed(found => found.image(bytes('an image that need not be readable')));
      return { store, removed: added(store, sound) };
    })(),
  }),
  removes('gc-no-names', {
    title: 'Without a root everything but the description is removed',
    requirements: ['STORE-021'],
    ...(() => {
      const store = sound.copy().remove('streams/refs/oci/demo');
      return { store, removed: pathsBut(store, 'meta.json') };
    })(),
  }),
];

/** The dumpfile of a tree whose one file is a composefs image. */
function imageAsFile(digest: string, size: number): string {
  const path = `${digest.slice(0, 2)}/${digest.slice(2)}`;
  return `/ 0 40755 2 0 0 0 1700000000.0 - - -
/image ${size} 100644 1 0 0 0 1700000000.0 ${path} - ${digest}
`;
}

function pathsBut(store: StoreBuilder, kept: string): string[] {
  return [...store.entries].flatMap(([path, { kind }]) =>
    kind === 'directory' || path === kept ? [] : [path],
  );
}

/** What a link below `refs` keeps. */
const roots: readonly Recipe[] = [
  removes('gc-root-of-a-layer', {
    title: 'A root of another program keeps a layer and its objects',
    requirements: ['STORE-092', 'STORE-020'],
    ...(() => {
      const store = sound.copy().remove('streams/refs/oci/demo');
      store.link('streams/refs/mine/layer', `../../oci-layer-${upper}`);
      const link = `streams/oci-layer-${upper}`;
      const kept = [link, store.behind(link), objectPath(store.digest(letters)), 'streams/refs/mine/layer'];
      return { store, removed: pathsBut(store, 'meta.json').filter(path => !kept.includes(path)) };
    })(),
  }),
  removes('gc-root-in-deep-directories', {
    title: 'A root can be in a directory at any depth',
    requirements: ['STORE-092'],
    store: sound
      .copy()
      .remove('streams/refs/oci/demo')
      .link('streams/refs/a/b/c/root', `../../../../oci-manifest-${manifest}`),
    removed: [],
  }),
  removes('gc-root-of-an-image', {
    title: 'A root in images keeps a composefs image and its objects',
    requirements: ['STORE-092', 'STORE-020'],
    ...(() => {
      const store = sound.copy().remove('streams/refs/oci/demo');
      const image = trees.helloData.sha256;
      store.link('images/refs/current', `../${image}`);
      const kept = [
        `images/${image}`,
        objectPath(image),
        objectPath(store.digest(letters)),
        'images/refs/current',
      ];
      return { store, removed: pathsBut(store, 'meta.json').filter(path => !kept.includes(path)) };
    })(),
  }),
  removes('gc-root-within-an-image', {
    title: 'A composefs image that is also a file of another one is kept whole',
    requirements: ['STORE-092', 'STORE-020'],
    ...(() => {
      const store = changed(found => found.remove('streams/refs/oci/demo'));
      const inner = trees.helloData.sha256;
      const outer = store.image(imageOf(imageAsFile(inner, store.content(objectPath(inner)).length)));
      store.link('images/refs/a', `../${outer}`).link('images/refs/b', `../${inner}`);
      const kept = [outer, inner].flatMap(digest => [`images/${digest}`, objectPath(digest)]);
      kept.push(objectPath(store.digest(letters)), 'images/refs/a', 'images/refs/b');
      return { store, removed: pathsBut(store, 'meta.json').filter(path => !kept.includes(path)) };
    })(),
  }),
  removes('gc-root-of-a-manifest', {
    title: 'A root that is not a name keeps a manifest with all that it needs',
    requirements: ['STORE-092'],
    store: sound
      .copy()
      .remove('streams/refs/oci/demo')
      .link('streams/refs/backup', `../oci-manifest-${manifest}`),
    removed: [],
  }),
  removes('gc-stream-of-another-program', {
    title: 'The references of a stream of another program are kept with it',
    requirements: ['STORE-024', 'STORE-092'],
    store: changed(store => {
      const inner = store.stream('inner', { type: 'whatever', records: whole(store, 'needed') });
      store.stream('outer', { type: 'whatever', records: [{ inline: 'text' }], names: { a: inner } });
      store.link('streams/refs/outer', '../outer');
    }),
    removed: [],
  }),
  removes('gc-reference-to-neither', {
    title: 'An object that is neither stream nor image is kept with its reference',
    requirements: ['STORE-024'],
    store: changed(store => refer(store, store.object('neither'))),
    removed: [],
  }),
  removes('gc-reference-to-an-image', {
    title: 'An image without a link is kept if a stream refers to it',
    requirements: ['STORE-024'],
    ...(() => {
      const image = trees.helloData.sha256;
      const store = changed(found => {
        refer(found, image);
        found.remove('streams/refs/oci/demo').remove(`images/${image}`);
      });
      const kept = ['streams/refs/program', 'streams/program', store.behind('streams/program')];
      kept.push(objectPath(image), objectPath(store.digest(letters)));
      return { store, removed: pathsBut(store, 'meta.json').filter(path => !kept.includes(path)) };
    })(),
  }),
  removes('gc-blobs', {
    title: 'Kept blobs of a named image are kept',
    requirements: ['STORE-020'],
    needs: ['store.blobs'],
    store: storeWith(alone).store,
    removed: [],
  }),
  removes('gc-damaged-object', {
    title: 'A damaged object of a layer does not prevent the removal',
    requirements: ['STORE-029'],
    ...(() => {
      const store = changed(found => {
        found.object('not needed');
        found.file(objectPath(found.digest(letters)), 'damaged');
      });
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-missing-object', {
    title: 'A missing object of a layer does not prevent the removal',
    requirements: ['STORE-029'],
    ...(() => {
      const store = changed(found => {
        found.object('not needed');
        found.remove(objectPath(found.digest(letters)));
      });
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-layers-swapped', {
    title: 'A layer under the diff_id of another one does not prevent the removal',
    requirements: ['STORE-029', 'STORE-024'],
    ...(() => {
      const store = changed(found => {
        found.object('not needed');
        const [first, second] = [found.behind(layerLink), found.behind(upperLink)];
        found.link(layerLink, `../${second}`).link(upperLink, `../${first}`);
      });
      return { store, removed: [objectPath(store.digest('not needed'))] };
    })(),
  }),
  removes('gc-damaged-unneeded', {
    title: 'A damaged stream that nothing needs does not prevent the removal',
    requirements: ['STORE-023'],
    ...(() => {
      const store = withMore(alone);
      const link = `streams/oci-manifest-${documentsOf(alone).manifest}`;
      store.file(store.behind(link), 'damaged');
      return { store, removed: added(store, sound) };
    })(),
  }),
];

/** Adds a byte to a document or a stream, which then only its digest tells from the right one. */
function damage(store: StoreBuilder, path: string): void {
  store.file(path, concat(store.content(path), '\n'));
}

/** The store of most cases, and a name for an image whose documents have this text. */
function documents(store: StoreBuilder, manifestText: string, configText = '{}'): void {
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const of = digestOf(configText);
  const configStream = store.stream(`oci-config-${of}`, {
    type: contentTypes.config,
    records: whole(store, configText),
  });
  store.stream(`oci-manifest-${digestOf(manifestText)}`, {
    type: contentTypes.manifest,
    records: whole(store, manifestText),
    names: { [`config:${of}`]: configStream },
  });
  store.name('other', digestOf(manifestText));
}

/** A removal that is rejected, because what a name needs is not known. */
function unknown(
  slug: string,
  title: string,
  change: (store: StoreBuilder) => unknown,
  ...more: readonly string[]
): Recipe {
  return rejectsStore(`gc-${slug}`, 'gc', 'STORE_DAMAGED', 'gc-object', {
    title,
    requirements: ['STORE-023', ...more],
    store: changed(store => {
      store.object('not needed');
      change(store);
    }),
  });
}

const rejected: readonly Recipe[] = [
  unknown('name-dangling', 'A name without its manifest prevents the removal', store => {
    store.name('gone', `sha256:${'0'.repeat(64)}`);
  }),
  unknown('config-missing', 'A missing config prevents the removal', store => store.remove(configLink)),
  unknown('layer-missing', 'A missing layer prevents the removal', store => store.remove(layerLink)),
  unknown('image-missing', 'A missing composefs image prevents the removal', store =>
    store.remove(`images/${trees.helloData.sha256}`),
  ),
  unknown('manifest-damaged', 'A damaged manifest prevents the removal', store => {
    const path = objectPath(store.digest(documentsOf(demo).manifestBytes));
    const content = Buffer.from(store.content(path));
    // The size of a layer, so that the manifest has its form and its length.
    content.write('2049', content.lastIndexOf('2048'));
    store.file(path, content);
  }),
  unknown('config-damaged', 'A damaged config prevents the removal', store => {
    damage(store, objectPath(store.digest(documentsOf(demo).configBytes)));
  }),
  unknown('manifest-stream-damaged', 'A damaged stream of a manifest prevents the removal', store => {
    damage(store, store.behind(manifestLink));
  }),
  unknown('layer-stream-damaged', 'A damaged stream of a layer prevents the removal', store => {
    damage(store, store.behind(layerLink));
  }),
  unknown('layer-stream-malformed', 'A malformed stream of a layer prevents the removal', store => {
    store.remove(layerLink);
    store.stream(`oci-layer-${base}`, {
      type: contentTypes.layer,
      records: [],
      sections: { objects: new Uint8Array(31) },
    });
  }),
  unknown('image-damaged', 'A damaged composefs image prevents the removal', store => {
    const path = objectPath(trees.helloData.sha256);
    const content = Buffer.from(store.content(path));
    // The content of a file, which is in the image.
    content.write('j', content.indexOf('hello\n'));
    store.file(path, content);
  }),
  unknown('image-malformed', 'A malformed composefs image prevents the removal', store => {
    store.link('images/refs/mine', `../${store.image(bytes('no EROFS image'))}`);
  }),
  unknown('reference-missing', 'A reference to a missing object prevents the removal', store => {
    refer(store, '1'.repeat(64));
  }),
  unknown('reference-damaged', 'A reference to a damaged object prevents the removal', store => {
    const digest = store.object('neither');
    refer(store, digest);
    damage(store, objectPath(digest));
  }),
  unknown('manifest-malformed', 'A manifest that is not one prevents the removal', store => {
    documents(store, '{"schemaVersion":2}');
  }),
  unknown('config-malformed', 'A config that is not one prevents the removal', store => {
    const digest = `sha256:${createHash('sha256').update('{}').digest('hex')}`;
    const { config, ...rest } = JSON.parse(Buffer.from(documentsOf(demo).manifestBytes).toString());
    documents(store, JSON.stringify({ ...rest, config: { ...config, digest, size: 2 } }));
  }),
  unknown(
    'manifest-leads-to-a-layer',
    'A manifest that is the stream of a layer prevents the removal',
    store => store.link(manifestLink, `../${store.behind(layerLink)}`),
    'STORE-113',
  ),
  unknown(
    'layer-leads-to-a-manifest',
    'A layer that is the stream of a manifest prevents the removal',
    store => store.link(layerLink, `../${store.behind(manifestLink)}`),
    'STORE-118',
  ),
  unknown(
    'layer-size',
    'A stream of a layer with a wrong total size prevents the removal',
    store =>
      store.stream(`oci-layer-${upper}`, {
        type: contentTypes.layer,
        records: cut(store, data, [letters]),
        size: BigInt(data.length - 1),
      }),
    'STORE-112',
  ),
  unknown(
    'config-size',
    'A stream of a config with a wrong total size prevents the removal',
    store =>
      store.stream(`oci-config-${config}`, {
        type: contentTypes.config,
        records: whole(store, documentsOf(demo).configBytes),
        names: Object.fromEntries(diffIds.map(id => [id, store.linked(`streams/oci-layer-${id}`)])),
        size: 0n,
      }),
    'STORE-112',
  ),
  unknown('config-of-another', 'A config under the digest of another one prevents the removal', store => {
    const found = addImage(store, other);
    store.link(configLink, `../${store.behind(`streams/oci-config-${found.config}`)}`);
  }),
  unknown(
    'image-of-another',
    'A composefs image under the digest of another one prevents the removal',
    store => {
      addImage(store, other);
      const image = trees.helloData.sha256;
      store.link(`images/${image}`, `../${objectPath(trees.helloGoodbye.sha256)}`);
      store.link('images/refs/current', `../${image}`);
    },
  ),
  unknown('root-long', 'A root that leads to a name of 300 bytes prevents the removal', store => {
    store.link('streams/refs/mine', `../${'x'.repeat(300)}`);
  }),
  unknown('root-wrong', 'A root that leads nowhere prevents the removal', store => {
    store.link('streams/refs/mine', '../oci-layer-sha256:0');
  }),
];

export const recipes: readonly Recipe[] = [...removed, ...roots, ...rejected];
