/**
 * Sealing with an artifact.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { storedGzip } from '../../builder/compression.ts';
import { digestOf, type LayoutBuilder } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { signatureOf, type TestKey, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import {
  type Artifact,
  artifactEntry,
  artifactText,
  descriptor,
  emptyDescriptor,
  helloAdditions,
  helloEntries,
  type Image,
  image,
  lead,
  plain,
  rejectsArtifact,
  sealsWithArtifact,
  types,
} from './parts.ts';

const { rsa, p256, otherRsa } = testKeys;
const list = (...entries: readonly string[]) => `{"schemaVersion":2,"manifests":[${entries.join(',')}]}`;

/** A layout that already contains this artifact. */
function withArtifact(text: (source: Image, manifest: string) => string, entry = artifactEntry): Artifact {
  return {
    title: '',
    requirements: [],
    build: (builder, manifest) => {
      builder.blob(types.manifest, text(image(), manifest));
      builder.blob('', '{}');
    },
    index: leading => list(`${leading}}`, entry(text(image(), manifestOf(leading)))),
  };
}

/** A layout that already contains these artifacts, listed after the image in this order. */
function withArtifacts(...texts: readonly ((source: Image, manifest: string) => string)[]): Artifact {
  const layouts = texts.map(text => withArtifact(text));
  return {
    title: '',
    requirements: [],
    build: (builder, manifest) => {
      for (const { build } of layouts) build?.(builder, manifest);
    },
    index: leading =>
      list(`${leading}}`, ...texts.map(text => artifactEntry(text(image(), manifestOf(leading))))),
  };
}

/** The manifest of the image of `hello`, sealed or not, whose descriptor is `leading`. */
function manifestOf(leading: string): string {
  const source = image();
  const candidates = [
    plain(source, { config: '', layers: [], manifest: '' }),
    plain(source, helloAdditions(source)),
  ];
  return candidates.find(text => leading === lead(types.manifest, text)) ?? '';
}

const unsigned = (hash: 'sha256' | 'sha512') => (source: Image, manifest: string) =>
  artifactText(hash, helloEntries(source, manifest, hash), lead(types.manifest, manifest));

