/**
 * Inline sealing: which digests are published, and where in the text of the manifest they are inserted.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { blobPath, digestOf, platform, tag } from '../../builder/layout.ts';
import { archive, bytes, character, concat, directory, file, hardlink, pax } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { goodbye, hello, trees } from '../image/parts.ts';
import {
  type Additions,
  annotations,
  descriptor,
  helloAdditions,
  type Image,
  image,
  key,
  member,
  more,
  nothing,
  plain,
  published,
  rejects,
  seals,
  types,
} from './parts.ts';
import { labelBootable, labelMerged, withLabel } from './policy.ts';

const layerDigest = (digest: string) => published('layer', digest);
/** Digest of the layer image of `goodbye`, from mkcomposefs. */
const goodbyeLayer = '1beebdaeecc0eaba6e7c615bc2ae4eee191130817db80e7c34f84d88e571966f';

const config = (source: Image, hash: 'sha256' | 'sha512' = 'sha256') =>
  published('config', verityDigest(bytes(source.config), hash));

/** Additions for an image other than `hello`. */
const additions =
  (merged: string, layers: readonly string[] = [], more = '') =>
  (source: Image): Additions => ({
    config: config(source),
    layers,
    // In bytewise order of the keys: merged.bootable before merged.erofs.
    manifest: `${more}${published('merged', merged)}`,
  });

const linked = archive(hardlink('usr/link', 'usr/greeting'));
/** Digest of the image of `hello` and `linked`, from mkcomposefs. */
const linkedMerged = '421a37cdd928dc637a55c47edbc7068e5471610ed4069fe680303686e522b6d4';
const withDevice = archive(character('etc/null', 0, 0));
/** Digest of the image of `hello` and `withDevice`, from mkcomposefs. */
const deviceMerged = '77167e7df48df45dc9ed9127adc8962236317d7c780947ea7a66d321d1f1c189';

const withXattr = archive(
  directory('usr/', { mtime: 1700000000 }),
  file('usr/greeting', 'hello\n', { mtime: 1700000001 }),
  directory('etc/', { mtime: 1600000000 }),
  concat(pax({ 'SCHILY.xattr.user.a': 'b' }), file('etc/name', 'demo\n', { mtime: 1600000001 })),
);

/** The layer `hello` with one byte changed in the content of a file. */
const undamaged = hello.with(hello.indexOf('h'.charCodeAt(0), 1024), 'H'.charCodeAt(0));

const selinux = archive(
  directory('usr/'),
  directory('etc/'),
  directory('etc/selinux/'),
  file('etc/selinux/config', 'SELINUXTYPE=absent\n'),
);

/** A manifest with foreign members in each of its objects, and with white space everywhere. */
function spacious({ config: text, layers }: Image, add: Additions): string {
  return `{
  "annotations": { "org.example.a": "\\u0041"${more(add.manifest)} },
  "x" : [ 1.0, 12345678901234567890, 1e400, { "y": null } ],
  "schemaVersion": 2,
  "config": ${descriptor(types.config, text)}, "annotations": {${add.config} } },
  "layers": [ ${layers[0]?.descriptor}, "annotations": {
      "org.example.b": "\u00e9\u20ac"${more(add.layers[0] ?? '')}
    } } ]
}
`;
}

/** A manifest without annotations, each object of which ends in white space. */
function trailing({ config: text, layers }: Image, add: Additions): string {
  return (
    `\t{"layers":[${layers[0]?.descriptor}${annotations(add.layers[0])} }\n],"config":` +
    `${descriptor(types.config, text)}${annotations(add.config)}\n\t},\n"schemaVersion":2${annotations(add.manifest)} }\n`
  );
}

/** A manifest whose annotations already contain a foreign one, before the keys. */
function between({ config: text, layers }: Image, add: Additions): string {
  const foreign = (name: string) => member(`org.example.${name}`, name);
  return (
    `{"schemaVersion":2,"config":${descriptor(types.config, text)}${annotations(add.config)}},` +
    `"layers":[${layers[0]?.descriptor}}],"annotations":{${foreign('a')}${more(add.manifest)}}}`
  );
}

const two = () => image([{ tar: hello }, { tar: goodbye }]);

