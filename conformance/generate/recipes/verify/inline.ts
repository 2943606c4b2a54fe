/**
 * Digests in the manifest: right, wrong, missing, misplaced and misspelt; and the older names.
 * @module
 */

import { digestOf, type LayoutBuilder } from '../../builder/layout.ts';
import { archive, bytes, hardlink } from '../../builder/tar.ts';
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
import { another, bare, inlineKeys, inManifest, merged, refused, verified } from './parts.ts';

const mergedKey = key('merged');
const withLabel = (name: string, value: unknown) => () =>
  image(undefined, { config: { Labels: { [name]: value } } });
const label = 'containers.composefs.fsverity';
const older = 'containers.composefs-digest';

const two = () => image([{ tar: hello }, { tar: goodbye }]);
const twoAdditions =
  (...layers: readonly string[]) =>
  (of: Image): Additions => ({
    ...helloAdditions(of),
    manifest: published('merged', trees.helloGoodbye.sha256),
    layers,
  });
const own = [
  published('layer', trees.helloUntransformed.sha256),
  published('layer', '1beebdaeecc0eaba6e7c615bc2ae4eee191130817db80e7c34f84d88e571966f'),
] as const;
/** `hello` and `goodbye` in format v2, by composefs-rs. */
const helloGoodbyeV2 = '6b32745423f15a62ed9c94b3a0f53bd2ec270c5121dc226089b824ec417f4c99';
const linked = () => image([{ tar: hello }, { tar: archive(hardlink('usr/link', 'usr/greeting')) }]);
const linkedAdditions = twoAdditions();
const linkedMerged = published('merged', '421a37cdd928dc637a55c47edbc7068e5471610ed4069fe680303686e522b6d4');

const bootable = () => image([{ tar: hello }, { tar: boot }]);
const bootableAdditions = (of: Image): Additions => ({
  ...helloAdditions(of),
  manifest: published('merged.bootable', trees.helloBoot.sha256),
});

