/**
 * Image selection: several entries that lead to one index or one manifest.
 * @module
 */

import { blobPath, type Descriptor, digestOf, type Json, LayoutBuilder } from '../../builder/layout.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, one, rejects, signature, trees } from './parts.ts';

/** The image, and the same manifest again with these members. */
const twice = (first: Json, second: Json) => (layout: LayoutBuilder) =>
  layout.index(one(layout, { descriptor: first }), one(layout, { descriptor: second }));

/** The descriptor of the image under its SHA-512 digest. */
function bySha512(layout: LayoutBuilder): Descriptor {
  const descriptor = one(layout);
  const manifest = layout.files[blobPath(descriptor.digest)] ?? '';
  const digest = digestOf(manifest, 'sha512');
  layout.put(blobPath(digest), manifest);
  return { ...descriptor, digest };
}
const sha256 = one(new LayoutBuilder()).digest;
const sha512 = bySha512(new LayoutBuilder()).digest;

const wrongSize = ({ size, ...rest }: Descriptor): Descriptor => ({ ...rest, size: size + 1 });

/** An index of the image, which `list` lists in `index.json`. */
const indexed = (list: (index: Descriptor) => readonly Json[]) => (layout: LayoutBuilder) =>
  layout.index(...list(layout.nested([one(layout)])));

/** An index of the image, below as many indexes as `depths` says for each entry of `index.json`. */
const atDepths =
  (...depths: readonly number[]) =>
  (layout: LayoutBuilder) => {
    const index = layout.nested([one(layout)]);
    const below = (depth: number): Descriptor => (depth === 0 ? index : layout.nested([below(depth - 1)]));
    return layout.index(...depths.map(below));
  };

/** An index without a `mediaType` of its own, so that the entries can call it what they like. */
const untyped = (layout: LayoutBuilder, member: Json = {}): Descriptor =>
  layout.blob(
    'application/vnd.oci.image.index.v1+json',
    JSON.stringify({ schemaVersion: 2, ...member, manifests: [one(layout)] }),
  );
const asDockerList = (index: Descriptor): Descriptor => ({
  ...index,
  mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
});

/** Entries for the manifest of a signature, after the image. */
const besideSignatures = (list: (signature: Descriptor) => readonly Json[]) => (layout: LayoutBuilder) =>
  layout.index(one(layout), ...list(signature(layout)));

/** Entries that lead to one index; each of them counts. */
const ofOneIndex: readonly Recipe[] = [
  accepts('same-index-twice', trees.hello, {
    title: 'Two entries for one index lead to one image',
    byComposefsRs: true,
    requirements: ['LAYER-016', 'LAYER-020'],
    class: 'EDGE_CASE',
    build: indexed(index => [index, index]),
  }),
  rejects('same-index-second-size', 'IMAGE_SIZE', 'same-index-twice', {
    title: 'A wrong size in the second of two entries for one index is rejected',
    requirements: ['LAYER-016', 'LAYER-011'],
    class: 'EDGE_CASE',
    build: indexed(index => [index, wrongSize(index)]),
  }),
  rejects('same-index-first-size', 'IMAGE_SIZE', 'same-index-twice', {
    title: 'A wrong size in the first of two entries for one index is rejected',
    requirements: ['LAYER-016', 'LAYER-011'],
    class: 'EDGE_CASE',
    build: indexed(index => [wrongSize(index), index]),
  }),
  accepts('same-index-two-types', trees.hello, {
    title: 'An index without a media type can be listed with both media types',
    byComposefsRs: true,
    requirements: ['LAYER-016', 'LAYER-006'],
    class: 'EDGE_CASE',
    build: layout => {
      const index = untyped(layout);
      return layout.index(index, asDockerList(index));
    },
  }),
  rejects('same-index-second-type', 'IMAGE_SCHEMA', 'same-index-two-types', {
    title: 'A second entry for one index with a different media type is rejected',
    requirements: ['LAYER-016', 'LAYER-006'],
    class: 'EDGE_CASE',
    build: layout => {
      const index = untyped(layout, { mediaType: 'application/vnd.oci.image.index.v1+json' });
      return layout.index(index, asDockerList(index));
    },
  }),
  accepts('same-index-deeper', trees.hello, {
    title: 'One index can be listed at depth 1 and at depth 4',
    byComposefsRs: true,
    requirements: ['LAYER-016', 'LAYER-020'],
    class: 'LIMIT',
    build: atDepths(0, 3),
  }),
  rejects('same-index-too-deep-second', 'IMAGE_LIMIT', 'same-index-deeper', {
    title: 'An index at depth 1 that is listed at depth 5 afterwards is rejected',
    requirements: ['LAYER-016', 'LAYER-017'],
    class: 'LIMIT',
    build: atDepths(0, 4),
  }),
  rejects('same-index-too-deep-first', 'IMAGE_LIMIT', 'same-index-deeper', {
    title: 'An index at depth 1 that is listed at depth 5 before is rejected',
    requirements: ['LAYER-016', 'LAYER-017'],
    class: 'LIMIT',
    build: atDepths(4, 0),
  }),
];

