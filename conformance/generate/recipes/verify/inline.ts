/**
 * Inline digests: correct, wrong, missing, in a wrong place, and misspelt.
 * @module
 */

import { blobPath, digestOf } from '../../builder/layout.ts';
import { archive, bytes, character, hardlink } from '../../builder/tar.ts';
import { testKeys } from '../../builder/test-keys.ts';
import { smallVerity } from '../../builder/verity.ts';
import type { Recipe } from '../../recipe.ts';
import { boot, goodbye, hello, trees } from '../image/parts.ts';
import {
  type Additions,
  helloAdditions,
  type Image,
  image,
  key,
  member,
  plain,
  published,
  types,
} from '../seal/parts.ts';
import { bare, inlineKeys, inManifest, merged, otherDigest, rejected, verified } from './parts.ts';

const { rsa } = testKeys;

const mergedKey = key('merged');

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
const linked = () => image([{ tar: hello }, { tar: archive(hardlink('usr/link', 'usr/greeting')) }]);
const linkedAdditions = twoAdditions();
const linkedMerged = published('merged', '421a37cdd928dc637a55c47edbc7068e5471610ed4069fe680303686e522b6d4');

const bootable = () => image([{ tar: hello }, { tar: boot }]);
const bootableAdditions = (source: Image): Additions => ({
  ...helloAdditions(source),
  manifest: published('merged.bootable', trees.helloBoot.sha256),
});

