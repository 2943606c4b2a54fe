/**
 * What a check finds of links of another form, and of what is where something else belongs.
 * @module
 */

import { objectPath, type StoreBuilder } from '../../builder/store.ts';
import type { Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import { demo, documentsOf, finds, letters, storeWith } from './parts.ts';

const { manifest, diffIds } = documentsOf(demo);
const [base = ''] = diffIds;
const { store: sound } = storeWith();
const image = trees.helloData.sha256;
const lettersObject = objectPath(sound.digest(letters));
/** The directory of the object of {@link letters}, which has no other object. */
const lettersDirectory = lettersObject.slice(0, 10);

/** The store of most cases, changed. */
function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  change(store);
  return store;
}

/** Puts a link with each target, and returns the finding of each. */
function linksTo(directory: string, targets: readonly string[]) {
  const paths = targets.map((_, i) => `${directory}/link-${i}`);
  return {
    put: (store: StoreBuilder) => targets.map((target, i) => store.link(paths[i] ?? '', target)),
    findings: paths.map(path => ['link-target', path] as const),
  };
}

const layerTarget = `../${sound.behind(`streams/oci-layer-${base}`)}`;
const streamTargets = linksTo('streams', [
  `./${layerTarget}`,
  `${layerTarget}/`,
  `${layerTarget}0`,
  layerTarget.slice(0, -1),
  layerTarget.slice(0, '../objects/00/'.length),
  layerTarget.replace('objects', 'OBJECTS'),
]);
const imageRoots = linksTo('images/refs', [
  '../',
  '../abc',
  `../${image}0`,
  `../${image}/`,
  `../${image.toUpperCase()}`,
  `../x${image}`,
]);
const streamRoots = linksTo('streams/refs', [
  '../',
  '../.',
  '../..',
  '../refs',
  '../oci-other',
  '../a/b',
  `../oci-layer-${base}/`,
  `../oci-layer-${base.toUpperCase()}`,
]);

const links: readonly Recipe[] = [
  finds('stream-targets', {
    title: 'The target of a stream is exactly that of an object',
    requirements: ['STORE-130', 'STORE-070'],
    class: 'EDGE_CASE',
    store: changed(streamTargets.put),
    findings: streamTargets.findings,
  }),
  finds('image-root-targets', {
    title: 'The target of a root of an image ends in a whole digest',
    requirements: ['STORE-130', 'STORE-071'],
    class: 'EDGE_CASE',
    store: changed(imageRoots.put),
    findings: imageRoots.findings,
  }),
  finds('stream-root-targets', {
    title: 'The target of a root of a stream ends in the name of a stream',
    requirements: ['STORE-130', 'STORE-071'],
    class: 'EDGE_CASE',
    store: changed(streamRoots.put),
    findings: streamRoots.findings,
  }),
  finds('roots-like-names', {
    title: 'Only links below streams/refs/oci are names',
    requirements: ['STORE-091', 'STORE-130'],
    store: changed(store => {
      store.link('images/refs/streams/refs/oci/@a', `../../../../${image}`);
      store.link('streams/refs/streams/refs/oci/@a', `../../../../oci-layer-${base}`);
      store.link('streams/refs/oci-a/@a', `../../oci-manifest-${manifest}`);
    }),
    findings: [],
  }),
];

const places: readonly Recipe[] = [
  finds('files-as-links', {
    title: 'Files, and directories of another name, instead of links are stray',
    requirements: ['STORE-134', 'STORE-075'],
    store: changed(store => {
      store.remove('streams/refs/oci/demo').file('streams/refs', '').file('images/refs', '');
      store.file(`images/${'0'.repeat(64)}`, '').file('streams/directory/file', '');
      store.file(`streams/oci-layer-sha256:${'0'.repeat(64)}`, '');
      store.link(`streams/oci-oci-layer-${base}`, layerTarget);
    }),
    findings: [
      ['stray', 'streams/refs'],
      ['stray', 'images/refs'],
      ['stray', `images/${'0'.repeat(64)}`],
      ['stray', 'streams/directory'],
      ['stray', `streams/oci-layer-sha256:${'0'.repeat(64)}`],
      ['stray', `streams/oci-oci-layer-${base}`],
    ],
  }),
  finds('files-among-objects', {
    title: 'Files and directories of another form among the objects are stray',
    requirements: ['STORE-134', 'STORE-072'],
    store: changed(store => {
      store
        .file('objects/00', '')
        .file('objects/000/a', '')
        .file('objects/0a0/b', '')
        .file('objects/0A/c', '');
      store.file('objects/a.tmp-object-1', '').file('objects/.tmp-object-directory/d', '');
    }),
    findings: [
      ['stray', 'objects/00'],
      ['stray', 'objects/000'],
      ['stray', 'objects/0a0'],
      ['stray', 'objects/0A'],
      ['stray', 'objects/a.tmp-object-1'],
      ['stray', 'objects/.tmp-object-directory'],
    ],
  }),
  finds('file-as-directory', {
    title: 'A file instead of a directory has no objects and no images',
    requirements: ['STORE-134', 'STORE-041'],
    store: (() => {
      const { store } = storeWith({ ...demo, images: {} });
      return store.remove('images').file('images', '').remove(lettersObject).file(lettersDirectory, '');
    })(),
    findings: [
      ['stray', 'images'],
      ['stray', lettersDirectory],
      ['object-missing', lettersObject],
    ],
  }),
  finds('link-loop', {
    title: 'Links to themselves instead of directories are stray',
    requirements: ['STORE-134', 'STORE-041'],
    class: 'HOSTILE',
    store: changed(store => {
      for (const path of [...store.entries.keys()]) if (path.startsWith('streams')) store.remove(path);
      store
        .link('streams', 'streams')
        .remove(lettersObject)
        .link(lettersDirectory, lettersDirectory.slice(8));
    }),
    findings: [
      ['stray', 'streams'],
      ['stray', lettersDirectory],
      ['object-missing', lettersObject],
    ],
  }),
];

export const recipes: readonly Recipe[] = [...links, ...places];