/** An index of an entry with a wrong size, and one of the right entry and that index. */
function innerAndOuter(layout: LayoutBuilder): { inner: Descriptor; outer: Descriptor } {
  const inner = layout.nested([wrongSize(one(layout))]);
  return { inner, outer: layout.nested([one(layout), inner]) };
}
const outerDigest = innerAndOuter(new LayoutBuilder()).outer.digest;

/** Entries that are compared with a digest of the other hash function, each by its own size. */
const byDigest: readonly Recipe[] = [
  ...(
    [
      ['SHA-512', 'sha512', one, sha512],
      ['SHA-256', 'sha256', bySha512, sha256],
    ] as const
  ).map(([name, slug, list, manifestDigest]) =>
    accepts(`manifest-digest-${slug}-second-size`, trees.hello, {
      title: `A ${name} digest selects an entry after one with a wrong size`,
      requirements: ['LAYER-115'],
      class: 'EDGE_CASE',
      params: { manifestDigest },
      build: layout => layout.index(wrongSize(list(layout)), list(layout)),
    }),
  ),
  rejects('manifest-digest-sha512-size', 'IMAGE_REFERENCE', 'manifest-digest-sha512-second-size', {
    title: 'A SHA-512 digest does not select an entry with a wrong size',
    requirements: ['LAYER-115', 'LAYER-029'],
    class: 'EDGE_CASE',
    params: { manifestDigest: sha512 },
    build: layout => layout.index(wrongSize(one(layout))),
  }),
  accepts('manifest-digest-of-index-listed-first', trees.hello, {
    title: 'An entry of a pinned index comes before one of an index in it',
    requirements: ['LAYER-115', 'LAYER-020'],
    class: 'EDGE_CASE',
    params: { manifestDigest: outerDigest },
    build: layout => {
      const { inner, outer } = innerAndOuter(layout);
      layout.index(outer, inner);
    },
  }),
  rejects('manifest-digest-of-index-listed-last', 'IMAGE_SIZE', 'manifest-digest-of-index-listed-first', {
    title: 'An index in a pinned index is considered where it is listed before',
    requirements: ['LAYER-115', 'LAYER-020'],
    class: 'EDGE_CASE',
    params: { manifestDigest: outerDigest },
    build: layout => {
      const { inner, outer } = innerAndOuter(layout);
      layout.index(inner, outer);
    },
  }),
  rejects('manifest-digest-first-size', 'IMAGE_SIZE', 'manifest-digest-sha512-second-size', {
    title: 'A digest of the hash function of the entries selects a wrong size',
    requirements: ['LAYER-115', 'LAYER-020', 'LAYER-011'],
    class: 'EDGE_CASE',
    params: { manifestDigest: sha256 },
    build: layout => layout.index(wrongSize(one(layout)), one(layout)),
  }),
];

export const recipes: readonly Recipe[] = [
  ...ofOneIndex,
  ...byDigest,
  accepts('same-manifest-second-differs', trees.hello, {
    title: 'A second entry for one manifest has no effect',
    requirements: ['LAYER-020'],
    class: 'EDGE_CASE',
    build: twice({}, { size: 1 }),
  }),
  rejects('same-manifest-first-differs', 'IMAGE_SIZE', 'same-manifest-second-differs', {
    title: 'The first of two entries for one manifest is its descriptor',
    requirements: ['LAYER-020', 'LAYER-011'],
    class: 'EDGE_CASE',
    build: twice({ size: 1 }, {}),
  }),
  rejects('same-manifest-two-hashes', 'IMAGE_AMBIGUOUS', 'same-manifest-twice', {
    title: 'One manifest under two digests counts as two images',
    requirements: ['LAYER-020'],
    class: 'EDGE_CASE',
    build: layout => layout.index(one(layout), bySha512(layout)),
  }),
  accepts('signature-twice-second-size', trees.hello, {
    title: 'A second entry for a signature has no effect',
    byComposefsRs: true,
    requirements: ['LAYER-020', 'LAYER-113'],
    class: 'EDGE_CASE',
    build: besideSignatures(each => [each, wrongSize(each)]),
  }),
  rejects('signature-twice-first-size', 'IMAGE_AMBIGUOUS', 'signature-twice-second-size', {
    title: 'A signature is not ignored if its first entry has a wrong size',
    requirements: ['LAYER-020', 'LAYER-113'],
    class: 'EDGE_CASE',
    build: besideSignatures(each => [wrongSize(each), each]),
  }),
];
