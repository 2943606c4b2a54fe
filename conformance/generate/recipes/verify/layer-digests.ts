/**
 * Inline digests of layers: correct, wrong, missing, signed.
 * @module
 */

import { archive, character, hardlink } from '../../builder/tar.ts';
import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { goodbye, hello, trees } from '../image/parts.ts';
import { type Additions, helloAdditions, type Image, image, key, published } from '../seal/parts.ts';
import { inlineKeys, rejected, required, verified } from './parts.ts';

const { rsa } = testKeys;

const two = () => image([{ tar: hello }, { tar: goodbye }]);
const twoAdditions =
  (...layers: readonly string[]) =>
  (source: Image): Additions => ({
    ...helloAdditions(source),
    manifest: published('merged', trees.helloGoodbye.sha256),
    layers,
  });
/** Digest of the image of the layer `goodbye` by itself. */
const goodbyeLayer = '1beebdaeecc0eaba6e7c615bc2ae4eee191130817db80e7c34f84d88e571966f';
const helloLayer = trees.helloUntransformed.sha256;
const layerDigests = [published('layer', helloLayer), published('layer', goodbyeLayer)] as const;
const signedLayerDigests = [
  published('layer', trees.helloUntransformed.sha256, rsa),
  published('layer', goodbyeLayer, rsa),
] as const;
const signedAdditions =
  (...layers: readonly string[]) =>
  (source: Image): Additions => ({
    ...helloAdditions(source, 'sha256', rsa),
    manifest: published('merged', trees.helloGoodbye.sha256, rsa),
    layers,
  });
const linked = () => image([{ tar: hello }, { tar: archive(hardlink('usr/link', 'usr/greeting')) }]);
const linkedAdditions = twoAdditions();
const linkedMerged = published('merged', '421a37cdd928dc637a55c47edbc7068e5471610ed4069fe680303686e522b6d4');

export const recipes: readonly Recipe[] = [
  verified('layers', {
    title: 'Correct digests of all layers are verified',
    requirements: ['VERIFY-007', 'VERIFY-005'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: two,
    add: twoAdditions(...layerDigests),
    keys: [...inlineKeys, key('layer')],
  }),
  verified('layer-without-image', {
    title: 'A layer without an image of its own needs no digest',
    requirements: ['VERIFY-007'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: linked,
    add: source => ({ ...linkedAdditions(source), manifest: linkedMerged, layers: [layerDigests[0]] }),
    keys: [...inlineKeys, key('layer')],
  }),
  rejected('layer-missing', 'VERIFY_UNPUBLISHED', 'layers', {
    title: 'Role layer without a digest for every layer is rejected',
    requirements: ['VERIFY-007'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: two,
    add: twoAdditions(layerDigests[0]),
  }),
  rejected('layers-none', 'VERIFY_UNPUBLISHED', 'layers', {
    title: 'Role layer without any layer digest is rejected',
    requirements: ['VERIFY-007', 'VERIFY-006'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: two,
    add: twoAdditions(),
  }),
  verified('layers-algorithm', {
    title: 'Layer digests with the requested algorithm are verified',
    requirements: ['VERIFY-006', 'VERIFY-007'],
    needs: ['role.layer'],
    params: { role: 'layer', algorithm: 'fsverity-sha256-12' },
    image: linked,
    add: source => ({ ...linkedAdditions(source), manifest: linkedMerged, layers: [layerDigests[0]] }),
    keys: [...inlineKeys, key('layer')],
  }),
  rejected('layers-algorithm-without-layers', 'VERIFY_UNPUBLISHED', 'layers-algorithm', {
    title: 'An image without layers has no digest of role layer',
    requirements: ['VERIFY-006'],
    needs: ['role.layer'],
    params: { role: 'layer', algorithm: 'fsverity-sha256-12' },
    image: () => image([]),
    add: source => ({ ...helloAdditions(source), manifest: '' }),
  }),
  rejected('layers-algorithm-without-images', 'VERIFY_UNPUBLISHED', 'layers-algorithm', {
    title: 'An image whose layers have no images has no digest of role layer',
    requirements: ['VERIFY-006'],
    needs: ['role.layer'],
    params: { role: 'layer', algorithm: 'fsverity-sha256-12' },
    image: () => image([{ tar: archive(character('null', 0, 0)) }]),
    add: source => ({ ...helloAdditions(source), manifest: '' }),
  }),
  rejected('layers-algorithm-none', 'VERIFY_UNPUBLISHED', 'layers-algorithm', {
    title: 'Role layer without digests of the requested algorithm is rejected',
    requirements: ['VERIFY-006', 'VERIFY-007'],
    needs: ['role.layer'],
    params: { role: 'layer', algorithm: 'fsverity-sha512-12' },
    image: linked,
    add: source => ({ ...linkedAdditions(source), manifest: linkedMerged, layers: [layerDigests[0]] }),
  }),
  verified('layer-missing-not-asked', {
    title: 'Digests of some layers are compared if role layer is not requested',
    requirements: ['VERIFY-005'],
    needs: ['role.layer'],
    image: two,
    add: twoAdditions('', layerDigests[1]),
    keys: [...inlineKeys, key('layer')],
  }),
  ...(
    [
      ['layers-signed', 'Signed layer digests are reported as signed', signedLayerDigests, [key('layer')]],
      [
        'layers-one-signed-not-required',
        'A layer key with one unsigned digest is not reported as signed',
        [signedLayerDigests[0], layerDigests[1]],
        [],
      ],
      [
        'layers-last-signed-not-required',
        'A layer key with a signature of the last layer alone is not signed',
        [layerDigests[0], signedLayerDigests[1]],
        [],
      ],
    ] as const
  ).map(([slug, title, digests, signed]) =>
    verified(slug, {
      title,
      requirements: ['VERIFY-038', 'VERIFY-029'],
      needs: ['role.layer'],
      params: { role: 'layer' },
      trusted: [rsa],
      image: two,
      add: twoAdditions(...digests),
      keys: [...inlineKeys, key('layer')],
      signed,
    }),
  ),
  verified('layers-signed-required', {
    title: 'Role layer with a signature for every layer has the required ones',
    requirements: ['VERIFY-037'],
    needs: ['role.layer'],
    params: { role: 'layer', ...required },
    trusted: [rsa],
    image: two,
    add: signedAdditions(...signedLayerDigests),
    keys: [...inlineKeys, key('layer')],
    signed: [...inlineKeys, key('layer')],
  }),
  rejected('layers-one-signed', 'VERIFY_UNSIGNED', 'layers-signed-required', {
    title: 'Role layer without a required signature for one layer is rejected',
    requirements: ['VERIFY-037'],
    needs: ['role.layer'],
    params: { role: 'layer', ...required },
    trusted: [rsa],
    image: two,
    add: signedAdditions(signedLayerDigests[0], layerDigests[1]),
  }),
  rejected('layers-exchanged', 'VERIFY_DIGEST', 'layers', {
    title: 'Swapped digests of two layers are rejected',
    requirements: ['VERIFY-005'],
    needs: ['role.layer'],
    class: 'HOSTILE',
    image: two,
    add: twoAdditions(layerDigests[1], layerDigests[0]),
  }),
  rejected('layer-without-image-has-digest', 'VERIFY_DIGEST', 'layer-without-image', {
    title: 'A digest of a layer without an image of its own is rejected',
    requirements: ['VERIFY-008'],
    needs: ['role.layer'],
    image: linked,
    add: source => ({
      ...linkedAdditions(source),
      manifest: linkedMerged,
      layers: [layerDigests[0], layerDigests[0]],
    }),
  }),
];
