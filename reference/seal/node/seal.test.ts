import { expect, test } from 'vitest';
import {
  blobPath,
  digestOf,
  LayoutBuilder,
  platform,
  tag,
} from '../../../conformance/generate/builder/layout.ts';
import { testKeys } from '../../../conformance/generate/builder/test-keys.ts';
import { bonjour, goodbye, hello } from '../../../conformance/generate/recipes/image/parts.ts';
import { types } from '../../../conformance/generate/recipes/seal/parts.ts';
import { example } from '../../../spec/tool/example.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { openLayout } from '../../oci/layout.ts';
import { annotatedManifest } from '../../oci/schemas.ts';
import { readArtifact } from '../artifact.ts';
import { readInline } from '../published.ts';
import { applyUpdate, onlyImage, read, writeLayout } from './layouts.test.helper.ts';
import { sealArtifact, sealInline } from './seal.ts';
import { readCertificates, readSigner } from './signing.ts';
import { verifyImage } from './verify.ts';

const algorithm = 'fsverity-sha256-12';
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const greeting = () => {
  const builder = new LayoutBuilder();
  return writeLayout(builder.index(builder.image({ layers: [{ tar: hello }] })));
};

test('seals the image of the specification as in its examples', async () => {
  const directory = greeting();
  const sealed = await sealInline(directory, { algorithm });
  expect(JSON.parse(text(onlyImage(sealed.images).manifest.bytes))).toEqual(
    JSON.parse(example('sealed-manifest')),
  );
  const withArtifact = await sealArtifact(directory, { algorithm });
  expect(text(onlyImage(withArtifact.images).artifact.bytes)).toBe(
    JSON.stringify(JSON.parse(example('artifact'))),
  );
  for (const name of ['sealed-manifest', 'artifact']) {
    const value: unknown = JSON.parse(example(name));
    if (!annotatedManifest.isValid(value)) throw new Error(`${name} is not a manifest`);
    expect(name === 'artifact' ? readArtifact(value, {}) : readInline(value, false, {})).not.toEqual([]);
  }
  applyUpdate(directory, sealed);
  const { manifest, keys } = onlyImage((await verifyImage(directory, {})).images);
  const answer = ['verified', `image ${manifest}`, ...keys].join('\n');
  expect(`$ composefs-oci verify oci:layout\n${answer}\n`).toBe(example('verify'));
});

test('changes a manifest as in the example of the specification', async () => {
  const builder = new LayoutBuilder();
  builder.image({ layers: [{ tar: hello }] });
  builder.index(builder.blob(types.manifest, example('seal-before').trimEnd()));
  const { images } = await sealInline(writeLayout(builder), { algorithm });
  expect(text(onlyImage(images).manifest.bytes)).toBe(example('seal-after').trimEnd());
});

test('a sealed image verifies in any order of sealing, and sealing again changes nothing', async () => {
  const builder = new LayoutBuilder();
  const directory = writeLayout(
    builder.index(
      builder.nested(
        [
          builder.image({
            layers: [{ tar: hello }, { tar: goodbye }],
            descriptor: platform('linux', 'amd64'),
          }),
          builder.image({
            layers: [{ tar: bonjour }],
            config: { architecture: 'arm64' },
            descriptor: platform('linux', 'arm64'),
          }),
        ],
        'oci',
        tag('all'),
      ),
    ),
  );
  const pem = (name: string) => new TextEncoder().encode(name);
  const signer = readSigner(pem(testKeys.p256.key), pem(testKeys.p256.certificate), {});
  const trusted = readCertificates(pem(testKeys.p256.certificate), {});
  for (const each of ['linux/amd64', 'linux/arm64']) {
    const of = { reference: 'all', platform: each };
    const requests = [
      { ...of, algorithm, roles: ['layer', 'merged.bootable'], signer },
      { ...of, algorithm: 'fsverity-sha512-12' },
    ] as const;
    for (const request of requests) applyUpdate(directory, await sealInline(directory, request));
    applyUpdate(directory, await sealArtifact(directory, { ...of, algorithm, signer }));
    for (const role of ['merged', 'merged.bootable', 'layer'] as const) {
      const { images } = await verifyImage(directory, {
        ...of,
        role,
        algorithm,
        trusted,
        requireSignature: true,
      });
      expect(onlyImage(images).keys).toHaveLength(7);
      expect(onlyImage(images).signed).toHaveLength(5);
    }
    const index = read(directory, 'index.json');
    for (const request of requests) {
      const again = await sealInline(directory, request);
      const { before, manifest } = onlyImage(again.images);
      expect([before, text(again.index), again.blobs.size]).toEqual([manifest.digest, index, 0]);
    }
    const again = await sealArtifact(directory, { ...of, algorithm, signer });
    expect(onlyImage(again.images)).toMatchObject({ added: false });
  }
  // The artifacts of both platforms are listed.
  const { index } = await openLayout(directory, nodeSha2);
  expect(index.manifests.map(({ artifactType }) => artifactType)).toEqual([
    undefined,
    'application/vnd.composefs.metadata.v1',
    'application/vnd.composefs.metadata.v1',
  ]);
});

test('inline sealing only adds annotations', async () => {
  const directory = greeting();
  const [before] = JSON.parse(read(directory, 'index.json')).manifests;
  const original = read(directory, blobPath(before.digest));
  const sealed = text(onlyImage((await sealInline(directory, { algorithm })).images).manifest.bytes);
  expect(sealed.replace(/,"annotations":\{"composefs[^}]*\}/g, '')).toBe(original);
  expect(digestOf(original)).toBe(before.digest);
});
