/**
 * Inline digests of config and file system, and the digest of a manifest: correct, wrong and missing.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { blobPath, digestOf } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { boot, hello, trees } from '../image/parts.ts';
import { type Additions, helloAdditions, type Image, image, key, plain, published } from '../seal/parts.ts';
import { bare, inlineKeys, inManifest, merged, otherDigest, rejected, verified } from './parts.ts';

const mergedKey = key('merged');

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
  verified('second-entry-of-another-size', {
    title: 'A wrong size in a second entry for the manifest has no effect',
    requirements: ['LAYER-020'],
    class: 'EDGE_CASE',
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading}},${leading.replace(/"size":\d+/, '"size":1')}}]}`,
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
    add: source => ({ ...helloAdditions(source), config: published('config', verityDigest(bytes('{}'))) }),
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
