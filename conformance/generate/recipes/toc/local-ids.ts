/**
 * The local ids of images and layers that containers-storage identifies by their tables of contents.
 *
 * The texts that are hashed are written out here.
 * @module
 */

import { sha256Hex } from '../../builder/chunked.ts';
import type { Recipe } from '../../recipe.ts';

const config = 'c0'.repeat(32);
const diffId = 'd1'.repeat(32);
const toc = '70'.repeat(32);
const toc2 = '72'.repeat(32);

/** The case `toc/<slug>`; `image` is the text that is hashed, or undefined if the id is that of the config. */
function ids(
  slug: string,
  title: string,
  requirements: readonly string[],
  formula: string,
  layers: string,
  image: string | undefined,
  chain: readonly string[],
): Recipe {
  return {
    id: `toc/${slug}`,
    make: () => ({
      title,
      requirements,
      op: 'toc.id',
      needs: ['toc.zstd-chunked'],
      input: {},
      params: { config: `sha256:${config}`, layers, formula },
      expect: {
        outcome: 'accept',
        values: { image: image === undefined ? config : sha256Hex(image), layers: chain.join(',') },
      },
      confirmedBy: ['node:crypto (of the text that is hashed)'],
      files: {},
    }),
  };
}

const byToc = sha256Hex(`+@TOC=${toc}`);

export const recipes: readonly Recipe[] = [
  ids(
    'id-with-config',
    'A local image id hashes the config and the tables of contents',
    ['TOC-050', 'TOC-051'],
    'with-config',
    `toc=sha256:${toc}`,
    `@With TOC:${config}|sha256:${toc}|`,
    [byToc],
  ),
  ids(
    'id-without-config',
    'An older local image id hashes only the tables of contents',
    ['TOC-050'],
    'without-config',
    `toc=sha256:${toc}`,
    `@With TOC:sha256:${toc}|`,
    [byToc],
  ),
  ids(
    'id-of-mixed-layers',
    'A layer without a table of contents has an empty item in the id',
    ['TOC-050', 'TOC-051'],
    'with-config',
    `sha256:${diffId},toc=sha256:${toc},toc=sha256:${toc2}`,
    `@With TOC:${config}||sha256:${toc}|sha256:${toc2}|`,
    [
      diffId,
      sha256Hex(`${diffId}+@TOC=${toc}`),
      sha256Hex(`${sha256Hex(`${diffId}+@TOC=${toc}`)}+@TOC=${toc2}`),
    ],
  ),
  ids(
    'id-of-mixed-layers-without-config',
    'An older id has an empty item for a layer without a table',
    ['TOC-050', 'TOC-051'],
    'without-config',
    `toc=sha256:${toc},sha256:${diffId}`,
    `@With TOC:sha256:${toc}||`,
    [byToc, sha256Hex(`${byToc}+${diffId}`)],
  ),
  ids(
    'id-without-tables',
    'The id of an image without a table of contents is that of its config',
    ['TOC-050', 'TOC-051'],
    'with-config',
    `sha256:${diffId},sha256:${diffId}`,
    undefined,
    [diffId, sha256Hex(`${diffId}+${diffId}`)],
  ),
];