export const recipes: readonly Recipe[] = [
  sealsWithArtifact('artifact', {
    title: 'An artifact contains the digests of manifest, config and merged',
    requirements: ['SEAL-029', 'SEAL-030', 'SEAL-031', 'SEAL-033', 'SEAL-034', 'SEAL-036', 'SEAL-005'],
  }),
  sealsWithArtifact('artifact-sha512', {
    title: 'An artifact can use SHA-512',
    requirements: ['SEAL-029', 'SEAL-002'],
    needs: ['digest.sha512-12'],
    params: { algorithm: 'fsverity-sha512-12' },
  }),
  sealsWithArtifact('artifact-bootable', {
    title: 'Role merged.bootable is the last entry',
    requirements: ['SEAL-030', 'SEAL-001'],
    needs: ['role.merged.bootable'],
    params: { roles: 'merged.bootable,merged' },
    entries: (source, manifest) => [
      ...helloEntries(source, manifest),
      ['merged.bootable', trees.hello.sha256],
    ],
  }),
  sealsWithArtifact('artifact-signed', {
    title: 'The signature of an entry is the blob of the entry',
    requirements: ['SEAL-032', 'SEAL-039', 'SEAL-042'],
    signer: rsa,
    by: rsa,
    confirmedBy: ['fsverity-utils 1.6 (signatures, byte for byte)', 'OpenSSL 3.0 (signatures)'],
  }),
  sealsWithArtifact('artifact-index-kept', {
    title: 'White space and other entries of the index are kept',
    requirements: ['SEAL-036', 'SEAL-012', 'SEAL-034'],
    params: { reference: 'a' },
    // The new entry is inserted directly after the last one.
    index: leading =>
      `{\n "manifests" : [ ${leading}, "platform":{"os":"linux","architecture":"amd64"},` +
      `"annotations":{"org.opencontainers.image.ref.name":"a"}, "x":1.0 }],\n "schemaVersion": 2 }\n`,
  }),
  sealsWithArtifact('artifact-of-docker', {
    title: 'A Docker image gets an artifact without any change',
    requirements: ['SEAL-034', 'SEAL-027'],
    needs: ['compression.gzip'],
    mediaTypes: [types.dockerManifest, types.dockerManifest],
    build: builder => builder.blob(types.layer, storedGzip(hello)),
    manifest: source =>
      `{"schemaVersion":2,"mediaType":"${types.dockerManifest}","config":${descriptor(types.dockerConfig, source.config)}},` +
      `"layers":[${dockerLayer()}]}`,
  }),
  sealsWithArtifact('artifact-subject-sha512', {
    title: 'The subject has the digest that the index uses',
    requirements: ['SEAL-034'],
    class: 'EDGE_CASE',
    hash: 'sha512',
  }),
  sealsWithArtifact('artifact-of-sealed', {
    title: 'The artifact of a sealed image refers to its sealed manifest',
    requirements: ['SEAL-033', 'SEAL-010'],
    before: source => helloAdditions(source),
  }),
  sealsWithArtifact('artifact-there', {
    title: 'An existing artifact is not added again',
    requirements: ['SEAL-037', 'SEAL-011'],
    ...about(withArtifact(unsigned('sha256'))),
    there: unsigned('sha256'),
  }),
  sealsWithArtifact('artifact-there-untyped', {
    title: 'An existing artifact without artifactType in its entry counts',
    requirements: ['SEAL-037', 'VERIFY-018'],
    class: 'EDGE_CASE',
    params: { reference: 'a' },
    ...about(withArtifact(unsigned('sha256'), text => `${lead(types.manifest, text)}}`)),
    index: leading =>
      list(
        `${leading},"annotations":{"org.opencontainers.image.ref.name":"a"}}`,
        `${lead(types.manifest, unsigned('sha256')(image(), manifestOf(leading)))}}`,
      ),
    there: unsigned('sha256'),
  }),
  sealsWithArtifact('artifact-there-unknown-entry', {
    title: 'An existing artifact can have entries of a later version',
    requirements: ['SEAL-061', 'SEAL-037'],
    class: 'EDGE_CASE',
    ...about(withArtifact(withUnknownEntry)),
    there: withUnknownEntry,
  }),
  sealsWithArtifact('artifact-there-with-more', {
    title: 'An existing artifact with one more role does not count',
    requirements: ['SEAL-037'],
    needs: ['role.merged.bootable'],
    ...about(
      withArtifact((source, manifest) =>
        artifactText(
          'sha256',
          [...helloEntries(source, manifest), ['merged.bootable', trees.hello.sha256]],
          lead(types.manifest, manifest),
        ),
      ),
    ),
  }),
  sealsWithArtifact('artifact-there-with-other-roles', {
    title: 'Existing artifacts that lack a digest of the request do not count',
    requirements: ['SEAL-037'],
    needs: ['role.merged.bootable'],
    // One has fewer entries than the new artifact, and one has as many.
    ...about(withArtifacts(mergedAlone, withoutManifest)),
  }),
  sealsWithArtifact('artifact-there-twice', {
    title: 'The first of two existing artifacts with the digests counts',
    requirements: ['SEAL-037', 'SEAL-061'],
    class: 'EDGE_CASE',
    ...about(withArtifacts(withUnknownEntry, unsigned('sha256'))),
    there: withUnknownEntry,
  }),
  sealsWithArtifact('artifact-there-partly-signed', {
    title: 'An existing artifact with one signature by another key does not count',
    requirements: ['SEAL-037', 'SEAL-042'],
    class: 'EDGE_CASE',
    signer: rsa,
    by: rsa,
    ...about(withOtherSignature(rsa, signatureOf(trees.hello.sha256, otherRsa))),
  }),
  sealsWithArtifact('artifact-there-signed', {
    title: 'A signed artifact satisfies a request without a signature',
    requirements: ['SEAL-037'],
    ...about(withSigned(p256)),
    there: signedText(p256),
  }),
  sealsWithArtifact('artifact-there-signed-by-same', {
    title: 'An existing artifact with an ECDSA signature is not added again',
    requirements: ['SEAL-037', 'SEAL-044'],
    signer: p256,
    ...about(withSigned(p256)),
    there: signedText(p256),
  }),
  sealsWithArtifact('artifact-signed-beside-unsigned', {
    title: 'Signatures are added as a separate artifact',
    requirements: ['SEAL-037', 'SEAL-042'],
    signer: rsa,
    by: rsa,
    ...about(withArtifact(unsigned('sha256'))),
  }),
  sealsWithArtifact('artifact-of-another-signer', {
    title: 'A second certificate gets an artifact of its own',
    requirements: ['SEAL-037', 'SEAL-045'],
    signer: rsa,
    by: rsa,
    ...about(withSigned(otherRsa)),
  }),
  sealsWithArtifact('artifact-of-another-algorithm', {
    title: 'A second algorithm gets an artifact of its own',
    requirements: ['SEAL-036', 'SEAL-037'],
    needs: ['digest.sha512-12'],
    ...about(withArtifact(unsigned('sha512'))),
  }),
  rejectsArtifact('artifact-role-layer', 'SEAL_ROLE', 'artifact', {
    title: 'Role layer is rejected for an artifact',
    requirements: ['SEAL-035'],
    params: { roles: 'merged,layer' },
  }),
  rejectsArtifact('artifact-there-wrong', 'VERIFY_DIGEST', 'artifact-there', {
    title: 'An image with a wrong digest in an artifact is rejected',
    requirements: ['SEAL-010'],
    ...about(
      withArtifact((source, manifest) =>
        artifactText(
          'sha256',
          [...helloEntries(source, manifest).slice(0, 2), ['merged', trees.bonjour.sha256]],
          lead(types.manifest, manifest),
        ),
      ),
    ),
  }),
  rejectsArtifact('artifact-signature-form', 'VERIFY_SIGNATURE_FORM', 'artifact-of-another-signer', {
    title: 'A signature of the wrong hash function in an artifact is rejected',
    requirements: ['SEAL-010'],
    signer: rsa,
    ...about(withOtherSignature(otherRsa, signatureOf(trees.hello.sha256, otherRsa, { hash: 'sha512' }))),
  }),
  rejectsArtifact('artifact-inline-wrong', 'VERIFY_DIGEST', 'artifact-of-sealed', {
    title: 'An image with a wrong inline digest is rejected for an artifact',
    requirements: ['SEAL-010'],
    before: source => ({ ...helloAdditions(source), config: wrongConfig() }),
  }),
  rejectsArtifact('artifact-key-mismatch', 'REQUEST_KEY', 'artifact-signed', {
    title: 'An artifact is rejected if the key does not match the certificate',
    requirements: ['SEAL-041'],
    signer: { key: otherRsa.key, certificate: rsa.certificate },
  }),
];

