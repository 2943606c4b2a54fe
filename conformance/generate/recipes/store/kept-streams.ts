/**
 * Imports into stores that have the streams of the image in another form than this implementation writes (STORE-108).
 * @module
 */

import { storedZstd } from '../../builder/compression.ts';
import { contentTypes } from '../../builder/store-stream.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { data } from '../image/parts.ts';
import {
  demo,
  documentsOf,
  finds,
  gzipDemo,
  type ImportFacts,
  imports,
  type StreamChange,
  storeWith,
} from './parts.ts';

/** The older header of all streams whose content type is one of `types`. */
const older =
  (...types: readonly string[]): StreamChange =>
  (_, stream) =>
    types.includes(stream.type) ? { ...stream, older: true } : stream;

/** The named references of documents twice: first to another stream each, and then as they are. */
const repeated: StreamChange = (_, stream) => {
  const names = Object.entries(stream.names ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (names.length === 0) return stream;
  const streams = [...new Set(names.map(([, digest]) => digest))];
  const text = (numberOf: (digest: string) => number) =>
    names.map(([name, digest]) => `${numberOf(digest)}:${name}\0`).join('');
  const section =
    text(digest => (streams.indexOf(digest) + 1) % streams.length) + text(digest => streams.indexOf(digest));
  return { ...stream, sections: { names: storedZstd(bytes(section)) } };
};

/** A named reference that the streams of `type` do not have. */
const more =
  (type: string): StreamChange =>
  (_, stream) =>
    stream.type === type ? { ...stream, names: { ...stream.names, mine: '5a'.repeat(32) } } : stream;

/** An import of the image of most cases, whose streams of `type` have a reference too many, and are replaced. */
function replaced(slug: string, type: string, title: string): Recipe {
  const { store } = storeWith(demo, { change: more(type) });
  const { store: after } = storeWith(demo);
  return imports(slug, { title, requirements: ['STORE-108', 'STORE-106'], image: demo, store, after });
}

/** An import of `image`, which the store has, with its streams as `change` makes them. */
function kept(
  slug: string,
  change: StreamChange,
  facts: Omit<ImportFacts, 'image' | 'store'>,
  image = demo,
): Recipe {
  const stored = () => storeWith(image, { change }).store;
  return imports(slug, { ...facts, image, store: stored(), after: stored() });
}

const [, upper = ''] = documentsOf(demo).diffIds;

export const recipes: readonly Recipe[] = [
  kept('import-older-layers', older(contentTypes.layer), {
    title: 'The stream of a layer with the older header is kept',
    requirements: ['STORE-108', 'STORE-115'],
  }),
  kept('import-older-documents', older(contentTypes.manifest, contentTypes.config), {
    title: 'The streams of documents with the older header are kept',
    requirements: ['STORE-108', 'STORE-115'],
  }),
  kept(
    'import-older-blobs',
    older(contentTypes.blob),
    {
      title: 'The streams of blobs with the older header are kept',
      requirements: ['STORE-108', 'STORE-115'],
      needs: ['store.blobs'],
      params: { blobs: 'true' },
    },
    gzipDemo,
  ),
  kept(
    'import-other-division',
    (name, stream) =>
      name === `oci-layer-${upper}`
        ? { ...stream, records: [{ inline: data.subarray(0, 512) }, { inline: data.subarray(512) }] }
        : stream,
    {
      title: 'A layer that is divided in another way is kept',
      requirements: ['STORE-108', 'STORE-114'],
    },
  ),
  kept('import-repeated-references', repeated, {
    title: 'Only the last of several references with one name counts',
    requirements: ['STORE-111', 'STORE-108'],
    class: 'EDGE_CASE',
  }),
  finds('repeated-references', {
    title: 'The first of several references with one name is not checked',
    requirements: ['STORE-111', 'STORE-131', 'STORE-132'],
    class: 'EDGE_CASE',
    store: storeWith(demo, { change: repeated }).store,
    findings: [],
  }),
  replaced('import-more-references-of-layers', contentTypes.layer, 'A stream of a layer has no references'),
  replaced(
    'import-more-references-of-configs',
    contentTypes.config,
    'A config refers only to layers and composefs images',
  ),
  replaced(
    'import-more-references-of-manifests',
    contentTypes.manifest,
    'A manifest refers only to its config, layers and blobs',
  ),
];
