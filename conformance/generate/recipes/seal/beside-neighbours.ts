/**
 * Sealing next to documents of other tools.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import {
  behindErofsImage,
  besideNeighbours,
  cosign,
  notary,
  putErofsImage,
  putNeighbours,
} from './neighbours.ts';
import { rejects, rejectsArtifact, seals, sealsWithArtifact } from './parts.ts';

const links = ['https://github.com/notaryproject/notation/pull/1335'];
const erofsLinks = ['https://github.com/containerd/containerd/pull/14012'];
const signatures = {
  index: (leading: string) => besideNeighbours(notary, cosign)(leading),
  build: (builder: Parameters<typeof putNeighbours>[0], manifest: string) =>
    putNeighbours(builder, manifest, notary, cosign),
};
const erofs = { index: behindErofsImage, build: putErofsImage };
const erofsRequested = { ...erofs, params: { platform: 'linux(+erofs)/amd64' } };

export const recipes: readonly Recipe[] = [
  seals('beside-signatures', {
    title: 'Signatures of the manifest by other tools stay as they are',
    requirements: ['SEAL-012', 'SEAL-017'],
    links,
    ...signatures,
    indexAfter: (after, before) => besideNeighbours(notary, cosign)(after, before),
  }),
  sealsWithArtifact('artifact-beside-signatures', {
    title: 'An artifact is listed after signatures of the manifest by other tools',
    requirements: ['SEAL-036', 'SEAL-037'],
    links,
    ...signatures,
  }),
  seals('beside-erofs-image', {
    title: 'An image whose layers are EROFS images is not sealed with its sibling',
    requirements: ['SEAL-009', 'SEAL-046', 'SEAL-017'],
    links: erofsLinks,
    ...erofs,
  }),
  sealsWithArtifact('artifact-beside-erofs-image', {
    title: 'An image whose layers are EROFS images gets no artifact',
    requirements: ['SEAL-009', 'SEAL-046', 'SEAL-036'],
    links: erofsLinks,
    ...erofs,
  }),
  rejects('erofs-image', 'IMAGE_MEDIA_TYPE', 'beside-erofs-image', {
    title: 'An image whose layers are EROFS images is rejected by a sealer',
    requirements: ['SEAL-009', 'LAYER-022'],
    ...erofsRequested,
  }),
  rejectsArtifact('artifact-erofs-image', 'IMAGE_MEDIA_TYPE', 'artifact-beside-erofs-image', {
    title: 'An image whose layers are EROFS images is rejected for an artifact',
    requirements: ['SEAL-009', 'LAYER-022'],
    ...erofsRequested,
  }),
];
