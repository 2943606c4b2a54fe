/**
 * Verification next to documents of other tools.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import {
  behindErofsImage,
  besideNeighbours,
  cosign,
  type Neighbour,
  notary,
  putErofsImage,
  putNeighbours,
} from '../seal/neighbours.ts';
import { artifact, artifactKeys, bare, rejected, verified } from './parts.ts';

const links = ['https://github.com/notaryproject/notation/pull/1335'];

const beside = (...neighbours: readonly Neighbour[]) =>
  ({
    index: (leading: string) => besideNeighbours(...neighbours)(leading),
    build: (builder: Parameters<typeof putNeighbours>[0], manifest: string) =>
      putNeighbours(builder, manifest, ...neighbours),
  }) as const;

export const recipes: readonly Recipe[] = [
  verified('beside-notary', {
    title: 'An artifact with dm-verity signatures of Notary is ignored',
    requirements: ['VERIFY-018', 'VERIFY-022'],
    links,
    ...beside(notary),
    add: bare,
    keys: artifactKeys,
    artifacts: (source, manifest) => [artifact()(source, manifest)],
  }),
  verified('beside-notary-inline', {
    title: 'Inline digests are verified next to signatures of other tools',
    requirements: ['VERIFY-018'],
    links,
    ...beside(notary, cosign),
  }),
  verified('beside-cosign', {
    title: 'A signature by cosign that refers to the image is ignored',
    requirements: ['VERIFY-018', 'VERIFY-022'],
    ...beside(cosign),
    add: bare,
    keys: artifactKeys,
    artifacts: (source, manifest) => [artifact()(source, manifest)],
  }),
  rejected('notary-alone', 'VERIFY_UNPUBLISHED', 'beside-notary', {
    title: 'An image with an artifact of Notary alone is rejected',
    requirements: ['VERIFY-006', 'VERIFY-018'],
    links,
    ...beside(notary),
    add: bare,
  }),
  verified('beside-erofs-image', {
    title: 'The image whose layers are archives is verified, not its sibling',
    requirements: ['VERIFY-051', 'LAYER-116'],
    links: ['https://github.com/containerd/containerd/pull/14012'],
    index: behindErofsImage,
    build: putErofsImage,
  }),
  rejected('erofs-image', 'IMAGE_MEDIA_TYPE', 'beside-erofs-image', {
    title: 'An image whose layers are EROFS images is rejected by a verifier',
    requirements: ['VERIFY-051', 'LAYER-022'],
    params: { platform: 'linux(+erofs)/amd64' },
    index: behindErofsImage,
    build: putErofsImage,
  }),
];