/** An unsigned artifact with one more entry, under a key that this version does not know. */
function withUnknownEntry(source: Image, manifest: string): string {
  return unsigned('sha256')(source, manifest).replace(
    '],"subject"',
    `,${emptyDescriptor},"annotations":{"composefs.future":"x"}}],"subject"`,
  );
}

/** An unsigned artifact with the entry of role merged alone. */
function mergedAlone(_: Image, manifest: string): string {
  return artifactText('sha256', [['merged', trees.hello.sha256]], lead(types.manifest, manifest));
}

/** An unsigned artifact with an entry of role merged.bootable instead of that of the manifest. */
function withoutManifest(source: Image, manifest: string): string {
  return artifactText(
    'sha256',
    [...helloEntries(source, manifest).slice(1), ['merged.bootable', trees.hello.sha256]],
    lead(types.manifest, manifest),
  );
}

function wrongConfig(): string {
  return `"composefs.config.fsverity-sha256-12":"${verityDigest(bytes('{}'))}"`;
}

function dockerLayer(): string {
  const compressed = storedGzip(hello);
  return JSON.stringify({
    mediaType: types.dockerLayer,
    digest: digestOf(compressed),
    size: compressed.length,
  });
}

function signedText(by: TestKey) {
  return (source: Image, manifest: string) =>
    artifactText('sha256', helloEntries(source, manifest), lead(types.manifest, manifest), by);
}

function withSigned(by: TestKey): Artifact {
  const layout = withArtifact(signedText(by));
  return {
    ...layout,
    build: (builder: LayoutBuilder, manifest: string) => {
      layout.build?.(builder, manifest);
      for (const [, digest] of helloEntries(image(), manifest)) builder.blob('', signatureOf(digest, by));
    },
  };
}

/** An artifact by `by` whose last signature, of role merged, is `last`. */
function withOtherSignature(by: TestKey, last: Uint8Array): Artifact {
  const text = (source: Image, manifest: string) => withLastSignature(signedText(by)(source, manifest), last);
  const [signed, layout] = [withSigned(by), withArtifact(text)];
  return {
    ...layout,
    build: (builder: LayoutBuilder, manifest: string) => {
      signed.build?.(builder, manifest);
      layout.build?.(builder, manifest);
      builder.blob('', last);
    },
  };
}

/** The text of an artifact with `signature` instead of the signature of role merged. */
function withLastSignature(text: string, signature: Uint8Array): string {
  return text.replace(
    /"digest":"[^"]*","size":\d+(?=,"annotations":\{"composefs\.merged)/,
    `"digest":"${digestOf(signature)}","size":${signature.length}`,
  );
}

/** Only the members that define the layout. */
function about({ build, index }: Artifact): Pick<Artifact, 'build' | 'index'> {
  return { ...(build === undefined ? {} : { build }), ...(index === undefined ? {} : { index }) };
}
