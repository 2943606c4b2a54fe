/**
 * From the digest of a composefs image to manifests.
 * @module
 */

import { objectPath, type StoreBuilder } from '../../builder/store.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import { concat } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { bonjour, hello, trees } from '../image/parts.ts';
import {
  addImage,
  demo,
  documentsOf,
  type ImageInStore,
  leadsTo,
  rejectsStore,
  storeWith,
  withoutMediaTypes,
} from './parts.ts';

const v1 = 'composefs.image.v1';
const { manifest, config, diffIds } = documentsOf(demo);
const image = trees.helloData.sha256;
const SHA256 = 'fsverity-sha256-12';

/** An entry for the image of most cases. */
function found(of: string, more: { readonly verified?: true; readonly platform?: string } = {}) {
  const { verified, platform = 'linux/amd64' } = more;
  const purpose = ['merged', 'v1', SHA256, 'allowlist-only'];
  return [of, platform, ...purpose, verified ? 'verified' : 'unverified'];
}

function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  change(store);
  return store;
}

/** Adds white space to a document, which then only its digest tells from the right one. */
function damage(store: StoreBuilder, document: Uint8Array): StoreBuilder {
  return store.file(objectPath(store.digest(document)), concat(document, '\n'));
}

/** A config that refers to an image that its layers do not make. */
const noted: ImageInStore = { layers: [{ tar: bonjour }], images: { [v1]: trees.helloData.dumpfile } };
/** An image that is the same for two roles, and another manifest of it. */
const twoRoles: ImageInStore = {
  layers: [{ tar: hello }],
  images: { [v1]: trees.hello.dumpfile, 'composefs.image.boot.v1': trees.hello.dumpfile },
};
const annotated: ImageInStore = { ...twoRoles, manifest: { annotations: { a: 'b' } } };
/** The image of most cases with another manifest, config and platform. */
const arm: ImageInStore = { ...demo, config: { architecture: 'arm64', variant: 'v8' } };

const noVariant: ImageInStore = { ...demo, config: { architecture: 'arm', variant: '' } };
const noPlatform: ImageInStore = { ...demo, config: { os: '', architecture: '' } };