export const recipes: readonly Recipe[] = [
  verified('inline', {
    title: 'Correct inline digests are verified',
    requirements: ['VERIFY-005', 'VERIFY-006', 'VERIFY-038', 'VERIFY-001'],
  }),
  verified('inline-two-algorithms', {
    title: 'Digests of two algorithms are compared',
    requirements: ['VERIFY-005', 'VERIFY-038'],
    needs: ['digest.sha512-12'],
    add: source => {
      const [a, b] = [helloAdditions(source), helloAdditions(source, 'sha512')];
      return { config: `${a.config},${b.config}`, layers: [], manifest: `${b.manifest},${a.manifest}` };
    },
    keys: [...inlineKeys, key('config', 'sha512'), key('merged', 'sha512')],
  }),
  verified('inline-merged-alone', {
    title: 'The digest of role merged is sufficient',
    requirements: ['VERIFY-006'],
    add: source => ({ ...helloAdditions(source), config: '' }),
    keys: [mergedKey],
  }),
  rejected('inline-merged-wrong', 'VERIFY_DIGEST', 'inline', {
    title: 'A digest of a different file system is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: inManifest(published('merged', otherDigest)),
  }),
  rejected('inline-config-wrong', 'VERIFY_DIGEST', 'inline', {
    title: 'A digest of a different config is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: source => ({ ...helloAdditions(source), config: published('config', smallVerity(bytes('{}'))) }),
  }),
  rejected('inline-second-algorithm-wrong', 'VERIFY_DIGEST', 'inline-two-algorithms', {
    title: 'A wrong digest is rejected next to a correct one',
    requirements: ['VERIFY-005'],
    needs: ['digest.sha512-12'],
    class: 'HOSTILE',
    add: inManifest(`${published('merged', merged)},${published('merged', trees.bonjour.sha512)}`),
  }),
  rejected('untransformed', 'VERIFY_DIGEST', 'inline', {
    title: 'A digest of the tree without transforms is rejected for role merged',
    requirements: ['VERIFY-005', 'SEAL-003'],
    add: inManifest(published('merged', trees.helloUntransformed.sha256)),
  }),
  rejected('nothing-published', 'VERIFY_UNPUBLISHED', 'inline', {
    title: 'An image without published digests is rejected',
    requirements: ['VERIFY-006'],
    add: bare,
  }),
  rejected('config-alone', 'VERIFY_UNPUBLISHED', 'inline', {
    title: 'An image that publishes only the digest of its config is rejected',
    requirements: ['VERIFY-006'],
    add: source => ({ ...helloAdditions(source), manifest: '' }),
  }),
  verified('algorithm-asked', {
    title: 'A digest with the requested algorithm is verified',
    requirements: ['VERIFY-006'],
    params: { algorithm: 'fsverity-sha256-12' },
  }),
  rejected('algorithm-not-there', 'VERIFY_UNPUBLISHED', 'algorithm-asked', {
    title: 'An image without a digest of the requested algorithm is rejected',
    requirements: ['VERIFY-006'],
    params: { algorithm: 'fsverity-sha512-12' },
  }),
  verified('bootable', {
    title: 'A published digest of role merged.bootable is verified',
    requirements: ['VERIFY-006', 'VERIFY-005'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
    image: bootable,
    add: bootableAdditions,
    keys: [key('config'), key('merged.bootable')],
  }),
  rejected('bootable-not-there', 'VERIFY_UNPUBLISHED', 'bootable', {
    title: 'A digest of role merged is rejected for role merged.bootable',
    requirements: ['VERIFY-006'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
  }),
  rejected('merged-not-there', 'VERIFY_UNPUBLISHED', 'bootable', {
    title: 'A digest of role merged.bootable is rejected for role merged',
    requirements: ['VERIFY-006'],
    needs: ['role.merged.bootable'],
    image: bootable,
    add: bootableAdditions,
  }),
  rejected('bootable-wrong', 'VERIFY_DIGEST', 'bootable', {
    title: 'A digest of role merged under the merged.bootable key is rejected',
    requirements: ['VERIFY-005'],
    needs: ['role.merged.bootable'],
    class: 'HOSTILE',
    params: { role: 'merged.bootable' },
    image: bootable,
    add: inManifest(published('merged.bootable', merged)),
  }),
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
        ({ manifest }) => ({ manifest: `${published('layer', helloLayer)},${manifest}` }),
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
        ({ config }) => ({ config: `${config},${published('layer', helloLayer)}` }),
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
    ] as const
  ).map(([slug, what, text]) =>
    rejected(`schema-${slug}`, 'IMAGE_SCHEMA', 'inline-merged-alone', {
      title: `A manifest ${what} is rejected`,
      requirements: ['VERIFY-014'],
      add: bare,
      manifest: (source, add) => plain(source, add).replace(/\}$/, `,${text}}`),
    }),
  ),
  verified('manifest-digest', {
    title: 'A manifest with the requested digest is verified',
    requirements: ['VERIFY-003'],
    params: { manifestDigest: manifestDigest('sha256') },
  }),
  verified('manifest-digest-sha512', {
    title: 'A manifest can be requested by its SHA-512 digest',
    requirements: ['VERIFY-003'],
    class: 'EDGE_CASE',
    params: { manifestDigest: manifestDigest('sha512') },
  }),
  rejected('manifest-digest-other', 'VERIFY_MANIFEST', 'manifest-digest', {
    title: 'A manifest without the requested digest is rejected',
    requirements: ['VERIFY-003'],
    class: 'HOSTILE',
    params: { manifestDigest: `sha256:${'0'.repeat(64)}` },
  }),
  rejected('manifest-digest-malformed', 'IMAGE_DIGEST_FORM', 'manifest-digest', {
    title: 'A requested manifest digest in upper case is rejected',
    requirements: ['VERIFY-004'],
    params: { manifestDigest: manifestDigest('sha256').toUpperCase() },
  }),
  ...(['manifest', 'config', 'layer'] as const).map(what =>
    rejected(`damaged-${what}`, 'IMAGE_DIGEST', 'inline', {
      title: `A ${what} with one flipped bit is rejected`,
      requirements: ['VERIFY-002', 'LAYER-012'],
      class: 'HOSTILE',
      manifest: (source, add) => {
        const manifest = plain(source, add);
        const blob = what === 'config' ? source.config : hello;
        return what === 'manifest' ? manifest : manifest.replace(digestOf(blob), undamaged(blob));
      },
      build: (builder, manifest) => {
        const blob = { manifest, config: image().config, layer: hello }[what];
        builder.remove(blobPath(digestOf(blob))).put(blobPath(undamaged(blob)), blob);
        if (what !== 'manifest') return;
        const index = Buffer.from(builder.files['index.json'] ?? []).toString();
        builder.put('index.json', index.replace(digestOf(manifest), undamaged(manifest)));
      },
    }),
  ),
];

/** The digest of the manifest of `hello`, sealed with {@link helloAdditions}. */
function manifestDigest(hash: 'sha256' | 'sha512'): string {
  const source = image();
  return digestOf(plain(source, helloAdditions(source)), hash);
}

/**
 * The digest of `content` with one bit flipped, in the middle: under this name, `content` is a damaged blob, and all
 * else is right for `content`.
 */
function undamaged(content: string | Uint8Array): string {
  const array = Uint8Array.from(bytes(content));
  const middle = array.length >> 1;
  return digestOf(array.with(middle, (array[middle] ?? 0) ^ 1));
}
