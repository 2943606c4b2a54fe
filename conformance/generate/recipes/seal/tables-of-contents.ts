/**
 * Sealing of images whose layers have tables of contents.
 * @module
 */

import { type Changes, chunkedLayer } from '../../builder/chunked.ts';
import type { Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import { helloParts } from '../image/table-of-contents.ts';
import { member } from '../toc/parts.ts';
import {
  type Additions,
  helloAdditions,
  type Image,
  image,
  plain,
  published,
  rejects,
  rejectsArtifact,
  seals,
  sealsWithArtifact,
  types,
} from './parts.ts';

/** The image of the layer `hello` as a zstd:chunked blob, whose descriptor is without its last two braces. */
function chunkedImage(changes: Changes = {}): () => Image {
  return () => {
    const source = image();
    const { blob, annotations } = chunkedLayer(helloParts, changes);
    const descriptor = source.builder.blob(`${types.layer}+zstd`, blob, { annotations });
    return { ...source, layers: [{ descriptor: JSON.stringify(descriptor).slice(0, -2) }] };
  };
}

/** A manifest in which sealing adds members behind the annotations that a layer has already. */
function manifest(source: Image, add: Additions): string {
  const added = add.layers[0] ?? '';
  const [layer] = source.layers;
  const descriptor = `${layer?.descriptor}${added === '' ? '' : `,${added}`}}`;
  return plain({ ...source, layers: [{ descriptor }] }, { ...add, layers: [] });
}

const falseMode = member('usr/greeting', 'mode', 0o4755);
const needs = ['compression.zstd'];

export const recipes: readonly Recipe[] = [
  seals('toc-layer', {
    title: 'A zstd:chunked layer keeps its annotations and gets a digest',
    requirements: ['SEAL-080', 'SEAL-081', 'TOC-001'],
    image: chunkedImage(),
    manifest,
    add: source => ({
      ...helloAdditions(source),
      layers: [published('layer', trees.helloUntransformed.sha256)],
    }),
    params: { roles: 'layer' },
    needs: [...needs, 'role.layer'],
  }),
  seals('toc-merged', {
    title: 'Sealing an image keeps the annotations of a zstd:chunked layer',
    requirements: ['SEAL-080'],
    image: chunkedImage(),
    manifest,
    needs,
  }),
  rejects('toc-wrong', 'TOC_ENTRY', 'toc-merged', {
    title: 'A table of contents that does not agree is not sealed',
    requirements: ['SEAL-010', 'VERIFY-080'],
    image: chunkedImage(falseMode),
    manifest,
    needs,
    class: 'HOSTILE',
  }),
  sealsWithArtifact('toc-artifact', {
    title: 'An image with a zstd:chunked layer gets an artifact',
    requirements: ['SEAL-081', 'TOC-001'],
    image: chunkedImage(),
    manifest,
    needs,
  }),
  rejectsArtifact('toc-artifact-wrong', 'TOC_ENTRY', 'toc-artifact', {
    title: 'A table of contents that does not agree gets no artifact',
    requirements: ['SEAL-010', 'VERIFY-080'],
    image: chunkedImage(falseMode),
    manifest,
    needs,
    class: 'HOSTILE',
  }),
];
