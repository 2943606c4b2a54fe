/**
 * Digests under older names: labels, and an annotation.
 * @module
 */

import { archive, concat, file, pax } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { goodbye, hello, longTarget, trees } from '../image/parts.ts';
import { helloAdditions, image, key, member, plain, published, types } from '../seal/parts.ts';
import {
  bare,
  type Facts,
  inlineKeys,
  inManifest,
  merged,
  otherDigest,
  rejected,
  verified,
} from './parts.ts';

const label = 'containers.composefs.fsverity';
const older = 'containers.composefs-digest';
const withLabel = (name: string, value: unknown) => () =>
  image(undefined, { config: { Labels: { [name]: value } } });
/** Digest of the image of `hello` and `goodbye` in format v2, from composefs-rs. */
const helloGoodbyeV2 = '6b32745423f15a62ed9c94b3a0f53bd2ec270c5121dc226089b824ec417f4c99';

/** A layer with an attribute that is too long for every format (EROFS-004). */
const longAttribute = archive(
  concat(pax({ 'SCHILY.xattr.security.capability': 'v'.repeat(32768) }), file('usr/tool')),
);

/** The digest that the image of this layer would have in format v1 if there were no limit. */
const longAttributeV1 = '1d9f48e23d17920fa14ce32f1176d20483613533f7e8fabe9df04c2dc60d6591';

/** An image of which there is none in format v2 (EROFS-083), with `digest` in its label. */
const onlyV1 = (digest: string): Pick<Facts, 'needs' | 'image' | 'add'> => ({
  needs: ['format.v2'],
  image: () => image([{ tar: hello }, { tar: longTarget }], { config: { Labels: { [label]: digest } } }),
  add: source => ({ ...helloAdditions(source), manifest: published('merged', trees.helloLongTarget.sha256) }),
});