export const recipes: readonly Recipe[] = [
  seals('one-layer', {
    title: 'Digests of the config and of role merged are published',
    requirements: [
      'SEAL-001',
      'SEAL-002',
      'SEAL-003',
      'SEAL-005',
      'SEAL-014',
      'SEAL-016',
      'SEAL-017',
      'SEAL-020',
    ],
  }),
  seals('sha512', {
    title: 'Digests can be published with SHA-512',
    requirements: ['SEAL-001', 'SEAL-002', 'SEAL-003'],
    needs: ['digest.sha512-12'],
    params: { algorithm: 'fsverity-sha512-12' },
    add: source => helloAdditions(source, 'sha512'),
  }),
  seals('no-layers', {
    title: 'An image without layers has the digest of an empty directory',
    requirements: ['SEAL-003'],
    class: 'EDGE_CASE',
    image: () => image([]),
    add: additions(trees.empty.sha256),
  }),
  seals('two-layers', {
    title: 'The digest of role merged covers all layers',
    requirements: ['SEAL-003'],
    image: two,
    add: additions(trees.helloGoodbye.sha256),
  }),
  seals('xattrs-left-out', {
    title: 'Attributes in user.* do not affect a published digest',
    requirements: ['SEAL-003'],
    class: 'EDGE_CASE',
    image: () => image([{ tar: withXattr }]),
  }),
  seals('role-layer', {
    title: 'The digest of each layer is published on its descriptor',
    requirements: ['SEAL-004', 'SEAL-001', 'SEAL-007'],
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    image: two,
    add: additions(trees.helloGoodbye.sha256, [
      layerDigest(trees.helloUntransformed.sha256),
      layerDigest(goodbyeLayer),
    ]),
  }),
  seals('same-layer-twice', {
    title: 'A layer that is listed twice gets its digest twice',
    requirements: ['SEAL-004'],
    class: 'EDGE_CASE',
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    image: () => image([{ tar: hello }, { tar: hello }]),
    add: additions(trees.hello.sha256, [
      layerDigest(trees.helloUntransformed.sha256),
      layerDigest(trees.helloUntransformed.sha256),
    ]),
  }),
  seals('layer-left-out-link', {
    title: 'A layer with a hard link to a lower file is omitted',
    requirements: ['SEAL-006', 'SEAL-007'],
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    image: () => image([{ tar: hello }, { tar: linked }]),
    add: additions(linkedMerged, [layerDigest(trees.helloUntransformed.sha256)]),
    leftOut: '1',
  }),
  seals('layer-left-out-device', {
    title: 'A layer with a character device 0:0 is omitted',
    requirements: ['SEAL-006', 'SEAL-007'],
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    image: () => image([{ tar: hello }, { tar: withDevice }]),
    add: additions(deviceMerged, [layerDigest(trees.helloUntransformed.sha256)]),
    leftOut: '1',
  }),
  seals('layers-left-out-all', {
    title: 'An image is sealed even if all of its layers are omitted',
    requirements: ['SEAL-006'],
    class: 'EDGE_CASE',
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    image: () => image([{ tar: concat(hello.subarray(0, -1024), withDevice) }]),
    add: additions(deviceMerged),
    leftOut: '0',
  }),
  seals('bootable', {
    title: 'Role merged.bootable is published in addition to role merged',
    requirements: ['SEAL-001', 'SEAL-003', 'SEAL-014'],
    needs: ['role.merged.bootable'],
    params: { roles: 'merged,merged.bootable' },
    image: () => image([{ tar: hello }]),
    // Without /boot and /sysroot, both roles have the same digest.
    add: additions(trees.hello.sha256, [], `${published('merged.bootable', trees.hello.sha256)},`),
  }),
  seals('role-merged-alone', {
    title: 'Role merged is published even if it is not requested',
    requirements: ['SEAL-001'],
    needs: ['role.merged.bootable'],
    params: { roles: 'merged.bootable' },
    add: additions(trees.hello.sha256, [], `${published('merged.bootable', trees.hello.sha256)},`),
  }),
  seals('bootable-labels', {
    title: 'Role merged.bootable of an image with an SELinux policy is labelled',
    requirements: ['SEAL-001', 'SELINUX-001', 'SELINUX-024'],
    needs: ['role.merged.bootable'],
    params: { roles: 'merged,merged.bootable' },
    image: withLabel,
    add: additions(labelMerged, [], `${published('merged.bootable', labelBootable)},`),
  }),
  rejects('bootable-selinux', 'TRANSFORM_SELINUX', 'bootable', {
    title: 'An image that lacks its SELinux policy is rejected for merged.bootable',
    requirements: ['SEAL-009', 'SEAL-001'],
    needs: ['role.merged.bootable'],
    params: { roles: 'merged,merged.bootable' },
    image: () => image([{ tar: selinux }]),
  }),
  seals('foreign-bytes-kept', {
    title: 'White space, escapes, numbers and other annotations are kept',
    requirements: ['SEAL-012', 'SEAL-014', 'SEAL-016'],
    manifest: spacious,
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    add: source => ({ ...helloAdditions(source), layers: [layerDigest(trees.helloUntransformed.sha256)] }),
  }),
  seals('before-white-space', {
    title: 'Members are inserted before the white space that ends an object',
    requirements: ['SEAL-014', 'SEAL-015'],
    manifest: trailing,
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    add: source => ({ ...helloAdditions(source), layers: [layerDigest(trees.helloUntransformed.sha256)] }),
  }),
  seals('behind-foreign-annotation', {
    title: 'A key is inserted after existing annotations',
    requirements: ['SEAL-014', 'SEAL-016'],
    manifest: between,
  }),
  seals('bootable-behind-foreign-annotation', {
    title: 'Keys are inserted after existing annotations, in bytewise order',
    requirements: ['SEAL-014', 'SEAL-016'],
    needs: ['role.merged.bootable'],
    params: { roles: 'merged,merged.bootable' },
    manifest: between,
    add: additions(trees.hello.sha256, [], `${published('merged.bootable', trees.hello.sha256)},`),
  }),
  seals('sealed-already', {
    title: 'A sealed image is returned byte for byte',
    requirements: ['SEAL-011', 'SEAL-013'],
    before: source => helloAdditions(source),
  }),
  seals('sealed-with-more', {
    title: 'An image with more digests than requested is returned unchanged',
    requirements: ['SEAL-011'],
    needs: ['digest.sha512-12'],
    before: source => both(source, 'sha256', 'sha512'),
    add: source => both(source, 'sha256', 'sha512'),
  }),
  seals('another-algorithm', {
    title: 'Keys of a second algorithm are inserted after existing keys',
    requirements: ['SEAL-014', 'SEAL-001'],
    needs: ['digest.sha512-12'],
    before: source => helloAdditions(source, 'sha512'),
    add: source => both(source, 'sha512', 'sha256'),
  }),
  seals('half-sealed', {
    title: 'Missing digests of a partly sealed image are added',
    requirements: ['SEAL-001', 'SEAL-011'],
    before: source => ({ ...nothing, config: config(source) }),
  }),
  seals('set-in-place', {
    title: 'The value of an existing member is replaced in its place',
    requirements: ['SEAL-013', 'SEAL-011'],
    manifest: (source, add) =>
      plain(source, {
        ...add,
        manifest: `${add.manifest}${more(member('org.example.z', 'z'))}`.replace(/^,/, ''),
      }),
    before: source => helloAdditions(source),
  }),
  seals('unknown-key-kept', {
    title: 'A key of an unknown version is kept',
    requirements: ['SEAL-012', 'SEAL-008'],
    class: 'EDGE_CASE',
    before: () => ({ ...nothing, manifest: member('composefs.merged.erofs.v2.fsverity-sha256-12', 'x') }),
    add: source => {
      const added = helloAdditions(source);
      return {
        ...added,
        manifest: `${member('composefs.merged.erofs.v2.fsverity-sha256-12', 'x')},${added.manifest}`,
      };
    },
  }),
  seals('label-right', {
    title: 'A correct digest under an older name is kept',
    requirements: ['SEAL-008', 'SEAL-010', 'SEAL-019'],
    image: () =>
      image(undefined, { config: { Labels: { 'containers.composefs.fsverity': trees.hello.sha256 } } }),
  }),
  rejects('label-wrong', 'VERIFY_DIGEST', 'label-right', {
    title: 'A wrong digest under an older name is rejected',
    requirements: ['SEAL-010'],
    image: () =>
      image(undefined, { config: { Labels: { 'containers.composefs.fsverity': trees.bonjour.sha256 } } }),
  }),
  rejects('inherited-digest', 'VERIFY_DIGEST', 'sealed-already', {
    title: 'A digest inherited from a different image is rejected',
    requirements: ['SEAL-010'],
    before: () => ({ ...nothing, manifest: published('merged', trees.bonjour.sha256) }),
  }),
  rejects('inherited-digest-not-asked', 'VERIFY_DIGEST', 'another-algorithm', {
    title: 'A wrong digest of an algorithm that is not requested is rejected',
    requirements: ['SEAL-010'],
    needs: ['digest.sha512-12'],
    before: () => ({ ...nothing, manifest: published('merged', trees.bonjour.sha512) }),
  }),
  rejects('key-in-another-case', 'VERIFY_KEY', 'sealed-already', {
    title: 'A key in a different case is rejected',
    requirements: ['SEAL-010'],
    before: () => ({
      ...nothing,
      manifest: member(key('merged').replace('m', 'M'), trees.hello.sha256),
    }),
  }),
  rejects('manifest-key-inline', 'VERIFY_PLACE', 'sealed-already', {
    title: 'An inline digest of the manifest is rejected',
    requirements: ['SEAL-010', 'SEAL-020'],
    before: () => ({ ...nothing, manifest: published('manifest', trees.hello.sha256) }),
  }),
  rejects('algorithm-unknown', 'REQUEST_ALGORITHM', 'one-layer', {
    title: 'An unknown algorithm is rejected',
    requirements: ['VERITY-002', 'SEAL-009'],
    params: { algorithm: 'fsverity-sha1-12' },
  }),
  rejects('layer-damaged', 'IMAGE_DIGEST', 'one-layer', {
    title: 'An image with a damaged layer is rejected',
    requirements: ['SEAL-009'],
    // Of the layer of the descriptor, one byte of a file differs; the diff_id is that of the damaged layer.
    manifest: (source, add) => plain(source, add).replace(digestOf(hello), digestOf(undamaged)),
    build: builder => builder.put(blobPath(digestOf(undamaged)), hello),
  }),
  rejects('two-tags', 'IMAGE_AMBIGUOUS', 'one-layer', {
    title: 'Two images without a reference are rejected',
    requirements: ['SEAL-009'],
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading},"annotations":{"org.opencontainers.image.ref.name":"a"}},${otherImage()}]}`,
  }),
  seals('platform', {
    title: 'Only the requested platform is sealed',
    requirements: ['SEAL-009', 'SEAL-017'],
    params: { platform: 'linux/arm64' },
    image: () => image(undefined, { architecture: 'arm64' }),
    index: leading =>
      `{"schemaVersion":2,"manifests":[${otherImage(platform('linux', 'amd64'))},` +
      `${leading},"platform":{"architecture":"arm64","os":"linux"}}]}`,
  }),
  seals('manifest-digest', {
    title: 'Only the image with the requested digest is sealed',
    requirements: ['SEAL-009', 'SEAL-017', 'LAYER-115'],
    params: { manifestDigest: digestOf(plain(image(), nothing)) },
    index: leading => `{"schemaVersion":2,"manifests":[${otherImage()},${leading}}]}`,
  }),
  rejects('manifest-digest-other', 'IMAGE_REFERENCE', 'manifest-digest', {
    title: 'A digest that no image has is rejected',
    requirements: ['SEAL-009', 'LAYER-029', 'LAYER-115'],
    params: { manifestDigest: digestOf('') },
    index: leading => `{"schemaVersion":2,"manifests":[${otherImage()},${leading}}]}`,
  }),
  seals('tag', {
    title: 'Only the image with the requested tag is sealed',
    requirements: ['SEAL-009', 'SEAL-017'],
    params: { reference: 'mine' },
    index: leading =>
      `{"schemaVersion":2,"manifests":[${otherImage(tag('other'))},` +
      `${leading},"annotations":{"org.opencontainers.image.ref.name":"mine"}}]}`,
  }),
];

function both(source: Image, first: 'sha256' | 'sha512', second: 'sha256' | 'sha512'): Additions {
  const [a, b] = [helloAdditions(source, first), helloAdditions(source, second)];
  return { config: `${a.config},${b.config}`, layers: [], manifest: `${a.manifest},${b.manifest}` };
}

/** An entry for an image whose blobs are missing and need not be read. */
function otherImage(more: object = {}): string {
  return JSON.stringify({ mediaType: types.manifest, digest: `sha256:${'0'.repeat(64)}`, size: 2, ...more });
}
