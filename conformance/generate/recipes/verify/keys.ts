/**
 * Keys of inline digests: unknown, misspelt, in a wrong place, and repeated.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import {
  type Additions,
  helloAdditions,
  image,
  key,
  member,
  plain,
  published,
  types,
} from '../seal/parts.ts';
import { bare, inManifest, merged, otherDigest, rejected, verified } from './parts.ts';

const mergedKey = key('merged');

export const recipes: readonly Recipe[] = [
  ...[
    ['role', 'key with an unknown role', 'composefs.rootfs.erofs.v1.fsverity-sha256-12'],
    ['format', 'key with an unknown format', 'composefs.merged.erofs.v2.fsverity-sha256-12'],
    ['algorithm', 'key with an unknown algorithm', 'composefs.merged.erofs.v1.fsverity-blake3-12'],
    ['block-size', 'key with an unknown block size', 'composefs.merged.erofs.v1.fsverity-sha256-13'],
    ['suffix', 'key with an unknown suffix', 'composefs.merged.erofs.v1.fsverity-sha256-12.sig2'],
    ['prefix', 'key with an unknown prefix', 'composefs.composefs.merged.erofs.v1.fsverity-sha256-12'],
    ['shape', 'config key with a format', 'composefs.config.erofs.v1.fsverity-sha256-12'],
    ['shape-merged', 'merged key without a format', 'composefs.merged.fsverity-sha256-12'],
    ['podman', 'key with an unknown name', 'io.containers.composefs.digest'],
  ].map(([slug, what, name = '']) =>
    verified(`unknown-${slug}`, {
      title: `A ${what} is ignored`,
      requirements: ['VERIFY-009'],
      add: inManifest(`${published('merged', merged)},${member(name, otherDigest)}`),
    }),
  ),
  rejected('unknown-alone', 'VERIFY_UNPUBLISHED', 'unknown-format', {
    title: 'An image that publishes only under an unknown key is rejected',
    requirements: ['VERIFY-009', 'VERIFY-006'],
    add: inManifest(member('composefs.merged.erofs.v2.fsverity-sha256-12', merged)),
  }),
  ...(
    [
      ['capital', 'A key with a capital letter', mergedKey.replace('c', 'C')],
      ['upper', 'A key in upper case', mergedKey.toUpperCase()],
      ['long-s', 'A key with a long s', mergedKey.replace('composefs.', 'compo\u017fefs.')],
      ['signature', 'A signature key in a different case', `${mergedKey}.SIG`],
    ] as const
  ).map(([slug, what, name]) =>
    rejected(`key-case-${slug}`, 'VERIFY_KEY', 'inline', {
      title: `${what} is rejected`,
      requirements: ['VERIFY-010'],
      class: 'HOSTILE',
      add: inManifest(`${published('merged', merged)},${member(name, otherDigest)}`),
    }),
  ),
  ...(
    [
      [
        'config-in-manifest',
        'config key in the manifest annotations',
        ({ config, manifest }) => ({ manifest: `${config},${manifest}` }),
      ],
      [
        'layer-in-manifest',
        'layer key in the manifest annotations',
        ({ manifest }) => ({
          manifest: `${published('layer', trees.helloUntransformed.sha256)},${manifest}`,
        }),
      ],
      [
        'manifest-in-manifest',
        'manifest key in the manifest annotations',
        ({ manifest }) => ({ manifest: `${published('manifest', otherDigest)},${manifest}` }),
      ],
      [
        'merged-in-config',
        'merged key on the config descriptor',
        ({ config, manifest }) => ({ config: `${config},${manifest}` }),
      ],
      [
        'bootable-in-config',
        'merged.bootable key on the config descriptor',
        ({ config }) => ({ config: `${config},${published('merged.bootable', merged)}` }),
      ],
      ['merged-in-layer', 'merged key on a layer descriptor', ({ manifest }) => ({ layers: [manifest] })],
      ['config-in-layer', 'config key on a layer descriptor', ({ config }) => ({ layers: [config] })],
      [
        'layer-in-config',
        'layer key on the config descriptor',
        ({ config }) => ({ config: `${config},${published('layer', trees.helloUntransformed.sha256)}` }),
      ],
      [
        'signature-in-layer',
        'signature key of role merged on a layer descriptor',
        () => ({ layers: [member(`${mergedKey}.sig`, 'AAAA')] }),
      ],
    ] as readonly (readonly [string, string, (right: Additions) => Partial<Additions>])[]
  ).map(([slug, what, add]) =>
    rejected(`place-${slug}`, 'VERIFY_PLACE', 'inline', {
      title: `A ${what} is rejected`,
      requirements: ['VERIFY-011'],
      add: source => {
        const right = helloAdditions(source);
        return { ...right, ...add(right) };
      },
    }),
  ),
  rejected('place-docker', 'VERIFY_PLACE', 'inline', {
    title: 'A key in a Docker manifest is rejected',
    requirements: ['VERIFY-013'],
    mediaType: types.dockerManifest,
    manifest: (source, add) => plain(source, add).replace(types.manifest, types.dockerManifest),
  }),
  verified('place-index', {
    title: 'A key in an index is ignored',
    requirements: ['VERIFY-016'],
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading},"annotations":{${published('merged', otherDigest)}}}],` +
      `"annotations":{${published('merged', otherDigest)}}}`,
  }),
  rejected('place-index-alone', 'VERIFY_UNPUBLISHED', 'place-index', {
    title: 'An image whose only digests are in the index is rejected',
    requirements: ['VERIFY-016', 'VERIFY-006'],
    add: bare,
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading},"annotations":{${published('merged', merged)}}}]}`,
  }),
  verified('place-label', {
    title: 'An annotation key is ignored as a label',
    requirements: ['VERIFY-016'],
    image: () => image(undefined, { config: { Labels: { [mergedKey]: otherDigest } } }),
  }),
  ...(
    [
      ['upper', 'A published digest in upper case', merged.toUpperCase()],
      ['short', 'A published digest that is too short', merged.slice(2)],
      ['long', 'A published digest that is too long', `${merged}00`],
      ['sha512', 'A SHA-512 digest under a SHA-256 key', trees.hello.sha512],
      ['prefix', 'A published digest with a prefix', `sha256:${merged}`],
      ['space', 'A published digest that ends in a space', `${merged.slice(0, -1)} `],
      ['empty', 'An empty published digest', ''],
      ['no-hex', 'A published digest that is not hexadecimal', `${merged.slice(0, -1)}g`],
    ] as const
  ).map(([slug, what, value]) =>
    rejected(`value-${slug}`, 'VERIFY_VALUE', 'inline', {
      title: `${what} is rejected`,
      requirements: ['VERIFY-012'],
      add: inManifest(member(mergedKey, value)),
    }),
  ),
  rejected('key-twice', 'IMAGE_JSON', 'inline', {
    title: 'A manifest with a duplicate key is rejected',
    requirements: ['LAYER-003', 'VERIFY-001'],
    class: 'HOSTILE',
    add: inManifest(`${published('merged', merged)},${published('merged', merged)}`),
  }),
  rejected('key-twice-escaped', 'IMAGE_JSON', 'inline', {
    title: 'A manifest with a duplicate key, once escaped, is rejected',
    requirements: ['LAYER-003', 'VERIFY-001'],
    class: 'HOSTILE',
    add: inManifest(
      `${published('merged', merged)},${published('merged', merged).replace('composefs', '\\u0063omposefs')}`,
    ),
  }),
  verified('key-escaped', {
    title: 'An escape in a key has no effect',
    requirements: ['VERIFY-005'],
    class: 'EDGE_CASE',
    add: inManifest(published('merged', merged).replace('composefs', '\\u0063omposefs')),
  }),
  ...(
    [
      ['array', 'whose annotations are an array', '"annotations":[]'],
      ['number', 'with an annotation that is a number', `"annotations":{"a":1}`],
      ['null', 'with an annotation that is null', `"annotations":{"a":null}`],
      ['case', 'with a member Annotations', `"Annotations":{${published('merged', merged)}}`],
      ['artifact-type', 'whose artifactType is a number', '"artifactType":1'],
      ['subject', 'whose subject is a string', '"subject":"sha256:0"'],
      ['subject-empty', 'whose subject is an empty object', '"subject":{}'],
    ] as const
  ).map(([slug, what, text]) =>
    rejected(`schema-${slug}`, 'IMAGE_SCHEMA', 'inline-merged-alone', {
      title: `A manifest ${what} is rejected`,
      requirements: ['VERIFY-014'],
      add: bare,
      manifest: (source, add) => plain(source, add).replace(/\}$/, `,${text}}`),
    }),
  ),
];
