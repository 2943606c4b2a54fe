/**
 * Imports that are rejected. Each has a control that differs in one detail.
 * @module
 */

import { blobPath } from '../../builder/layout.ts';
import { metaJson, StoreBuilder } from '../../builder/store.ts';
import { archive, bytes, concat, directory, file, header } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { data, hello, longTarget } from '../image/parts.ts';
import {
  type Documents,
  demo,
  documentsOf,
  type ImageInStore,
  letters,
  listedTwice,
  rejectsImport,
  storeWith,
} from './parts.ts';

/** The documents of the image of most cases in another layout. */
function damaged(change: (documents: Documents) => unknown, image = demo): Documents {
  const documents = documentsOf(image);
  change(documents);
  return documents;
}

const [layer = ''] = documentsOf(demo).blobs;

/** The image of most cases in compressed layers. */
const gzip: ImageInStore = {
  ...demo,
  layers: [
    { tar: hello, compression: 'gzip' },
    { tar: data, objects: [letters], compression: 'zstd' },
  ],
};

const images: readonly Recipe[] = [
  rejectsImport('import-false-diff-id', 'IMAGE_DIFF_ID', 'import', {
    title: 'A layer under a false diff_id is not imported',
    requirements: ['STORE-001', 'STORE-004'],
    class: 'HOSTILE',
    image: { ...demo, layers: [{ tar: hello, diffId: `sha256:${'0'.repeat(64)}` } as never, { tar: data }] },
  }),
  rejectsImport('import-blob-digest', 'IMAGE_DIGEST', 'import-compressed', {
    title: 'A blob that does not match its digest is not imported',
    requirements: ['STORE-001'],
    class: 'HOSTILE',
    image: damaged(({ layout }) => {
      const path = blobPath(documentsOf(gzip).blobs[0] ?? '');
      const content = Uint8Array.from(layout.files[path] ?? []);
      // The time in the header of gzip, so that the decompressed layer has its diff_id.
      content[4] = (content[4] ?? 0) ^ 1;
      layout.put(path, content);
    }, gzip),
  }),
  rejectsImport('import-blob-missing', 'IMAGE_BLOB', 'import', {
    title: 'An image without one of its blobs is not imported',
    requirements: ['STORE-001'],
    image: damaged(({ layout }) => layout.remove(blobPath(layer))),
  }),
  rejectsImport('import-blob-size', 'IMAGE_SIZE', 'import', {
    title: 'A blob of another size than that of its descriptor is not imported',
    requirements: ['STORE-001'],
    image: damaged(({ layout }) =>
      layout.put(blobPath(layer), concat(layout.files[blobPath(layer)] ?? '', 'more')),
    ),
  }),
  rejectsImport('import-malformed-layer', 'TAR_CHECKSUM', 'import', {
    title: 'A layer that is not an archive is not imported',
    requirements: ['STORE-001'],
    image: {
      ...demo,
      layers: [
        { tar: hello },
        { tar: archive(header({ name: 'usr/h', size: 0, checksum: bytes('000000\0 ') })) },
      ],
    },
  }),
  rejectsImport('import-outside-path', 'TAR_NAME', 'import', {
    title: 'A layer with a path outside of its root is not imported',
    requirements: ['STORE-001', 'STORE-015'],
    class: 'HOSTILE',
    image: { ...demo, layers: [{ tar: hello }, { tar: archive(file('../meta.json', 'x')) }] },
  }),
  rejectsImport('import-into-a-store', 'IMAGE_DIFF_ID', 'import-shared-layer', {
    title: 'A layer that the store has does not replace the check of the layer',
    requirements: ['STORE-001'],
    class: 'HOSTILE',
    image: {
      ...demo,
      layers: [{ tar: data, diffId: documentsOf(demo).diffIds[0] } as never],
    },
    store: storeWith().store,
  }),
  rejectsImport('import-not-in-v2', 'EROFS_LIMIT', 'import-format-v2', {
    title: 'An image that the format of the store cannot hold is rejected',
    requirements: ['STORE-002'],
    needs: ['format.v2'],
    image: { layers: [{ tar: hello }, { tar: longTarget }], images: {} },
    store: new StoreBuilder().file(
      'meta.json',
      metaJson('fsverity-sha256-12', { erofs_formats: { default: 2 } }),
    ),
  }),
  rejectsImport('import-not-bootable-policy', 'TRANSFORM_SELINUX', 'import-bootable', {
    title: 'An image to boot with a malformed SELinux policy is not imported',
    requirements: ['STORE-002'],
    // SELINUX-002: a directory instead of the config.
    image: {
      layers: [{ tar: hello }, { tar: archive(directory('etc/selinux'), directory('etc/selinux/config')) }],
      images: {},
    },
    params: { bootable: 'true' },
  }),
];

const untagged: ImageInStore = { ...demo, descriptor: {} };

const names: readonly Recipe[] = [
  rejectsImport('import-listed-without-a-tag', 'STORE_NAME', 'import-listed-twice', {
    title: 'The first entry of the image has no tag',
    requirements: ['STORE-012', 'STORE-013'],
    class: 'EDGE_CASE',
    image: listedTwice({}),
  }),
  rejectsImport('import-without-name', 'STORE_NAME', 'import-name', {
    title: 'An image without a tag needs a name',
    requirements: ['STORE-013'],
    image: untagged,
  }),
  ...(
    [
      ['empty', '', 'A name is not empty'],
      ['dot', '.', 'A name is not that of the directory'],
      ['dots', '..', 'A name is not that of the parent directory'],
      ['at', '@a', 'A name does not begin with an at sign'],
      ['control', 'a\nb', 'A name has no control characters'],
      ['nul', 'a\0b', 'A name has no NUL'],
      ['delete', 'a\x7f', 'A name does not have the character U+007F'],
      ['surrogate', 'a\ud800', 'A name has no lone surrogate'],
      ['long', 'n'.repeat(256), 'A name has at most 255 bytes'],
      ['long-escaped', `${'/'.repeat(85)}a`, 'A name has at most 255 bytes after escaping'],
      ['long-utf-8', 'é'.repeat(128), 'The bytes of a name are counted, not its characters'],
    ] as const
  ).map(([slug, name, title]) =>
    rejectsImport(`import-name-${slug}`, 'STORE_NAME', 'import-name', {
      title,
      requirements: ['STORE-013'],
      class: slug.startsWith('long') ? 'LIMIT' : 'MALFORMED',
      image: demo,
      params: { name },
    }),
  ),
];

export const recipes: readonly Recipe[] = [...images, ...names];
