/**
 * Artifacts of an image: found, ignored, correct and wrong.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { bytes } from '../../builder/tar.ts';
import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { trees } from '../image/parts.ts';
import { artifactText, emptyDescriptor, helloEntries, key, lead, member, types } from '../seal/parts.ts';
import {
  artifact,
  artifactKeys,
  bare,
  changed,
  type Facts,
  inlineKeys,
  merged,
  otherDigest,
  rejected,
  verified,
} from './parts.ts';

const { p256, rsa } = testKeys;
const mergedKey = key('merged');
const mergedEntry = `${emptyDescriptor},"annotations":{"${mergedKey}":"${merged}"}}`;
const signatureType = 'application/vnd.composefs.signature.v1+pkcs7';

/** A rejection because of an artifact whose text differs from that of a correct one. */
function wrong(
  slug: string,
  code: string,
  title: string,
  change: (text: string) => string,
  more: Partial<Facts> = {},
) {
  return rejected(`artifact-${slug}`, code, 'artifact', {
    title,
    requirements: [code === 'VERIFY_ARTIFACT' ? 'VERIFY-021' : 'VERIFY-023'],
    add: bare,
    artifacts: changed(change),
    ...more,
  });
}

/** A signed artifact with the empty blob instead of the signature of its first entry, which is that of the manifest. */
function withoutFirstSignature(text: string): string {
  const parsed = JSON.parse(text);
  const [{ annotations }, ...others] = parsed.layers;
  const first = { ...JSON.parse(`${emptyDescriptor}}`), annotations };
  return JSON.stringify({ ...parsed, layers: [first, ...others] });
}