export const recipes: readonly Recipe[] = [
  verified('inline', {
    title: 'Every inline digest is that of the image',
    requirements: ['VERIFY-005', 'VERIFY-006', 'VERIFY-038', 'VERIFY-001'],
  }),
  verified('inline-two-algorithms', {
    title: 'Digests of two algorithms are compared side by side',
    requirements: ['VERIFY-005', 'VERIFY-038'],
    needs: ['digest.sha512-12'],
    add: of => {
      const [a, b] = [helloAdditions(of), helloAdditions(of, 'sha512')];
      return { config: `${a.config},${b.config}`, layers: [], manifest: `${b.manifest},${a.manifest}` };
    },
    keys: [...inlineKeys, key('config', 'sha512'), key('merged', 'sha512')],
  }),
  verified('inline-merged-alone', {
    title: 'The digest of the file system is enough',
    requirements: ['VERIFY-006'],
    add: of => ({ ...helloAdditions(of), config: '' }),
    keys: [mergedKey],
  }),
  refused('inline-merged-wrong', 'VERIFY_DIGEST', 'inline', {
    title: 'A digest of another file system is refused',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: inManifest(published('merged', another)),
  }),
  refused('inline-config-wrong', 'VERIFY_DIGEST', 'inline', {
    title: 'A digest of another config is refused',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: of => ({ ...helloAdditions(of), config: published('config', smallVerity(bytes('{}'))) }),
  }),
  refused('inline-second-algorithm-wrong', 'VERIFY_DIGEST', 'inline-two-algorithms', {
    title: 'A right digest does not excuse a wrong one of another algorithm',
    requirements: ['VERIFY-005'],
    needs: ['digest.sha512-12'],
    class: 'HOSTILE',
    add: inManifest(`${published('merged', merged)},${published('merged', trees.bonjour.sha512)}`),
  }),
  refused('untransformed', 'VERIFY_DIGEST', 'inline', {
    title: 'The digest of the tree without transforms is not that of role merged',
    requirements: ['VERIFY-005', 'SEAL-003'],
    add: inManifest(published('merged', trees.helloUntransformed.sha256)),
  }),
  refused('nothing-published', 'VERIFY_UNPUBLISHED', 'inline', {
    title: 'An image that publishes nothing is not verified',
    requirements: ['VERIFY-006'],
    add: bare,
  }),
  refused('config-alone', 'VERIFY_UNPUBLISHED', 'inline', {
    title: 'A digest of the config says nothing of the file system',
    requirements: ['VERIFY-006'],
    add: of => ({ ...helloAdditions(of), manifest: '' }),
  }),
  verified('algorithm-asked', {
    title: 'The algorithm that is asked is there',
    requirements: ['VERIFY-006'],
    params: { algorithm: 'fsverity-sha256-12' },
  }),
  refused('algorithm-not-there', 'VERIFY_UNPUBLISHED', 'algorithm-asked', {
    title: 'The algorithm that is asked is not there',
    requirements: ['VERIFY-006'],
    params: { algorithm: 'fsverity-sha512-12' },
  }),
  verified('bootable', {
    title: 'Role merged.bootable is there where it is asked',
    requirements: ['VERIFY-006', 'VERIFY-005'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
    image: bootable,
    add: bootableAdditions,
    keys: [key('config'), key('merged.bootable')],
  }),
  refused('bootable-not-there', 'VERIFY_UNPUBLISHED', 'bootable', {
    title: 'Role merged does not stand for role merged.bootable',
    requirements: ['VERIFY-006'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
  }),
  refused('merged-not-there', 'VERIFY_UNPUBLISHED', 'bootable', {
    title: 'Role merged.bootable does not stand for role merged',
    requirements: ['VERIFY-006'],
    needs: ['role.merged.bootable'],
    image: bootable,
    add: bootableAdditions,
  }),
  refused('bootable-wrong', 'VERIFY_DIGEST', 'bootable', {
    title: 'The digest of role merged under the other key is refused',
    requirements: ['VERIFY-005'],
    needs: ['role.merged.bootable'],
    class: 'HOSTILE',
    params: { role: 'merged.bootable' },
    image: bootable,
    add: inManifest(published('merged.bootable', merged)),
  }),
  verified('layers', {
    title: 'Each layer has its own digest',
    requirements: ['VERIFY-007', 'VERIFY-005'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: two,
    add: twoAdditions(...own),
    keys: [...inlineKeys, key('layer')],
  }),
  verified('layer-without-image', {
    title: 'A layer that has no image of its own needs no digest',
    requirements: ['VERIFY-007'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: linked,
    add: of => ({ ...linkedAdditions(of), manifest: linkedMerged, layers: [own[0]] }),
    keys: [...inlineKeys, key('layer')],
  }),
  refused('layer-missing', 'VERIFY_UNPUBLISHED', 'layers', {
    title: 'Role layer wants a digest for each layer',
    requirements: ['VERIFY-007'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: two,
    add: twoAdditions(own[0]),
  }),
  refused('layers-none', 'VERIFY_UNPUBLISHED', 'layers', {
    title: 'Role layer is asked, and no layer has a digest',
    requirements: ['VERIFY-007', 'VERIFY-006'],
    needs: ['role.layer'],
    params: { role: 'layer' },
    image: two,
    add: twoAdditions(),
  }),
  verified('layer-missing-not-asked', {
    title: 'Digests of some layers are compared, and no more is asked',
    requirements: ['VERIFY-005'],
    needs: ['role.layer'],
    image: two,
    add: twoAdditions('', own[1]),
    keys: [...inlineKeys, key('layer')],
  }),
  refused('layers-exchanged', 'VERIFY_DIGEST', 'layers', {
    title: 'The digests of two layers are exchanged',
    requirements: ['VERIFY-005'],
    needs: ['role.layer'],
    class: 'HOSTILE',
    image: two,
    add: twoAdditions(own[1], own[0]),
  }),
  refused('layer-without-image-has-digest', 'VERIFY_DIGEST', 'layer-without-image', {
    title: 'A layer that has no image of its own has a digest all the same',
    requirements: ['VERIFY-008'],
    needs: ['role.layer'],
    image: linked,
    add: of => ({ ...linkedAdditions(of), manifest: linkedMerged, layers: [own[0], own[0]] }),
  }),
  ...[
    ['role', 'composefs.rootfs.erofs.v1.fsverity-sha256-12'],
    ['format', 'composefs.merged.erofs.v2.fsverity-sha256-12'],
    ['algorithm', 'composefs.merged.erofs.v1.fsverity-blake3-12'],
    ['block-size', 'composefs.merged.erofs.v1.fsverity-sha256-13'],
    ['suffix', 'composefs.merged.erofs.v1.fsverity-sha256-12.sig2'],
    ['prefix', 'composefs.composefs.merged.erofs.v1.fsverity-sha256-12'],
    ['shape', 'composefs.config.erofs.v1.fsverity-sha256-12'],
    ['shape-merged', 'composefs.merged.fsverity-sha256-12'],
    ['podman', 'io.containers.composefs.digest'],
  ].map(([slug, name = '']) =>
    verified(`unknown-${slug}`, {
      title: `A key with an unknown ${slug === 'podman' ? 'name' : slug} is passed over`.replace(/-/g, ' '),
      requirements: ['VERIFY-009'],
      add: inManifest(`${published('merged', merged)},${member(name, another)}`),
    }),
  ),
  refused('unknown-alone', 'VERIFY_UNPUBLISHED', 'unknown-format', {
    title: 'A key of another format alone is nothing',
    requirements: ['VERIFY-009', 'VERIFY-006'],
    add: inManifest(member('composefs.merged.erofs.v2.fsverity-sha256-12', merged)),
  }),
  ...(
    [
      ['capital', mergedKey.replace('c', 'C')],
      ['upper', mergedKey.toUpperCase()],
      ['long-s', mergedKey.replace('composefs.', 'compo\u017fefs.')],
      ['signature', `${mergedKey}.SIG`],
    ] as const
  ).map(([slug, name]) =>
    refused(`key-case-${slug}`, 'VERIFY_KEY', 'inline', {
      title: `A key in another case is refused: ${slug}`.replace('-', ' '),
      requirements: ['VERIFY-010'],
      class: 'HOSTILE',
      add: inManifest(`${published('merged', merged)},${member(name, another)}`),
    }),
  ),
  ...(
    [
      ['config-in-manifest', { manifest: published('config', another) }],
      ['layer-in-manifest', { manifest: published('layer', another) }],
      ['manifest-in-manifest', { manifest: published('manifest', another) }],
      ['merged-in-config', { config: published('merged', merged) }],
      ['bootable-in-config', { config: published('merged.bootable', merged) }],
      ['merged-in-layer', { layers: [published('merged', merged)] }],
      ['config-in-layer', { layers: [published('config', another)] }],
      ['layer-in-config', { config: published('layer', another) }],
      ['signature-in-layer', { layers: [member(`${mergedKey}.sig`, 'AAAA')] }],
    ] as const
  ).map(([slug, add]) =>
    refused(`place-${slug}`, 'VERIFY_PLACE', 'inline', {
      title: `A key stands in a wrong place: ${slug.replace(/-/g, ' ')}`,
      requirements: ['VERIFY-011'],
      add: of => ({ ...helloAdditions(of), ...add }),
    }),
  ),
  refused('place-docker', 'VERIFY_PLACE', 'inline', {
    title: 'A Docker manifest has no annotations',
    requirements: ['VERIFY-013'],
    mediaType: types.dockerManifest,
    manifest: (of, add) => plain(of, add).replace(types.manifest, types.dockerManifest),
  }),
  verified('place-index', {
    title: 'What stands in the index says nothing, right or wrong',
    requirements: ['VERIFY-016'],
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading},"annotations":{${published('merged', another)}}}],` +
      `"annotations":{${published('merged', another)}}}`,
  }),
  refused('place-index-alone', 'VERIFY_UNPUBLISHED', 'place-index', {
    title: 'A digest that was moved to the index is not published',
    requirements: ['VERIFY-016', 'VERIFY-006'],
    add: bare,
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading},"annotations":{${published('merged', merged)}}}]}`,
  }),
  verified('place-label', {
    title: 'A key of an annotation says nothing in a label',
    requirements: ['VERIFY-016'],
    image: withLabel(mergedKey, another),
  }),
  ...(
    [
      ['upper', merged.toUpperCase()],
      ['short', merged.slice(2)],
      ['long', `${merged}00`],
      ['sha512', trees.hello.sha512],
      ['prefix', `sha256:${merged}`],
      ['space', `${merged.slice(0, -1)} `],
      ['empty', ''],
      ['no-hex', `${merged.slice(0, -1)}g`],
    ] as const
  ).map(([slug, value]) =>
    refused(`value-${slug}`, 'VERIFY_VALUE', 'inline', {
      title: `A published digest is not written as one: ${slug.replace('-', ' ')}`,
      requirements: ['VERIFY-012'],
      add: inManifest(member(mergedKey, value)),
    }),
  ),
  refused('key-twice', 'IMAGE_JSON', 'inline', {
    title: 'A key that is there twice is refused with its document',
    requirements: ['LAYER-003', 'VERIFY-001'],
    class: 'HOSTILE',
    add: inManifest(`${published('merged', merged)},${published('merged', another)}`),
  }),
  refused('key-twice-escaped', 'IMAGE_JSON', 'inline', {
    title: 'A key that is there twice by an escape is refused with its document',
    requirements: ['LAYER-003', 'VERIFY-001'],
    class: 'HOSTILE',
    add: inManifest(
      `${published('merged', merged)},${published('merged', another).replace('composefs', '\\u0063omposefs')}`,
    ),
  }),
  verified('key-escaped', {
    title: 'An escape in a key changes nothing',
    requirements: ['VERIFY-005'],
    class: 'EDGE_CASE',
    add: inManifest(published('merged', merged).replace('composefs', '\\u0063omposefs')),
  }),
  ...(
    [
      ['array', '"annotations":[]'],
      ['number', `"annotations":{"a":1}`],
      ['null', '"annotations":null'],
      ['case', `"Annotations":{${published('merged', merged)}}`],
      ['artifact-type', '"artifactType":1'],
      ['subject', '"subject":"sha256:0"'],
    ] as const
  ).map(([slug, text]) =>
    refused(`schema-${slug}`, 'IMAGE_SCHEMA', 'inline-merged-alone', {
      title: `The manifest has a wrong member: ${slug.replace('-', ' ')}`,
      requirements: ['VERIFY-014'],
      add: bare,
      manifest: (of, add) => plain(of, add).replace(/\}$/, `,${text}}`),
    }),
  ),
  verified('manifest-digest', {
    title: 'The manifest is the one that was asked for',
    requirements: ['VERIFY-003'],
    params: { manifestDigest: manifestDigest('sha256') },
  }),
  verified('manifest-digest-sha512', {
    title: 'The manifest is asked for by another hash function',
    requirements: ['VERIFY-003'],
    class: 'EDGE_CASE',
    params: { manifestDigest: manifestDigest('sha512') },
  }),
  refused('manifest-digest-other', 'VERIFY_MANIFEST', 'manifest-digest', {
    title: 'Another manifest was asked for',
    requirements: ['VERIFY-003'],
    class: 'HOSTILE',
    params: { manifestDigest: `sha256:${'0'.repeat(64)}` },
  }),
  refused('manifest-digest-malformed', 'IMAGE_DIGEST_FORM', 'manifest-digest', {
    title: 'The digest that is asked for is in upper case',
    requirements: ['VERIFY-004'],
    params: { manifestDigest: manifestDigest('sha256').toUpperCase() },
  }),
  ...['manifest', 'config', 'layer'].map(what =>
    refused(`damaged-${what}`, 'IMAGE_DIGEST', 'inline', {
      title: `One bit of the ${what} is another`,
      requirements: ['VERIFY-002', 'LAYER-012'],
      class: 'HOSTILE',
      build: (builder, manifest) => damage(builder, what, manifest),
    }),
  ),
  verified('label', {
    title: 'A digest in the older label is that of role merged',
    requirements: ['VERIFY-026', 'VERIFY-027'],
    image: withLabel(label, merged),
    add: bare,
    keys: [label],
  }),
  verified('label-beside', {
    title: 'A right label beside right annotations is compared too',
    requirements: ['VERIFY-026', 'VERIFY-005'],
    image: withLabel(label, `sha256:${merged}`),
    keys: [label, ...inlineKeys],
  }),
  verified('label-sha512', {
    title: 'The length of a digest in the older label says its algorithm',
    requirements: ['VERIFY-026'],
    needs: ['digest.sha512-12'],
    image: withLabel(label, `fsverity-sha512-12:${trees.hello.sha512}`),
    keys: [label, ...inlineKeys],
  }),
  verified('label-format-v2', {
    title: 'A digest in the older label may be one of format v2',
    requirements: ['VERIFY-047', 'VERIFY-026'],
    needs: ['format.v2'],
    image: () =>
      image([{ tar: hello }, { tar: goodbye }], { config: { Labels: { [label]: helloGoodbyeV2 } } }),
    add: twoAdditions(),
    keys: [label, ...inlineKeys],
    confirmedBy: ['composefs-rs 0.9.4'],
  }),
  verified('older-label', {
    title: 'The name of the first proposal is read as a label',
    requirements: ['VERIFY-026'],
    image: withLabel(older, merged),
    keys: [older, ...inlineKeys],
  }),
  verified('older-annotation', {
    title: 'The name of the first proposal is read as an annotation',
    requirements: ['VERIFY-026'],
    add: inManifest(member(older, merged)),
    keys: [older, key('config')],
  }),
  refused('label-wrong', 'VERIFY_DIGEST', 'label-beside', {
    title: 'A wrong label beside right annotations is a disagreement',
    requirements: ['VERIFY-005', 'VERIFY-026'],
    image: withLabel(label, another),
  }),
  refused('older-annotation-wrong', 'VERIFY_DIGEST', 'older-annotation', {
    title: 'A wrong annotation by the older name is a disagreement',
    requirements: ['VERIFY-005', 'VERIFY-026'],
    add: inManifest(`${published('merged', merged)},${member(older, another)}`),
  }),
  refused('label-malformed', 'VERIFY_VALUE', 'label-beside', {
    title: 'An older label with a value that is no digest is refused',
    requirements: ['VERIFY-028'],
    image: withLabel(label, 'true'),
  }),
  refused('label-wrong-length', 'VERIFY_VALUE', 'label-beside', {
    title: 'An older label names an algorithm of another length',
    requirements: ['VERIFY-028'],
    image: withLabel(label, `sha512:${merged}`),
  }),
  verified('label-elsewhere', {
    title: 'The older label is none as an annotation',
    requirements: ['VERIFY-009', 'VERIFY-026'],
    class: 'EDGE_CASE',
    add: inManifest(`${published('merged', merged)},${member(label, another)}`),
  }),
];

/** The digest of the manifest of the image that is sealed by `helloAdditions`. */
function manifestDigest(hash: 'sha256' | 'sha512'): string {
  const of = image();
  return digestOf(plain(of, helloAdditions(of)), hash);
}

/** Changes one bit in the middle of a blob. */
function damage(builder: LayoutBuilder, what: string, manifest: string): void {
  const sizes: Record<string, number> = { manifest: bytes(manifest).length, layer: hello.length };
  const [config] = [/"size":(\d+)/.exec(manifest)?.[1]];
  sizes['config'] = Number(config);
  for (const [path, content] of Object.entries(builder.files)) {
    if (!path.startsWith('blobs/') || content.length !== sizes[what]) continue;
    const damaged = Uint8Array.from(content);
    const middle = damaged.length >> 1;
    damaged[middle] = (damaged[middle] ?? 0) ^ 1;
    builder.put(path, damaged);
  }
}
