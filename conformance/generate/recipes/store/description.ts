/**
 * `meta.json`, the description of a store.
 * @module
 */

import { metaJson } from '../../builder/store.ts';
import { type Bytes, concat } from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { demo, finds, imports, rejectsImport, rejectsStore, removes, storeWith } from './parts.ts';

const withDescription = (description: Bytes) => storeWith().store.file('meta.json', description);

/** A description that is accepted: the store has no findings. */
function accepts(
  slug: string,
  title: string,
  requirement: string,
  description: Bytes,
  kind?: Draft['class'],
) {
  return finds(`meta-${slug}`, {
    title,
    requirements: [requirement],
    class: kind ?? 'EDGE_CASE',
    store: withDescription(description),
    findings: [],
  });
}

/** A description that is rejected with STORE_META. */
function rejects(slug: string, title: string, description: Bytes, kind?: Draft['class']): Recipe {
  return rejectsStore(`meta-${slug}`, 'fsck', 'STORE_META', 'sound', {
    title,
    requirements: ['STORE-081'],
    class: kind ?? 'MALFORMED',
    store: withDescription(description),
  });
}

const meta = JSON.parse(metaJson());
const json = (change: object) => JSON.stringify({ ...meta, ...change });
const padded = (length: number) => concat(metaJson(), ' '.repeat(length - metaJson().length));

const descriptions: readonly Recipe[] = [
  accepts(
    'short',
    'A description can have only a version and an algorithm',
    'STORE-081',
    '{"version":1,"algorithm":"fsverity-sha256-12"}',
  ),
  accepts(
    'features-empty',
    'The members of features can be absent',
    'STORE-081',
    json({ features: {}, erofs_formats: {} }),
  ),
  accepts(
    'other-members',
    'Other members are ignored',
    'STORE-082',
    json({ other: [1], features: { other: 1 }, erofs_formats: { other: 0 } }),
  ),
  accepts('longest', 'A description can have 65,536 bytes', 'STORE-081', padded(65_536), 'LIMIT'),
  accepts(
    'compatible',
    'An unknown compatible feature has no effect',
    'STORE-083',
    json({ features: { compatible: ['new'] } }),
  ),
  rejects('longer', 'A description has at most 65,536 bytes', padded(65_537), 'LIMIT'),
  rejects('empty', 'A description without a byte is rejected', ''),
  rejects('not-json', 'A description that is not JSON is rejected', '{'),
  rejects('array', 'A description that is not an object is rejected', '[]'),
  rejects(
    'not-utf-8',
    'A description that is not UTF-8 is rejected',
    concat(metaJson().slice(0, -1), ',"', Uint8Array.of(0xff), '":0}'),
  ),
  rejects('no-version', 'A description without a version is rejected', json({ version: undefined })),
  rejects('version', 'A version other than 1 is rejected', json({ version: 2 })),
  rejects('version-text', 'A version is a number', json({ version: '1' })),
  rejects('no-algorithm', 'A description without an algorithm is rejected', json({ algorithm: undefined })),
  rejects(
    'algorithm',
    'An algorithm with other blocks is rejected',
    json({ algorithm: 'fsverity-sha256-16' }),
  ),
  rejects('features', 'Features are an object', json({ features: [] })),
  rejects('features-text', 'Features are lists of strings', json({ features: { compatible: 'v1_erofs' } })),
  rejects(
    'features-number',
    'The items of a list of features are strings',
    json({ features: { incompatible: [1] } }),
  ),
  rejects('formats', 'The default format is 1 or 2', json({ erofs_formats: { default: 3 } })),
  rejects('formats-text', 'The default format is a number', json({ erofs_formats: { default: '1' } })),
  rejectsStore('meta-missing', 'fsck', 'STORE_META', 'sound', {
    title: 'A directory without a description is not a store',
    requirements: ['STORE-081'],
    store: storeWith().store.remove('meta.json'),
  }),
  rejectsStore('meta-directory', 'fsck', 'STORE_META', 'sound', {
    title: 'A directory instead of the description is rejected',
    requirements: ['STORE-081'],
    store: storeWith().store.remove('meta.json').directory('meta.json'),
  }),
  rejectsStore('meta-link', 'fsck', 'STORE_META', 'sound', {
    title: 'A link instead of the description is rejected',
    requirements: ['STORE-081'],
    store: storeWith().store.link('meta.json', 'meta').file('meta', metaJson()),
  }),
];

const incompatible = json({ features: { 'read-only-compatible': ['v1_erofs'], incompatible: ['new'] } });
const readOnly = json({ features: { 'read-only-compatible': ['v1_erofs', 'new'] } });

const features: readonly Recipe[] = [
  ...(
    [
      ['fsck', 'sound', {}],
      ['gc', 'gc-nothing', {}],
      ['export', 'export', { name: 'demo' }],
      ['find', 'find', { digest: '0'.repeat(64) }],
    ] as const
  ).map(([op, control, params]) =>
    rejectsStore(`incompatible-${op}`, op, 'STORE_FEATURE', control, {
      title: 'A store with an unknown incompatible feature is not used',
      requirements: ['STORE-083'],
      store: withDescription(incompatible),
      params,
    }),
  ),
  rejectsImport('incompatible-import', 'STORE_FEATURE', 'import-again', {
    title: 'A store with an unknown incompatible feature is not written',
    requirements: ['STORE-083'],
    image: demo,
    store: withDescription(incompatible),
  }),
  rejectsImport('read-only-import', 'STORE_FEATURE', 'import-again', {
    title: 'A store with an unknown feature that allows reading is not written',
    requirements: ['STORE-083'],
    image: demo,
    store: withDescription(readOnly),
  }),
  rejectsStore('read-only-gc', 'gc', 'STORE_FEATURE', 'gc-nothing', {
    title: 'From a store with a feature that allows reading nothing is removed',
    requirements: ['STORE-083'],
    store: withDescription(readOnly),
  }),
  removes('read-only-gc-dry-run', {
    title: 'A store with a feature that allows reading tells what is not needed',
    requirements: ['STORE-083'],
    store: withDescription(readOnly),
    removed: [],
    dryRun: true,
  }),
  finds('read-only-fsck', {
    title: 'A store with a feature that allows reading is checked',
    requirements: ['STORE-083'],
    store: withDescription(readOnly),
    findings: [],
  }),
  imports('compatible-import', {
    title: 'A store with an unknown compatible feature is written, and keeps it',
    requirements: ['STORE-083', 'STORE-082'],
    image: demo,
    store: withDescription(json({ features: { ...meta.features, compatible: ['new'] }, other: 1 })),
    after: withDescription(json({ features: { ...meta.features, compatible: ['new'] }, other: 1 })),
  }),
];

export const recipes: readonly Recipe[] = [...descriptions, ...features];
