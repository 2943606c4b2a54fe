/**
 * What a check finds of objects, links and files.
 * @module
 */

import { objectPath, type StoreBuilder } from '../../builder/store.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { imageOf } from '../erofs/parts.ts';
import { trees } from '../image/parts.ts';
import { demo, documentsOf, finds, letters, storeWith } from './parts.ts';

const { manifest, config, diffIds } = documentsOf(demo);
const [base = '', upper = ''] = diffIds;
const { store: sound } = storeWith();
const image = trees.helloData.sha256;
const invalidNames = ['@a', 'a%', 'a%2fb', 'a%20b', 'a\x01b', 'a\x7f', 'a\xffb', '\xc3', '\xed\xa0\x80'];
const lettersObject = objectPath(sound.digest(letters));

/** The store of most cases, changed. */
function changed(change: (store: StoreBuilder) => unknown): StoreBuilder {
  const { store } = storeWith();
  change(store);
  return store;
}

function flipped(content: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(content);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Replaces the content of a file. */
const rewritten = (path: string, change: (content: Uint8Array) => Uint8Array) => (store: StoreBuilder) =>
  store.file(path, change(store.content(path)));

const objects: readonly Recipe[] = [
  finds('sound', {
    title: 'A store without a defect has no findings',
    requirements: ['STORE-040'],
    store: sound,
    findings: [],
  }),
  finds('empty', {
    title: 'A store without an image has no findings',
    requirements: ['STORE-040', 'STORE-134'],
    store: changed(store => store.entries.forEach((_, path) => void (/\//.test(path) && store.remove(path)))),
    findings: [],
  }),
  finds('sha512', {
    title: 'A store with SHA-512 has no findings',
    requirements: ['STORE-040', 'STORE-070'],
    store: storeWith(
      {
        layers: [demo.layers[0] ?? { tar: bytes('') }],
        images: { 'composefs.image.v1': trees.hello.dumpfile },
      },
      { hash: 'sha512' },
    ).store,
    findings: [],
  }),
  finds('object-bit', {
    title: 'One wrong bit of an object is found',
    requirements: ['STORE-040', 'STORE-041'],
    store: changed(rewritten(lettersObject, content => flipped(content, 99))),
    findings: [['object-digest', lettersObject]],
  }),
  finds('object-longer', {
    title: 'A byte behind an object is found',
    requirements: ['STORE-040'],
    store: changed(rewritten(lettersObject, content => bytes(`${Buffer.from(content)}x`))),
    findings: [['object-digest', lettersObject]],
  }),
  finds('object-shorter', {
    title: 'A missing byte of an object is found',
    requirements: ['STORE-040'],
    store: changed(rewritten(lettersObject, content => content.subarray(1))),
    findings: [['object-digest', lettersObject]],
  }),
  finds('object-empty', {
    title: 'An object without content is found',
    requirements: ['STORE-040'],
    store: changed(store => store.file(lettersObject, '')),
    findings: [['object-digest', lettersObject]],
  }),
  finds('object-of-image-bit', {
    title: 'A damaged composefs image is one finding, of its object',
    requirements: ['STORE-042'],
    store: changed(rewritten(objectPath(image), content => flipped(content, 1024))),
    findings: [['object-digest', objectPath(image)]],
  }),
  finds('object-of-stream-bit', {
    title: 'A damaged stream is one finding, of its object',
    requirements: ['STORE-042'],
    store: changed(rewritten(sound.behind(`streams/oci-layer-${base}`), content => flipped(content, 0))),
    findings: [['object-digest', sound.behind(`streams/oci-layer-${base}`)]],
  }),
  finds('object-of-manifest-bit', {
    title: 'A damaged manifest is one finding, of its object',
    requirements: ['STORE-042'],
    store: changed(
      rewritten(objectPath(sound.digest(documentsOf(demo).manifestBytes)), content => flipped(content, 5)),
    ),
    findings: [['object-digest', objectPath(sound.digest(documentsOf(demo).manifestBytes))]],
  }),
  finds('object-of-two-streams', {
    title: 'A damaged object to which two streams lead is one finding',
    requirements: ['STORE-040', 'STORE-042'],
    store: changed(store => {
      const path = store.behind(`streams/oci-layer-${base}`);
      store.file(path, 'damaged').link('streams/other', `../${path}`).link('streams/third', `../${path}`);
    }),
    findings: [['object-digest', sound.behind(`streams/oci-layer-${base}`)]],
  }),
  finds('object-not-needed', {
    title: 'An object that nothing needs is not a finding',
    requirements: ['STORE-040'],
    store: changed(store => store.object('not needed')),
    findings: [],
  }),
  finds('object-not-needed-bit', {
    title: 'A damaged object that nothing needs is found',
    requirements: ['STORE-041'],
    store: changed(store => store.file(objectPath(store.digest('a')), 'b')),
    findings: [['object-digest', objectPath(sound.digest('a'))]],
  }),
  finds('object-missing', {
    title: 'A missing object is found once',
    requirements: ['STORE-040'],
    store: changed(store => store.remove(lettersObject)),
    findings: [['object-missing', lettersObject]],
  }),
  finds('object-missing-of-unneeded-image', {
    title: 'A missing object of a composefs image that nothing needs is found',
    requirements: ['STORE-041'],
    store: changed(store => {
      const dumpfile = trees.helloData.dumpfile.replaceAll('dac5f3', 'dac5f4').replace('da/c5f3', 'da/c5f4');
      store.image(imageOf(dumpfile));
    }),
    findings: [['object-missing', lettersObject.replace('c5f3', 'c5f4')]],
  }),
  finds('object-as-link', {
    title: 'A link instead of an object is stray, and the object missing',
    requirements: ['STORE-075', 'STORE-134'],
    store: changed(store => {
      store.file('objects/.tmp-object-letters', letters);
      store.link(lettersObject, '../.tmp-object-letters');
    }),
    findings: [
      ['stray', lettersObject],
      ['object-missing', lettersObject],
    ],
  }),
  finds('object-name-upper-case', {
    title: 'An object with upper-case digits in its name is stray',
    requirements: ['STORE-134', 'STORE-075'],
    class: 'EDGE_CASE',
    store: changed(store => {
      store.remove(lettersObject);
      store.file(
        lettersObject.replace(/[^/]*$/, name => name.toUpperCase()),
        letters,
      );
    }),
    findings: [
      ['object-missing', lettersObject],
      ['stray', lettersObject.replace(/[^/]*$/, name => name.toUpperCase())],
    ],
  }),
  finds('object-name-short', {
    title: 'An object with a name that is too short is stray',
    requirements: ['STORE-134'],
    store: changed(store => store.file('objects/00/abcdef', '')),
    findings: [['stray', 'objects/00/abcdef']],
  }),
];

const strays: readonly Recipe[] = [
  finds('stray-file', {
    title: 'A file at the top of a store is stray',
    requirements: ['STORE-134'],
    store: changed(store => store.file('notes', 'text')),
    findings: [['stray', 'notes']],
  }),
  finds('stray-directory', {
    title: 'Of a stray directory only the directory is found',
    requirements: ['STORE-134'],
    store: changed(store =>
      store.file('other/notes', 'text').file('objects/zz/a', 'text').file('images/a/b', 'text'),
    ),
    findings: [
      ['stray', 'other'],
      ['stray', 'objects/zz'],
      ['stray', 'images/a'],
    ],
  }),
  finds('stray-names', {
    title: 'Bytes of a path that are not printable are escaped in the list',
    requirements: ['STORE-040'],
    class: 'EDGE_CASE',
    store: changed(store => store.file('a b\\c', '').file('\xff\xe9', '').file('a\tb\nc', '')),
    findings: [
      ['stray', 'a\tb\nc'],
      ['stray', 'a b\\c'],
      ['stray', '\xff\xe9'],
    ],
  }),
  finds('empty-directories', {
    title: 'Empty directories of the layout are not findings',
    requirements: ['STORE-134'],
    store: changed(store => {
      store.directory('objects/00').directory('images/refs/a').directory('streams/refs/b/c');
    }),
    findings: [],
  }),
  finds('temporary-files', {
    title: 'Temporary files in objects are not findings',
    requirements: ['STORE-134', 'STORE-072'],
    store: changed(store =>
      store.file('objects/.tmp-object-1', 'x').link('objects/.tmp-object-link', 'nowhere'),
    ),
    findings: [],
  }),
  finds('temporary-file-of-another-name', {
    title: 'A file with another name in objects is stray',
    requirements: ['STORE-134'],
    store: changed(store => store.file('objects/.tmp-1', 'x').file('objects/00/.tmp-object-1', 'x')),
    findings: [
      ['stray', 'objects/.tmp-1'],
      ['stray', 'objects/00/.tmp-object-1'],
    ],
  }),
  finds('file-as-stream', {
    title: 'A file instead of the link of a stream is stray',
    requirements: ['STORE-075', 'STORE-134'],
    store: changed(store => store.file('streams/other', 'text')),
    findings: [['stray', 'streams/other']],
  }),
  finds('stream-of-another-kind', {
    title: 'A name of a stream that begins with oci- needs a kind and a digest',
    requirements: ['STORE-134'],
    store: changed(store => {
      const target = `../${store.behind(`streams/oci-layer-${base}`)}`;
      store.link('streams/oci-other', target).link('streams/oci-layer-sha256:ABC', target);
      store.link(`streams/oci-layer-${base.toUpperCase().replace('SHA', 'sha')}`, target);
      store.link('streams/oci-layer-md5:d41d8cd98f00b204e9800998ecf8427e', target);
    }),
    findings: [
      ['stray', 'streams/oci-other'],
      ['stray', 'streams/oci-layer-sha256:ABC'],
      ['stray', `streams/oci-layer-${base.toUpperCase().replace('SHA', 'sha')}`],
      ['stray', 'streams/oci-layer-md5:d41d8cd98f00b204e9800998ecf8427e'],
    ],
  }),
  finds('image-name', {
    title: 'A link in images without a digest as its name is stray',
    requirements: ['STORE-134'],
    store: changed(store =>
      store.link('images/latest', image).link(`images/${image}00`, `../${objectPath(image)}`),
    ),
    findings: [
      ['stray', 'images/latest'],
      ['stray', `images/${image}00`],
    ],
  }),
];

const links: readonly Recipe[] = [
  finds('image-dangling', {
    title: 'A link to an image that does not exist is found',
    requirements: ['STORE-130'],
    store: changed(store => {
      const digest = store.digest('no image');
      store.link(`images/${digest}`, `../${objectPath(digest)}`);
    }),
    findings: [['link-dangling', `images/${sound.digest('no image')}`]],
  }),
  finds('stream-dangling', {
    title: 'A link to a stream that does not exist is found',
    requirements: ['STORE-130', 'STORE-133'],
    store: changed(store => store.link('streams/other', `../${objectPath(store.digest('no stream'))}`)),
    findings: [['link-dangling', 'streams/other']],
  }),
  finds('image-of-another-digest', {
    title: 'A link in images to an object with another digest is found',
    requirements: ['STORE-130'],
    store: changed(store => store.link(`images/${store.digest('a')}`, `../${objectPath(image)}`)),
    findings: [['link-target', `images/${sound.digest('a')}`]],
  }),
  finds('links-out-of-the-store', {
    title: 'Links that leave the store are found and not followed',
    requirements: ['STORE-130'],
    class: 'HOSTILE',
    store: changed(store => {
      store.link('streams/absolute', '/etc/passwd').link('streams/above', '../../etc/passwd');
      store.link('streams/longer', `.././${store.behind(`streams/oci-layer-${base}`)}`);
      store.link('streams/refs/oci/absolute', '/etc/passwd');
    }),
    findings: [
      ['link-target', 'streams/absolute'],
      ['link-target', 'streams/above'],
      ['link-target', 'streams/longer'],
      ['link-target', 'streams/refs/oci/absolute'],
    ],
  }),
  finds('name-dangling', {
    title: 'A name for a manifest that does not exist is found',
    requirements: ['STORE-130'],
    store: changed(store => store.name('gone', `sha256:${'0'.repeat(64)}`)),
    findings: [['link-dangling', 'streams/refs/oci/gone']],
  }),
  finds('name-for-a-config', {
    title: 'A name that does not lead to a manifest is found',
    requirements: ['STORE-130', 'STORE-070'],
    store: changed(store => store.link('streams/refs/oci/config', `../../oci-config-${config}`)),
    findings: [['link-target', 'streams/refs/oci/config']],
  }),
  finds('name-with-another-target', {
    title: 'The target of a name starts with exactly two parent directories',
    requirements: ['STORE-130', 'STORE-071'],
    store: changed(store => {
      store.link('streams/refs/oci/one', `../oci-manifest-${manifest}`);
      store.link('streams/refs/oci/longer', `../.././oci-manifest-${manifest}`);
    }),
    findings: [
      ['link-target', 'streams/refs/oci/one'],
      ['link-target', 'streams/refs/oci/longer'],
    ],
  }),
  finds('findings-in-order', {
    title: 'Findings are in order of their paths first, and then of their codes',
    requirements: ['STORE-040'],
    store: changed(store =>
      store
        .file(lettersObject, 'damaged')
        .file('notes', 'text')
        .link('streams/refs/oci/@a', `../../oci-config-${config}`),
    ),
    findings: [
      ['stray', 'notes'],
      ['object-digest', lettersObject],
      ['link-target', 'streams/refs/oci/@a'],
      ['name-invalid', 'streams/refs/oci/@a'],
    ],
  }),
  finds('names-invalid', {
    title: 'Names that are not allowed are found',
    requirements: ['STORE-091', 'STORE-013'],
    class: 'EDGE_CASE',
    store: changed(store => {
      for (const name of invalidNames) store.name(name, manifest);
    }),
    findings: invalidNames.map(name => ['name-invalid', `streams/refs/oci/${name}`]),
  }),
  finds('names-valid', {
    title: 'Names with all other characters are allowed',
    requirements: ['STORE-091', 'STORE-090'],
    class: 'EDGE_CASE',
    store: changed(store => {
      for (const name of ['a%2Fb', 'a%25b', '.a', 'a@b', ' a', 'a\\b', '...', 'n'.repeat(255)])
        store.name(name, manifest);
      store.name(Buffer.from('é‮\u{10ffff}').toString('latin1'), manifest);
    }),
    findings: [],
  }),
  finds('other-roots', {
    title: 'Roots outside of the names are links at any depth',
    requirements: ['STORE-071', 'STORE-130'],
    store: changed(store => {
      store.link('streams/refs/mine', `../oci-layer-${base}`);
      store.link('streams/refs/a/b/c', `../../../oci-layer-${upper}`);
      store.link('images/refs/boot/current', `../../${image}`);
    }),
    findings: [],
  }),
  finds('other-roots-wrong', {
    title: 'A root that does not lead to its directory is found',
    requirements: ['STORE-130', 'STORE-071'],
    store: changed(store => {
      store.link('streams/refs/deep/one', `../oci-layer-${base}`);
      store.link('images/refs/one', `../../objects/${image}`);
      store.link('images/refs/gone', `../${'0'.repeat(64)}`);
    }),
    findings: [
      ['link-target', 'streams/refs/deep/one'],
      ['link-target', 'images/refs/one'],
      ['link-dangling', 'images/refs/gone'],
    ],
  }),
  finds('file-as-root', {
    title: 'A file among the roots is stray',
    requirements: ['STORE-134'],
    store: changed(store => store.file('streams/refs/oci/file', manifest).file('images/refs/file', image)),
    findings: [
      ['stray', 'streams/refs/oci/file'],
      ['stray', 'images/refs/file'],
    ],
  }),
];

export const recipes: readonly Recipe[] = [...objects, ...strays, ...links];
