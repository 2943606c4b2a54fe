/**
 * Digests of images in optional formats and with optional algorithms.
 * @module
 */

import type { LayoutBuilder } from '../../builder/layout.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, data, goodbye, hello, trees } from './parts.ts';

/** The image of these layers. */
function image(layout: LayoutBuilder, ...tars: readonly Uint8Array[]): LayoutBuilder {
  return layout.index(layout.image({ layers: tars.map(tar => ({ tar })) }));
}

export const recipes: readonly Recipe[] = [
  accepts(
    'format-v0',
    {
      ...trees.helloGoodbye,
      sha256: '2b5d8b6f01be98fe00682c8a7002debda559448f1de8b9690e7cbafafcb1cd20',
    },
    {
      title: 'Format v0 gives an OCI image a different digest',
      requirements: ['EROFS-081'],
      needs: ['format.v0'],
      params: { format: 'v0' },
      build: layout => image(layout, hello, goodbye),
    },
  ),
  accepts(
    'format-v2',
    {
      ...trees.helloGoodbye,
      sha256: '6b32745423f15a62ed9c94b3a0f53bd2ec270c5121dc226089b824ec417f4c99',
    },
    {
      title: 'Format v2 gives an OCI image a different digest',
      requirements: ['EROFS-090', 'EROFS-085'],
      needs: ['format.v2'],
      params: { format: 'v2' },
      confirmedBy: ['composefs-rs 0.9.4'],
      build: layout => image(layout, hello, goodbye),
    },
  ),
  accepts(
    'large-blocks',
    {
      // Under this algorithm, 100 letters x have the digest a89b724a24077dc0084ab359d6aa00efde6e855a107207890ffcaa4f6ef5b704.
      dumpfile: '',
      sha256: '02f64f6ec4992bb22695c4528b83528cb8d8913824f5087bdeda240d7e171efa',
    },
    {
      title: 'Larger blocks give the objects of an image different digests',
      requirements: ['VERITY-008'],
      needs: ['digest.sha256-16'],
      params: { algorithm: 'fsverity-sha256-16' },
      confirmedBy: [
        'mkcomposefs 1.0.8 (the image, from a dumpfile of the tree)',
        'fsverity-utils 1.6 (digests)',
      ],
      build: layout => image(layout, hello, data),
    },
  ),
];