const entries: readonly Recipe[] = [
  leadsTo('find', {
    title: 'A composefs image leads to its manifest, unverified',
    requirements: ['STORE-060', 'STORE-062', 'STORE-063'],
    store: storeWith().store,
    digest: image,
    images: [found(manifest)],
  }),
  leadsTo('find-verified', {
    title: 'An entry is verified by making the image again',
    requirements: ['STORE-066', 'STORE-063'],
    store: storeWith().store,
    digest: image,
    verify: true,
    images: [found(manifest, { verified: true })],
  }),
  leadsTo('find-noted', {
    title: 'What a config notes is not verified',
    requirements: ['STORE-063', 'STORE-061'],
    store: changed(store => addImage(store, noted)),
    digest: image,
    images: [found(manifest), found(documentsOf(noted).manifest)].sort(),
  }),
  leadsTo('find-noted-verified', {
    title: 'An image that the layers do not make is left out',
    requirements: ['STORE-066'],
    store: changed(store => addImage(store, noted)),
    digest: image,
    verify: true,
    images: [found(manifest, { verified: true })],
  }),
  leadsTo('find-two-manifests', {
    title: 'All manifests with the tree are found, each with its platform',
    requirements: ['STORE-060', 'STORE-061', 'STORE-062'],
    store: changed(store => addImage(store, arm)),
    digest: image,
    images: [found(manifest), found(documentsOf(arm).manifest, { platform: 'linux/arm64/v8' })].sort(),
  }),
  leadsTo('find-without-a-name', {
    title: 'A manifest without a name is found',
    requirements: ['STORE-060'],
    store: storeWith().store.remove('streams/refs/oci/demo'),
    digest: image,
    images: [found(manifest)],
  }),
  leadsTo('find-purposes', {
    title: 'One composefs image can have several purposes',
    requirements: ['STORE-060', 'STORE-061'],
    store: storeWith({
      layers: [{ tar: hello }],
      images: {
        [v1]: trees.hello.dumpfile,
        'composefs.image.boot.v1': trees.hello.dumpfile,
        [`${v1}.xattrs=keep-user-xattrs`]: trees.hello.dumpfile,
      },
    }).store,
    digest: trees.hello.sha256,
    images: [
      ['merged', 'v1', SHA256, 'allowlist-only'],
      ['merged', 'v1', SHA256, 'keep-user-xattrs'],
      ['merged.bootable', 'v1', SHA256, 'allowlist-only'],
    ].map(purpose => [
      documentsOf({ layers: [{ tar: hello }], images: {} }).manifest,
      'linux/amd64',
      ...purpose,
      'unverified',
    ]),
  }),
  leadsTo('find-order', {
    title: 'Entries are in order of their manifests first, and then of their roles',
    requirements: ['STORE-061'],
    store: changed(store => {
      for (const each of [twoRoles, annotated]) addImage(store, each);
    }),
    digest: trees.hello.sha256,
    images: [documentsOf(twoRoles).manifest, documentsOf(annotated).manifest]
      .sort()
      .flatMap(digest =>
        ['merged', 'merged.bootable'].map(role => [
          ...[digest, 'linux/amd64', role, 'v1'],
          ...[SHA256, 'allowlist-only', 'unverified'],
        ]),
      ),
  }),
  leadsTo('find-v2', {
    title: 'A composefs image in format v2 is found',
    requirements: ['STORE-060'],
    needs: ['format.v2'],
    ...(() => {
      const { store } = storeWith({ ...demo, images: { 'composefs.image': trees.helloData.dumpfile } });
      const digest = [...store.entries.keys()].find(path => path.startsWith('images/'))?.slice(7) ?? '';
      const entry = [manifest, 'linux/amd64', 'merged', 'v2', SHA256, 'allowlist-only', 'unverified'];
      return { store, digest, images: [entry] };
    })(),
  }),
  leadsTo('find-without-media-types', {
    title: 'A Docker manifest without its media type is found',
    requirements: ['STORE-060'],
    store: storeWith(withoutMediaTypes).store,
    digest: image,
    images: [found(documentsOf(withoutMediaTypes).manifest)],
  }),
  leadsTo('find-nothing', {
    title: 'The digest of no image leads to the empty set',
    requirements: ['STORE-060'],
    store: storeWith().store,
    digest: '0'.repeat(64),
    images: [],
  }),
  leadsTo('find-unreferenced', {
    title: 'A composefs image that no config refers to leads to the empty set',
    requirements: ['STORE-060'],
    store: storeWith({ ...demo, images: {} }).store.link(`images/${image}`, `../${objectPath(image)}`),
    digest: image,
    images: [],
  }),
  leadsTo('find-image-without-link', {
    title: 'A composefs image that the store does not keep leads to the empty set',
    requirements: ['STORE-060'],
    store: storeWith().store.remove(`images/${image}`),
    digest: image,
    images: [],
  }),
  leadsTo('find-image-without-object', {
    title: 'A composefs image without its object leads to the empty set',
    requirements: ['STORE-060'],
    store: storeWith().store.remove(objectPath(image)),
    digest: image,
    images: [],
  }),
  leadsTo('find-damaged-image', {
    title: 'A damaged composefs image leads to the empty set',
    requirements: ['STORE-060'],
    store: storeWith().store.file(objectPath(image), new Uint8Array(4096)),
    digest: image,
    images: [],
  }),
  leadsTo('find-empty-platform', {
    title: 'Empty members of a platform are written as if they were missing',
    requirements: ['STORE-062'],
    store: changed(store => [noVariant, noPlatform].map(each => addImage(store, each))),
    digest: image,
    images: [
      found(manifest),
      found(documentsOf(noVariant).manifest, { platform: 'linux/arm' }),
      found(documentsOf(noPlatform).manifest, { platform: '?/?' }),
    ].sort(),
  }),
  leadsTo('find-damaged-manifest', {
    title: 'A damaged manifest is not an entry',
    requirements: ['STORE-064'],
    store: changed(store => damage(store, documentsOf(demo).manifestBytes)),
    digest: image,
    images: [],
  }),
  leadsTo('find-damaged-config', {
    title: 'A manifest with a damaged config is not an entry',
    requirements: ['STORE-064'],
    store: changed(store => damage(store, documentsOf(demo).configBytes)),
    digest: image,
    images: [],
  }),
  leadsTo('find-missing-config', {
    title: 'A manifest without its config is not an entry',
    requirements: ['STORE-064'],
    store: storeWith().store.remove(`streams/oci-config-${config}`),
    digest: image,
    images: [],
  }),
  leadsTo('find-missing-layer', {
    title: 'A manifest without a layer is an entry, and not a verified one',
    requirements: ['STORE-060'],
    store: storeWith().store.remove(`streams/oci-layer-${diffIds[0]}`),
    digest: image,
    images: [found(manifest)],
  }),
  leadsTo('find-false-diff-id-verified', {
    title: 'A layer that does not match its diff_id is not verified',
    requirements: ['STORE-066'],
    class: 'HOSTILE',
    // The tree is the same with a block of zeros behind the end of the archive.
    store: changed(store =>
      store.stream(`oci-layer-${diffIds[0]}`, {
        type: contentTypes.layer,
        records: [{ inline: concat(hello, new Uint8Array(512)) }],
      }),
    ),
    digest: image,
    verify: true,
    images: [],
  }),
  leadsTo('find-missing-layer-verified', {
    title: 'A manifest without a layer is not verified',
    requirements: ['STORE-066'],
    store: storeWith().store.remove(`streams/oci-layer-${diffIds[0]}`),
    digest: image,
    verify: true,
    images: [],
  }),
];

function rejects(slug: string, title: string, digest: string): Recipe {
  return rejectsStore(`find-${slug}`, 'find', 'STORE_DIGEST', 'find', {
    title,
    requirements: ['STORE-065'],
    store: storeWith().store,
    params: { digest },
  });
}

const rejected: readonly Recipe[] = [
  rejects('upper-case', 'A digest in upper case is rejected', image.toUpperCase()),
  rejects('short', 'A digest that is too short is rejected', image.slice(1)),
  rejects('sha512', 'A digest of another algorithm is rejected', '0'.repeat(128)),
  rejects('prefix', 'A digest with the name of its algorithm is rejected', `sha256:${image}`),
];

export const recipes: readonly Recipe[] = [...entries, ...rejected];