export const recipes: readonly Recipe[] = [
  verified('artifact', {
    title: 'Digests in an artifact are verified',
    requirements: ['VERIFY-018', 'VERIFY-005', 'VERIFY-038'],
    add: bare,
    artifacts: (source, manifest) => [artifact()(source, manifest)],
    keys: artifactKeys,
  }),
  verified('artifact-and-inline', {
    title: 'Equal digests inline and in an artifact are verified',
    requirements: ['VERIFY-005', 'VERIFY-022'],
    artifacts: (source, manifest) => [artifact()(source, manifest)],
    keys: artifactKeys,
  }),
  verified('artifact-two', {
    title: 'Two artifacts with different algorithms are compared',
    requirements: ['VERIFY-022'],
    needs: ['digest.sha512-12'],
    add: bare,
    artifacts: (source, manifest) => [artifact()(source, manifest), artifact('sha512')(source, manifest)],
    keys: [...artifactKeys, key('config', 'sha512'), key('manifest', 'sha512'), key('merged', 'sha512')],
  }),
  verified('artifact-bootable', {
    title: 'An artifact can have an entry for role merged.bootable',
    requirements: ['VERIFY-021', 'VERIFY-006'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
    add: bare,
    artifacts: (source, manifest) => [
      {
        text: artifactText(
          'sha256',
          [...helloEntries(source, manifest), ['merged.bootable', trees.hello.sha256]],
          lead(types.manifest, manifest),
        ),
      },
    ],
    keys: [...artifactKeys, key('merged.bootable')],
  }),
  verified('artifact-merged-alone', {
    title: 'An unsigned artifact needs only the entry of role merged',
    requirements: ['VERIFY-021'],
    add: bare,
    artifacts: (_, manifest) => [
      { text: artifactText('sha256', [['merged', merged]], lead(types.manifest, manifest)) },
    ],
    keys: [mergedKey],
  }),
  verified('artifact-spacious', {
    title: 'An artifact can have white space and unknown members',
    requirements: ['VERIFY-018', 'VERIFY-020'],
    add: bare,
    artifacts: changed(text =>
      JSON.stringify({ x: 1, annotations: { 'org.example': 'x' }, ...JSON.parse(text) }, null, 2),
    ),
    keys: artifactKeys,
  }),
  verified('artifact-data', {
    title: 'An empty descriptor in an artifact can have a data member',
    requirements: ['VERIFY-021'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: changed(text => text.replaceAll(emptyDescriptor, `${emptyDescriptor},"data":"e30=","x":1`)),
    keys: artifactKeys,
  }),
  verified('artifact-subject-size', {
    title: 'Only the digest of the subject is compared',
    requirements: ['VERIFY-018'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: changed(text => text.replace(/"size":\d+(?=\}\}$)/, '"size":1')),
    keys: artifactKeys,
  }),
  verified('artifact-unknown-entry', {
    title: 'An artifact entry with an unknown key is ignored with its blob',
    requirements: ['VERIFY-020', 'VERIFY-009', 'VERIFY-061'],
    add: bare,
    artifacts: changed(text =>
      text.replace(
        '"layers":[',
        `"layers":[{"mediaType":"x","digest":"sha256:${'1'.repeat(64)}","size":1,"annotations":{"composefs.future":"x"}},`,
      ),
    ),
    keys: artifactKeys,
  }),
  verified('artifact-of-another-version', {
    title: 'An artifact without a known key is ignored',
    requirements: ['VERIFY-020'],
    artifacts: changed(text =>
      text.replaceAll('fsverity-sha256-12', 'fsverity-sha3-12').replaceAll('empty', 'none'),
    ),
  }),
  verified('artifact-type-of-entry-missing', {
    title: 'The entry of an artifact can omit artifactType',
    requirements: ['VERIFY-018'],
    class: 'EDGE_CASE',
    params: { reference: 'a' },
    add: bare,
    index: tagged,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      return [{ ...right, entry: `${lead(types.manifest, right.text)}}` }];
    },
    keys: artifactKeys,
  }),
  verified('artifact-listed-as-empty', {
    title: 'The entry of an artifact can have the media type of its config',
    requirements: ['VERIFY-018'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/google/go-containerregistry/blob/v0.22.1/pkg/registry/manifest.go'],
    add: bare,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      const entry = `${lead(types.manifest, right.text)},"artifactType":"application/vnd.oci.empty.v1+json"}`;
      return [{ ...right, entry }];
    },
    keys: artifactKeys,
  }),
  verified('artifact-in-nested-index', {
    title: 'An artifact can be listed in an index below index.json',
    requirements: ['VERIFY-018'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      const nested = `{"schemaVersion":2,"manifests":[${lead(types.manifest, right.text)},"artifactType":"application/vnd.composefs.metadata.v1"}]}`;
      return [{ ...right, blobs: [bytes(nested)], entry: `${lead(types.index, nested)}}` }];
    },
    keys: artifactKeys,
  }),
  verified('artifact-listed-twice', {
    title: 'An artifact that is listed twice is a single artifact',
    requirements: ['VERIFY-018'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (source, manifest) => [artifact()(source, manifest), artifact()(source, manifest)],
    keys: artifactKeys,
  }),
  verified('artifact-of-another-image', {
    title: 'An artifact for a different manifest is ignored',
    requirements: ['VERIFY-024'],
    artifacts: changed(text =>
      text.replace(
        /"digest":"sha256:[0-9a-f]{64}"(?=,"size":\d+\}\}$)/,
        `"digest":"sha256:${'2'.repeat(64)}"`,
      ),
    ),
  }),
  verified('artifact-of-another-type', {
    title: 'A manifest with an unknown artifactType is ignored',
    requirements: ['VERIFY-018'],
    params: { reference: 'a' },
    index: tagged,
    artifacts: (source, manifest) =>
      changed(text => text.replace('composefs.metadata', 'example').replace(merged, otherDigest))(
        source,
        manifest,
      ).map(each => ({ ...each, entry: `${lead(types.manifest, each.text)}}` })),
  }),
  verified('artifact-listed-as-another-type', {
    title: 'An artifact whose entry has a different artifactType is ignored',
    requirements: ['VERIFY-018'],
    class: 'EDGE_CASE',
    artifacts: (source, manifest) =>
      changed(text => text.replace(merged, otherDigest))(source, manifest).map(each => ({
        ...each,
        entry: `${lead(types.manifest, each.text)},"artifactType":"application/vnd.example"}`,
      })),
  }),
  verified('artifact-without-subject', {
    title: 'A manifest without a subject is not an artifact of the image',
    requirements: ['VERIFY-018'],
    artifacts: changed(text => text.replace(/,"subject":\{[^}]*\}/, '').replace(merged, otherDigest)),
  }),
  verified('untyped-manifest-missing', {
    title: 'A missing manifest with no artifactType in its entry is ignored',
    requirements: ['VERIFY-018'],
    class: 'EDGE_CASE',
    params: { reference: 'a' },
    index: leading =>
      tagged(leading).replace(
        /\]\}$/,
        `,{"mediaType":"${types.manifest}","digest":"sha256:${'3'.repeat(64)}","size":2}]}`,
      ),
  }),
  rejected('artifact-missing', 'IMAGE_BLOB', 'artifact', {
    title: 'An index entry for a missing artifact is rejected',
    requirements: ['VERIFY-018', 'VERIFY-002'],
    index: leading =>
      `{"schemaVersion":2,"manifests":[${leading}},{"mediaType":"${types.manifest}","digest":"sha256:${'3'.repeat(64)}","size":2,"artifactType":"application/vnd.composefs.metadata.v1"}]}`,
  }),
  rejected('artifact-empty-blob-missing', 'IMAGE_BLOB', 'artifact', {
    title: 'An artifact without the empty blob is rejected',
    requirements: ['VERIFY-002'],
    add: bare,
    artifacts: (source, manifest) => [artifact()(source, manifest)],
    build: builder => builder.remove(`blobs/sha256/${/[0-9a-f]{64}/.exec(emptyDescriptor)?.[0]}`),
  }),
  rejected('artifact-empty-blob-damaged', 'IMAGE_DIGEST', 'artifact', {
    title: 'An artifact with a damaged empty blob is rejected',
    requirements: ['VERIFY-002'],
    add: bare,
    artifacts: (source, manifest) => [artifact()(source, manifest)],
    build: builder => builder.put(`blobs/sha256/${/[0-9a-f]{64}/.exec(emptyDescriptor)?.[0]}`, '[]'),
  }),
  rejected('artifact-wrong-merged', 'VERIFY_DIGEST', 'artifact', {
    title: 'An artifact with a digest of a different file system is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: bare,
    artifacts: changed(text => text.replace(merged, otherDigest)),
  }),
  rejected('artifact-wrong-manifest', 'VERIFY_DIGEST', 'artifact', {
    title: 'An artifact with a digest of a different manifest is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: bare,
    artifacts: (source, manifest) =>
      changed(text => text.replace(verityDigest(bytes(manifest)), otherDigest))(source, manifest),
  }),
  rejected('artifact-against-inline', 'VERIFY_DIGEST', 'artifact-and-inline', {
    title: 'An artifact that contradicts the manifest is rejected',
    requirements: ['VERIFY-005', 'VERIFY-022'],
    class: 'HOSTILE',
    artifacts: changed(text => text.replace(merged, otherDigest)),
  }),
  rejected('inline-against-artifact', 'VERIFY_DIGEST', 'artifact-and-inline', {
    title: 'A manifest that contradicts its artifact is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    add: () => ({ ...bare(), manifest: member(mergedKey, otherDigest) }),
    artifacts: (source, manifest) => [artifact()(source, manifest)],
  }),
  rejected('artifact-second-wrong', 'VERIFY_DIGEST', 'artifact-two', {
    title: 'A wrong artifact is rejected next to a correct one',
    requirements: ['VERIFY-022'],
    needs: ['digest.sha512-12'],
    class: 'HOSTILE',
    add: bare,
    artifacts: (source, manifest) => {
      const wrongOne = artifact('sha512')(source, manifest);
      return [
        artifact()(source, manifest),
        { text: wrongOne.text.replace(trees.hello.sha512, trees.bonjour.sha512) },
      ];
    },
  }),
  wrong(
    'member-twice',
    'IMAGE_JSON',
    'An artifact with a duplicate member is rejected',
    text => text.replace('"schemaVersion":2', '"schemaVersion":2,"schemaVersion":2'),
    { requirements: ['VERIFY-053'] },
  ),
  wrong(
    'annotations-null',
    'IMAGE_SCHEMA',
    'An artifact with an annotation that is null is rejected',
    text => text.replace(/\}$/, ',"annotations":{"a":null}}'),
    { requirements: ['VERIFY-053', 'VERIFY-014'] },
  ),
  wrong(
    'media-type-of-itself',
    'IMAGE_SCHEMA',
    'An artifact with the media type of an index is rejected',
    text => text.replace(types.manifest, types.index),
    { requirements: ['VERIFY-053'] },
  ),
  verified('untyped-manifest-broken', {
    title: 'A broken manifest with no artifactType in its entry is ignored',
    requirements: ['VERIFY-018', 'VERIFY-053'],
    class: 'EDGE_CASE',
    params: { reference: 'a' },
    index: tagged,
    artifacts: (source, manifest) =>
      changed(text => text.replace('"schemaVersion":2', '"schemaVersion":2,"schemaVersion":2'))(
        source,
        manifest,
      ).map(each => ({ ...each, entry: `${lead(types.manifest, each.text)}}` })),
  }),
  wrong(
    'config',
    'VERIFY_ARTIFACT',
    'An artifact whose config is not the empty descriptor is rejected',
    text =>
      text.replace(
        `"config":${emptyDescriptor}`,
        `"config":${emptyDescriptor.replace('oci.empty', 'example')}`,
      ),
  ),
  wrong('order', 'VERIFY_ARTIFACT', 'An artifact with entries in a wrong order is rejected', text => {
    const parsed = JSON.parse(text);
    return JSON.stringify({ ...parsed, layers: parsed.layers.toReversed() });
  }),
  wrong('entry-twice', 'VERIFY_ARTIFACT', 'An artifact with two entries for one role is rejected', text =>
    text.replace(mergedEntry, `${mergedEntry},${mergedEntry}`),
  ),
  wrong(
    'without-merged',
    'VERIFY_ARTIFACT',
    'An artifact without an entry for role merged is rejected',
    text => text.replace(`,${mergedEntry}`, ''),
  ),
  wrong('two-keys', 'VERIFY_ARTIFACT', 'An artifact entry with two keys is rejected', text =>
    text.replace(
      `"${mergedKey}":"${merged}"`,
      `"${mergedKey}":"${merged}","${key('merged.bootable')}":"${merged}"`,
    ),
  ),
  wrong('two-algorithms', 'VERIFY_ARTIFACT', 'An artifact with two algorithms is rejected', text =>
    text.replace(
      mergedEntry,
      `${emptyDescriptor},"annotations":{"${key('merged', 'sha512')}":"${trees.hello.sha512}"}}`,
    ),
  ),
  wrong('media-type', 'VERIFY_ARTIFACT', 'An artifact entry with an unknown media type is rejected', text =>
    text.replace(mergedEntry, mergedEntry.replace('oci.empty', 'example')),
  ),
  wrong(
    'not-empty',
    'VERIFY_ARTIFACT',
    'An empty descriptor with a wrong digest in an artifact is rejected',
    text => text.replace(mergedEntry, mergedEntry.replace(/[0-9a-f]{64}/, '4'.repeat(64))),
  ),
  wrong(
    'not-empty-size',
    'VERIFY_ARTIFACT',
    'An empty descriptor with a wrong size in an artifact is rejected',
    text => text.replace(mergedEntry, mergedEntry.replace('"size":2', '"size":3')),
  ),
  wrong('signature-in-annotation', 'VERIFY_ARTIFACT', 'A signature key in an artifact is rejected', text =>
    text.replace(`"${mergedKey}"`, `"${mergedKey}.sig":"AAAA","${mergedKey}"`),
  ),
  rejected('artifact-signed-without-config', 'VERIFY_ARTIFACT', 'artifact', {
    title: 'A signed artifact without an entry for the config is rejected',
    requirements: ['VERIFY-021'],
    add: bare,
    artifacts: changed(text => {
      const parsed = JSON.parse(text);
      return JSON.stringify({ ...parsed, layers: parsed.layers.toSpliced(1, 1) });
    }, rsa),
  }),
  rejected('artifact-signed-without-manifest', 'VERIFY_ARTIFACT', 'artifact', {
    title: 'A signed artifact without an entry for the manifest is rejected',
    requirements: ['VERIFY-021'],
    add: bare,
    artifacts: changed(text => {
      const parsed = JSON.parse(text);
      return JSON.stringify({ ...parsed, layers: parsed.layers.slice(1) });
    }, p256),
  }),
  verified('artifact-partly-signed', {
    title: 'An artifact can have entries with and without signatures',
    requirements: ['VERIFY-021', 'VERIFY-018'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: changed(text => withoutFirstSignature(text), rsa),
    keys: artifactKeys,
  }),
  rejected('artifact-partly-signed-without-config', 'VERIFY_ARTIFACT', 'artifact-partly-signed', {
    title: 'A partly signed artifact without an entry for the config is rejected',
    requirements: ['VERIFY-021'],
    add: bare,
    artifacts: changed(text => {
      const parsed = JSON.parse(withoutFirstSignature(text));
      return JSON.stringify({ ...parsed, layers: parsed.layers.toSpliced(1, 1) });
    }, rsa),
  }),
  wrong('place-itself', 'VERIFY_PLACE', 'A key in the annotations of an artifact itself is rejected', text =>
    text.replace(/\}$/, `,"annotations":{"${mergedKey}":"${merged}"}}`),
  ),
  wrong('place-config', 'VERIFY_PLACE', 'A key on the config of an artifact is rejected', text =>
    text.replace(
      `"config":${emptyDescriptor}`,
      `"config":${emptyDescriptor},"annotations":{"${key('config')}":"${otherDigest}"}`,
    ),
  ),
  wrong('place-subject', 'VERIFY_PLACE', 'A key on the subject of an artifact is rejected', text =>
    text.replace(/\}\}$/, `,"annotations":{"${key('manifest')}":"${otherDigest}"}}}`),
  ),
  wrong('place-layer', 'VERIFY_PLACE', 'A layer key in an artifact is rejected', text =>
    text.replace(
      mergedEntry,
      `${mergedEntry},${emptyDescriptor},"annotations":{"${key('layer')}":"${trees.helloUntransformed.sha256}"}}`,
    ),
  ),
  wrong(
    'key-case',
    'VERIFY_KEY',
    'A key in a different case in an artifact is rejected',
    text => text.replace(`"${mergedKey}"`, `"${mergedKey.toUpperCase()}":"${merged}","${mergedKey}"`),
    { requirements: ['VERIFY-025', 'VERIFY-010'] },
  ),
  wrong(
    'value-case',
    'VERIFY_VALUE',
    'A digest in upper case in an artifact is rejected',
    text => text.replace(merged, merged.toUpperCase()),
    { requirements: ['VERIFY-025', 'VERIFY-012'] },
  ),
  wrong(
    'signature-type-of-empty',
    'VERIFY_SIGNATURE_FORM',
    'An empty blob with the media type of a signature is rejected',
    text =>
      text
        .replaceAll(emptyDescriptor, emptyDescriptor.replace(/"application[^"]*"/, `"${signatureType}"`))
        .replace(
          /"config":\{"mediaType":"[^"]*"/,
          '"config":{"mediaType":"application/vnd.oci.empty.v1+json"',
        ),
    { requirements: ['VERIFY-030'] },
  ),
  rejected('artifact-deleted', 'VERIFY_UNPUBLISHED', 'artifact', {
    title: 'An image whose artifact was deleted is rejected',
    requirements: ['VERIFY-006'],
    add: bare,
  }),
  verified('artifact-deleted-beside-inline', {
    title: 'An artifact is not needed if inline digests are sufficient',
    requirements: ['VERIFY-006'],
    params: { algorithm: 'fsverity-sha256-12' },
    keys: inlineKeys,
  }),
];

/** An index whose image has the tag `a`. */
function tagged(leading: string): string {
  return `{"schemaVersion":2,"manifests":[${leading},"annotations":{"org.opencontainers.image.ref.name":"a"}}]}`;
}