export const recipes: readonly Recipe[] = [
  verified('label', {
    title: 'A label with an older name publishes a digest of role merged',
    requirements: ['VERIFY-026', 'VERIFY-027'],
    image: withLabel(label, merged),
    add: bare,
    keys: [label],
  }),
  verified('label-beside', {
    title: 'A correct label is compared in addition to annotations',
    requirements: ['VERIFY-026', 'VERIFY-005'],
    image: withLabel(label, `sha256:${merged}`),
    keys: [label, ...inlineKeys],
  }),
  verified('label-sha512', {
    title: 'The length of the digest in a label determines its algorithm',
    requirements: ['VERIFY-026'],
    needs: ['digest.sha512-12'],
    image: withLabel(label, `fsverity-sha512-12:${trees.hello.sha512}`),
    keys: [label, ...inlineKeys],
  }),
  verified('label-format-v2', {
    title: 'A label with an older name can have a digest of format v2',
    requirements: ['VERIFY-047', 'VERIFY-026'],
    needs: ['format.v2'],
    image: () =>
      image([{ tar: hello }, { tar: goodbye }], { config: { Labels: { [label]: helloGoodbyeV2 } } }),
    add: source => ({ ...helloAdditions(source), manifest: published('merged', trees.helloGoodbye.sha256) }),
    keys: [label, ...inlineKeys],
    confirmedBy: ['composefs-rs 0.9.4'],
  }),
  verified('label-only-v1', {
    title: 'A label of an image that format v2 cannot hold is verified',
    requirements: ['VERIFY-073', 'VERIFY-027'],
    ...onlyV1(trees.helloLongTarget.sha256),
    keys: [label, ...inlineKeys],
  }),
  rejected('label-only-v1-other', 'VERIFY_DIGEST', 'label-only-v1', {
    title: 'A wrong label of an image that format v2 cannot hold is rejected',
    requirements: ['VERIFY-073', 'VERIFY-005'],
    ...onlyV1(otherDigest),
  }),
  rejected('label-of-no-format', 'EROFS_LIMIT', 'label', {
    title: 'A label of an image that no format can hold is rejected',
    requirements: ['VERIFY-073', 'VERIFY-001', 'EROFS-004'],
    class: 'LIMIT',
    image: () => image([{ tar: longAttribute }], { config: { Labels: { [label]: longAttributeV1 } } }),
    add: bare,
  }),
  verified('older-label', {
    title: 'The older annotation name is also read as a label',
    requirements: ['VERIFY-026'],
    image: withLabel(older, merged),
    keys: [older, ...inlineKeys],
  }),
  verified('older-annotation', {
    title: 'The older annotation name publishes a digest of role merged',
    requirements: ['VERIFY-026'],
    add: inManifest(member(older, merged)),
    keys: [older, key('config')],
  }),
  rejected('label-wrong', 'VERIFY_DIGEST', 'label-beside', {
    title: 'A wrong label next to correct annotations is rejected',
    requirements: ['VERIFY-005', 'VERIFY-026'],
    image: withLabel(label, otherDigest),
  }),
  rejected('older-annotation-wrong', 'VERIFY_DIGEST', 'older-annotation', {
    title: 'A wrong digest under the older annotation name is rejected',
    requirements: ['VERIFY-005', 'VERIFY-026'],
    add: inManifest(`${published('merged', merged)},${member(older, otherDigest)}`),
  }),
  rejected('label-malformed', 'VERIFY_VALUE', 'label-beside', {
    title: 'A label with an older name and a malformed digest is rejected',
    requirements: ['VERIFY-028'],
    image: withLabel(label, 'true'),
  }),
  rejected('label-wrong-length', 'VERIFY_VALUE', 'label-beside', {
    title: 'A label whose prefix does not match the digest length is rejected',
    requirements: ['VERIFY-028'],
    image: withLabel(label, `sha512:${merged}`),
  }),
  ...(
    [
      ['object', 'is an object', { digest: merged }],
      ['object-without-primitive', 'is an object without a text form', { toString: 0, valueOf: 0 }],
      ['array', 'is an array of a digest', [merged]],
      ['null', 'is null', null],
      ['number', 'is a number', 1],
    ] as const
  ).map(([slug, what, value]) =>
    rejected(`label-${slug}`, 'VERIFY_VALUE', 'label-beside', {
      title: `A label that ${what} is rejected`,
      requirements: ['VERIFY-028'],
      image: withLabel(label, value),
    }),
  ),
  rejected('label-array-deep', 'VERIFY_VALUE', 'label-beside', {
    title: 'A label that makes its config 100 levels deep is rejected',
    requirements: ['VERIFY-028', 'LAYER-111'],
    class: 'HOSTILE',
    add: () => ({ ...bare(), manifest: published('merged', merged) }),
    // Three objects are around the arrays.
    image: () =>
      image(undefined, { config: { Labels: { [label]: 0 } } }, config =>
        config.replace(':0}', `:${'['.repeat(97)}${']'.repeat(97)}}`),
      ),
  }),
  verified('label-algorithm', {
    title: 'A label publishes a digest of the requested algorithm',
    requirements: ['VERIFY-006', 'VERIFY-026'],
    params: { algorithm: 'fsverity-sha256-12' },
    image: withLabel(label, merged),
    add: bare,
    keys: [label],
  }),
  rejected('label-algorithm-other', 'VERIFY_UNPUBLISHED', 'label-algorithm', {
    title: 'A label does not publish a digest of a different algorithm',
    requirements: ['VERIFY-006', 'VERIFY-026'],
    params: { algorithm: 'fsverity-sha512-12' },
    image: withLabel(label, merged),
    add: bare,
  }),
  rejected('label-role-bootable', 'VERIFY_UNPUBLISHED', 'label', {
    title: 'A label does not publish a digest of role merged.bootable',
    requirements: ['VERIFY-006', 'VERIFY-026'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
    image: withLabel(label, merged),
    add: bare,
  }),
  ...(
    [
      ['trailing', 'with a letter after the digest', `${merged}z`],
      ['upper', 'in upper case', merged.toUpperCase()],
      ['long', 'with the prefix sha256 before 128 digits', `sha256:${trees.hello.sha512}`],
      ['block-size', 'that names blocks of 65536 bytes', `fsverity-sha256-16:${merged}`],
      ['two-prefixes', 'with two prefixes', `sha256:sha256:${merged}`],
      ['empty-prefix', 'with a colon and no prefix', `:${merged}`],
    ] as const
  ).map(([slug, what, value]) =>
    rejected(`label-form-${slug}`, 'VERIFY_VALUE', 'label-beside', {
      title: `A label ${what} is rejected`,
      requirements: ['VERIFY-026', 'VERIFY-028'],
      image: withLabel(label, value),
    }),
  ),
  ...(
    [
      ['null', 'are null', { config: { Labels: null } }],
      ['array', 'are an array', { config: { Labels: [label, merged] } }],
      [
        'other-case',
        'have an older name in a different case',
        { config: { Labels: { [label.toUpperCase()]: otherDigest } } },
      ],
      [
        'in-other-case',
        'are under a name in a different case',
        { config: { labels: { [label]: otherDigest } } },
      ],
      ['of-text', 'are in a config that is a string', { config: label }],
      ['of-container', 'are in container_config', { container_config: { Labels: { [label]: otherDigest } } }],
    ] as const
  ).map(([slug, what, config]) =>
    verified(`labels-${slug}`, {
      title: `Labels that ${what} publish nothing`,
      requirements: ['VERIFY-026', 'VERIFY-009'],
      class: 'EDGE_CASE',
      image: () => image(undefined, config),
    }),
  ),
  verified('older-annotation-other-case', {
    title: 'An older annotation name in a different case is ignored',
    requirements: ['VERIFY-009', 'VERIFY-026'],
    class: 'EDGE_CASE',
    add: inManifest(`${published('merged', merged)},${member(older.toUpperCase(), otherDigest)}`),
  }),
  verified('older-annotation-docker', {
    title: 'The older annotation name is read in a Docker manifest, too',
    requirements: ['VERIFY-026'],
    class: 'EDGE_CASE',
    mediaType: types.dockerManifest,
    manifest: (source, add) => plain(source, add).replace(types.manifest, types.dockerManifest),
    add: () => ({ ...bare(), manifest: member(older, merged) }),
    keys: [older],
  }),
  rejected('older-annotation-docker-wrong', 'VERIFY_DIGEST', 'older-annotation-docker', {
    title: 'A wrong digest under the older name in a Docker manifest is rejected',
    requirements: ['VERIFY-026', 'VERIFY-005'],
    class: 'HOSTILE',
    mediaType: types.dockerManifest,
    manifest: (source, add) => plain(source, add).replace(types.manifest, types.dockerManifest),
    add: () => ({ ...bare(), manifest: member(older, otherDigest) }),
  }),
  verified('label-elsewhere', {
    title: 'The older label name is ignored as an annotation',
    requirements: ['VERIFY-009', 'VERIFY-026'],
    class: 'EDGE_CASE',
    add: inManifest(`${published('merged', merged)},${member(label, otherDigest)}`),
  }),
];
