/**
 * Import into new stores and into stores that have other images.
 * @module
 */

import { platform, tag } from '../../builder/layout.ts';
import { metaJson, StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import type { Recipe } from '../../recipe.ts';
import { boot, data, goodbye, hello, trees } from '../image/parts.ts';
import {
  addImage,
  type Documents,
  demo,
  documentsOf,
  entryOf,
  type ImageInStore,
  imports,
  indented,
  letters,
  listedTwice,
  type StreamChange,
  storeWith,
  twoHashes,
  whole,
  withoutMediaTypes,
  withUserXattr,
} from './parts.ts';

const v1 = 'composefs.image.v1';
const bootV1 = 'composefs.image.boot.v1';

/** `/boot` and `/sysroot` with what is in them: of {@link boot} over {@link hello} in role merged. */
const withBoot = trees.helloBoot.dumpfile
  .replace(
    '/boot 0 40700 2 0 0 0 1700000000.0 - - -\n',
    '/boot 0 40700 2 0 0 0 1700000004.0 - - -\n/boot/kernel 1 100644 1 0 0 0 0.0 - k -\n',
  )
  .replace('/sysroot 0 40755 2 0 0 0 1700000000.0', '/sysroot 0 40755 2 0 0 0 1700000005.0');

const bootable: ImageInStore = {
  layers: [{ tar: hello }, { tar: boot }],
  images: { [v1]: withBoot, [bootV1]: trees.helloBoot.dumpfile },
};
const notBootable: ImageInStore = { ...bootable, images: { [v1]: withBoot } };

const gzip: ImageInStore = {
  layers: [
    { tar: hello, compression: 'gzip' },
    { tar: data, objects: [letters], compression: 'zstd' },
  ],
  images: { [v1]: trees.helloData.dumpfile },
};
const other: ImageInStore = {
  layers: [{ tar: hello }, { tar: goodbye }],
  images: { [v1]: trees.helloGoodbye.dumpfile },
};

/** A store with images, and a name. */
function stored(images: readonly ImageInStore[], name = 'demo', named = images[0]): StoreBuilder {
  const store = new StoreBuilder();
  for (const image of images) addImage(store, image);
  return named === undefined ? store : store.name(name, documentsOf(named).manifest);
}

const single: readonly Recipe[] = [
  imports('import', {
    title: 'A new store has the image, its layers and its composefs image',
    requirements: [
      'STORE-003',
      'STORE-006',
      'STORE-070',
      'STORE-080',
      'STORE-100',
      'STORE-102',
      'STORE-103',
      'STORE-104',
      'STORE-105',
      'STORE-106',
      'STORE-120',
    ],
    image: demo,
    after: stored([demo]),
  }),
  imports('import-without-directories', {
    title: 'A store that has nothing but its description gets the image',
    requirements: ['STORE-003', 'STORE-070'],
    store: (() => {
      const store = new StoreBuilder();
      for (const path of ['images', 'objects', 'streams']) store.remove(path);
      return store;
    })(),
    image: demo,
    after: stored([demo]),
  }),
  imports('import-without-media-types', {
    title: 'A Docker manifest can lack its media type and that of its config',
    requirements: ['STORE-001', 'STORE-005'],
    image: withoutMediaTypes,
    after: stored([withoutMediaTypes]),
  }),
  imports('import-two-hashes', {
    title: 'A layer that is not compressed has no blob, whatever its diff_id',
    requirements: ['STORE-011', 'STORE-054'],
    needs: ['store.blobs'],
    image: twoHashes,
    after: stored([twoHashes]),
    params: { blobs: 'true' },
  }),
  imports('import-sha512', {
    title: 'A new store can have SHA-512',
    requirements: ['STORE-080', 'STORE-070'],
    ...(() => {
      const image = { layers: [{ tar: hello }], images: { [v1]: trees.hello.dumpfile } };
      return { image, after: storeWith(image, { hash: 'sha512' }).store };
    })(),
    params: { algorithm: 'fsverity-sha512-12' },
  }),
  imports('import-bootable', {
    title: 'The image for a machine to boot is made on request',
    requirements: ['STORE-003', 'STORE-106'],
    image: bootable,
    after: stored([bootable]),
    params: { bootable: 'true' },
  }),
  imports('import-not-bootable', {
    title: 'The image for a machine to boot is not made without a request',
    requirements: ['STORE-003'],
    image: notBootable,
    after: stored([notBootable]),
  }),
  imports('import-keep-user-xattrs', {
    title: 'The xattr policy is part of the key of a composefs image',
    requirements: ['STORE-106', 'STORE-003'],
    ...(() => {
      const key = `${v1}.xattrs=keep-user-xattrs`;
      const image = { ...withUserXattr, images: { [key]: withUserXattr.images[key] ?? '' } };
      return { image, after: stored([image]) };
    })(),
    params: { xattrs: 'keep-user-xattrs' },
  }),
  imports('import-allowlist-only', {
    title: 'The policy allowlist-only leaves attributes user.* out',
    requirements: ['STORE-003', 'STORE-106'],
    ...(() => {
      const image = { ...withUserXattr, images: { [v1]: withUserXattr.images[v1] ?? '' } };
      return { image, after: stored([image]) };
    })(),
  }),
  imports('import-compressed', {
    title: 'Compressed layers are kept as archives, and their blobs are not',
    requirements: ['STORE-006', 'STORE-011', 'STORE-054'],
    image: gzip,
    after: stored([gzip]),
    keptBlobs: 'none',
  }),
  imports('import-blobs', {
    title: 'Blobs of compressed layers are kept on request',
    requirements: ['STORE-011', 'STORE-105', 'STORE-106'],
    needs: ['store.blobs'],
    image: gzip,
    after: stored([{ ...gzip, keepBlobs: true }]),
    params: { blobs: 'true' },
  }),
  imports('import-blobs-not-compressed', {
    title: 'The blob of a layer that is not compressed is its archive',
    requirements: ['STORE-011'],
    needs: ['store.blobs'],
    image: demo,
    after: stored([demo]),
    params: { blobs: 'true' },
  }),
  imports('import-pretty-documents', {
    title: 'Manifest and config keep their bytes',
    requirements: ['STORE-005'],
    class: 'EDGE_CASE',
    ...(() => {
      const documents = indented(demo);
      const after = new StoreBuilder();
      addImage(after, demo, { documents });
      return { image: documents, after: after.name('demo', documents.manifest) };
    })(),
  }),
  imports('import-same-layer-twice', {
    title: 'A layer that an image has twice is kept once',
    requirements: ['STORE-008', 'STORE-101'],
    class: 'EDGE_CASE',
    ...(() => {
      const image = { layers: [{ tar: hello }, { tar: hello }], images: { [v1]: trees.hello.dumpfile } };
      return { image, after: stored([image]) };
    })(),
  }),
  imports('import-bootable-same', {
    title: 'Two purposes with the same image lead to one object',
    requirements: ['STORE-008', 'STORE-101', 'STORE-106'],
    class: 'EDGE_CASE',
    // Without /boot, /sysroot and an SELinux policy, XFORM-009 to XFORM-011 and SELINUX-001 change nothing.
    ...(() => {
      const { dumpfile } = trees.hello;
      const image = { layers: [{ tar: hello }], images: { [v1]: dumpfile, [bootV1]: dumpfile } };
      return { image, after: stored([image]) };
    })(),
    params: { bootable: 'true' },
  }),
  imports('import-no-layers', {
    title: 'An image without layers has a composefs image',
    requirements: ['STORE-003', 'STORE-102'],
    class: 'EDGE_CASE',
    ...(() => {
      const image = { layers: [], images: { [v1]: trees.empty.dumpfile } };
      return { image, after: stored([image]) };
    })(),
    keptBlobs: 'none',
  }),
];

/** Both images in one layout, under the tags `a` and `b`. */
function twoImages(): { readonly a: Documents; readonly b: Documents } {
  const [a, b] = [documentsOf(demo), documentsOf({ ...other, descriptor: {} })];
  const { layout } = a;
  for (const [path, content] of Object.entries(b.layout.files)) layout.put(path, content);
  const entry = (documents: Documents, name: string) =>
    entryOf(documents, tag(name), platform('linux', 'amd64'));
  layout.index(entry(a, 'a'), entry(b, 'b'));
  return { a, b: { ...b, layout } };
}
const two = twoImages();

const names: readonly Recipe[] = [
  imports('import-tag', {
    title: 'The tag of the selected image is its name',
    requirements: ['STORE-012'],
    image: two.b,
    params: { reference: 'b' },
    after: stored([other], 'b'),
  }),
  imports('import-listed-twice', {
    title: 'The first tag of the image is its name',
    requirements: ['STORE-012'],
    class: 'EDGE_CASE',
    image: listedTwice(tag('first')),
    after: stored([demo], 'first'),
  }),
  imports('import-by-digest', {
    title: 'An image selected by its digest has the name of its tag',
    requirements: ['STORE-012'],
    image: two.a,
    params: { manifestDigest: two.a.manifest },
    after: stored([demo], 'a'),
  }),
  imports('import-name', {
    title: 'The name of the request is used instead of the tag',
    requirements: ['STORE-012'],
    image: demo,
    params: { name: 'other' },
    after: stored([demo], 'other'),
  }),
  imports('import-name-escaped', {
    title: 'Slashes and percent signs in a name are escaped',
    requirements: ['STORE-090', 'STORE-015'],
    class: 'HOSTILE',
    image: demo,
    params: { name: '../../meta.json%2F' },
    after: stored([demo], '..%2F..%2Fmeta.json%252F'),
  }),
  imports('import-name-longest', {
    title: 'A name can have 255 bytes after escaping',
    requirements: ['STORE-013'],
    class: 'LIMIT',
    image: demo,
    params: { name: `${'/'.repeat(84)}abc` },
    after: stored([demo], `${'%2F'.repeat(84)}abc`),
  }),
  imports('import-name-not-ascii', {
    title: 'A name can have characters outside of ASCII',
    requirements: ['STORE-013', 'STORE-090'],
    class: 'EDGE_CASE',
    image: demo,
    params: { name: 'é 😀' },
    after: stored([demo], Buffer.from('é 😀').toString('latin1')),
  }),
  imports('import-name-moved', {
    title: 'A name leads to the image that was imported last',
    requirements: ['STORE-014'],
    image: other,
    store: stored([demo]),
    after: stored([demo, other], 'demo', other),
  }),
];

/** Images in a store that was not empty. */
const more: readonly Recipe[] = [
  imports('import-again', {
    title: 'A second import with the same request changes nothing',
    requirements: ['STORE-009', 'STORE-108'],
    image: demo,
    store: stored([demo]),
    after: stored([demo]),
  }),
  imports('import-shared-layer', {
    title: 'A layer that two images share is kept once',
    requirements: ['STORE-008', 'STORE-108'],
    image: { ...other, descriptor: tag('other') },
    store: stored([demo]),
    after: stored([demo, other]).name('other', documentsOf(other).manifest),
  }),
  imports('import-shared-config', {
    title: 'A manifest refers to the newest stream of a config that it shares',
    requirements: ['STORE-107', 'STORE-106'],
    ...(() => {
      const second = { ...bootable, manifest: { annotations: { a: 'b' } }, descriptor: tag('second') };
      const after = stored([bootable, second]).name('second', documentsOf(second).manifest);
      return { image: second, store: stored([notBootable]), after };
    })(),
    params: { bootable: 'true' },
  }),
  imports('import-beside-an-older-reference', {
    title: 'Another manifest that refers to an older stream of the config',
    requirements: ['STORE-107', 'STORE-108'],
    class: 'EDGE_CASE',
    image: bootable,
    ...(() => {
      const second = { ...bootable, manifest: { annotations: { a: 'b' } } };
      const link = `streams/oci-config-${documentsOf(bootable).config}`;
      const older = stored([notBootable]).linked(link);
      const store = stored([bootable]);
      // A reference of another program stays.
      const withNames =
        (names: Record<string, string>): StreamChange =>
        (_, stream) =>
          stream.type === contentTypes.manifest
            ? { ...stream, names: { ...stream.names, mine: older, ...names } }
            : stream;
      const after = stored([bootable]);
      addImage(after, second, { change: withNames({}) });
      addImage(store, second, {
        change: withNames({ [link.replace('streams/oci-config-', 'config:')]: older }),
      });
      return { store, after };
    })(),
  }),
  imports('import-bootable-later', {
    title: 'An image for a machine to boot is added to an image in the store',
    requirements: ['STORE-106', 'STORE-107'],
    image: bootable,
    store: stored([notBootable]),
    after: stored([bootable]),
    params: { bootable: 'true' },
  }),
  imports('import-bootable-earlier', {
    title: 'A composefs image that a config refers to is kept',
    requirements: ['STORE-106', 'STORE-009'],
    image: bootable,
    store: stored([bootable]),
    after: stored([bootable]),
  }),
  imports('import-blobs-earlier', {
    title: 'Blobs that were kept for a manifest stay kept',
    requirements: ['STORE-011', 'STORE-106'],
    needs: ['store.blobs'],
    image: gzip,
    store: stored([{ ...gzip, keepBlobs: true }]),
    after: stored([{ ...gzip, keepBlobs: true }]),
  }),
  imports('import-blobs-later', {
    title: 'Blobs are kept for an image in the store',
    requirements: ['STORE-011'],
    needs: ['store.blobs'],
    image: gzip,
    store: stored([gzip]),
    after: stored([{ ...gzip, keepBlobs: true }]),
    params: { blobs: 'true' },
  }),
  imports('import-other-files', {
    title: 'Files, names and roots of others stay',
    requirements: ['STORE-022', 'STORE-009'],
    ...(() => {
      const withOthers = (store: StoreBuilder) => {
        const inner = store.stream('inner', { type: 'whatever', records: whole(store, 'text') });
        store.stream('outer', { type: 'whatever', records: [{ inline: 'text' }], names: { a: inner } });
        return store.file('notes', 'text').link('streams/refs/mine', '../outer');
      };
      return { store: withOthers(new StoreBuilder()), after: withOthers(stored([demo])) };
    })(),
    image: demo,
  }),
  imports('import-format-v2', {
    title: 'A store with format v2 has composefs images in this format',
    requirements: ['STORE-085', 'STORE-106'],
    needs: ['format.v2'],
    ...(() => {
      const description = metaJson('fsverity-sha256-12', { erofs_formats: { default: 2 } });
      const image = { ...demo, images: { 'composefs.image': trees.helloData.dumpfile } };
      const store = new StoreBuilder().file('meta.json', description);
      return { image, store, after: stored([image]).file('meta.json', description) };
    })(),
  }),
  imports('import-format-v2-absent', {
    title: 'A store that says nothing of formats has format v2',
    requirements: ['STORE-085', 'STORE-081'],
    needs: ['format.v2'],
    ...(() => {
      const description = JSON.stringify({ version: 1, algorithm: 'fsverity-sha256-12' });
      const image = { ...demo, images: { 'composefs.image': trees.helloData.dumpfile } };
      const store = new StoreBuilder().file('meta.json', description);
      return { image, store, after: stored([image]).file('meta.json', description) };
    })(),
  }),
  imports('import-format-v1-by-feature', {
    title: 'A store with the feature v1_erofs has format v1',
    requirements: ['STORE-085'],
    ...(() => {
      const description = metaJson('fsverity-sha256-12', { erofs_formats: {} });
      const store = new StoreBuilder().file('meta.json', description);
      return { store, after: stored([demo]).file('meta.json', description) };
    })(),
    image: demo,
  }),
];

export const recipes: readonly Recipe[] = [...single, ...names, ...more];
