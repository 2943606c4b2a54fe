import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { blobPath, digestOf, LayoutBuilder } from '../../../conformance/generate/builder/layout.ts';
import { archive, directory, file } from '../../../conformance/generate/builder/tar.ts';
import { testKeys } from '../../../conformance/generate/builder/test-keys.ts';
import { ComposefsError } from '../../errors.ts';
import { applyUpdate, onlyImage, put, read, writeLayout } from './layouts.test.helper.ts';
import { sealArtifact, sealInline } from './seal.ts';
import { readCertificates, readSigner } from './signing.ts';
import { type VerifyOptions, verifyImage } from './verify.ts';

const algorithm = 'fsverity-sha256-12';
const pem = (text: string) => new TextEncoder().encode(text);
// A test changes every byte, so signatures are of the short kind, and the layer is compressed.
const { key, certificate } = testKeys.p256;
const signer = readSigner(pem(key), pem(certificate), {});
const strict: VerifyOptions = { trusted: readCertificates(pem(certificate), {}), requireSignature: true };

/** A small image, sealed in both modes and signed. */
async function sealed(): Promise<{ path: string; manifest: string }> {
  const builder = new LayoutBuilder();
  const tar = archive(directory('usr/'), file('usr/a', 'a'));
  const layer = builder.blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar));
  const image = builder.image({ layers: [{ tar }], manifest: { layers: [layer] } });
  const path = writeLayout(builder.index(image).remove(blobPath(digestOf(tar))));
  const inline = await sealInline(path, { algorithm, signer, roles: ['layer'] });
  applyUpdate(path, inline);
  applyUpdate(path, await sealArtifact(path, { algorithm, signer }));
  return { path, manifest: onlyImage(inline.images).manifest.digest };
}

async function codeOf(path: string, options: VerifyOptions): Promise<string> {
  try {
    await verifyImage(path, options);
    return 'verified';
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}

/** Every blob of the image and its artifact. */
function usedBlobs(path: string): string[] {
  const used = new Set<string>();
  const visit = (digest: string) => {
    if (used.has(digest)) return;
    used.add(digest);
    const text = read(path, blobPath(digest));
    for (const [found] of text.matchAll(/sha256:[0-9a-f]{64}/g)) if (exists(path, found)) visit(found);
  };
  for (const { digest } of JSON.parse(read(path, 'index.json')).manifests) visit(digest);
  return [...used];
}

function exists(path: string, digest: string): boolean {
  return readdirSync(join(path, 'blobs/sha256')).includes(digest.slice('sha256:'.length));
}

test('a changed bit in any byte of any blob is detected', async () => {
  const { path } = await sealed();
  expect(await codeOf(path, strict)).toBe('verified');
  const blobs = usedBlobs(path);
  // Manifest, config, layer; artifact, the empty blob and three signatures.
  expect(blobs).toHaveLength(8);
  let flipped = 0;
  for (const digest of blobs) {
    const name = join(path, blobPath(digest));
    const right = readFileSync(name);
    for (let at = 0; at < right.length; at++) {
      const wrong = Uint8Array.from(right);
      wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(name, wrong);
      expect(await codeOf(path, strict), `${digest} at ${at}`).toBe('IMAGE_DIGEST');
      flipped++;
    }
    writeFileSync(name, right);
  }
  expect(flipped).toBeGreaterThan(3000);
  expect(await codeOf(path, strict)).toBe('verified');
}, 300_000);

/** Changes the text of the manifest, and corrects its digest in the index. */
function replaceManifest(path: string, manifest: string, change: (text: string) => string): boolean {
  const before = read(path, blobPath(manifest));
  const after = change(before);
  const digest = digestOf(after);
  put(path, blobPath(digest), after);
  const index = JSON.parse(read(path, 'index.json'));
  index.manifests[0] = { ...index.manifests[0], digest, size: Buffer.byteLength(after) };
  // The artifact belongs to the former manifest.
  index.manifests.length = 1;
  put(path, 'index.json', JSON.stringify(index));
  return before !== after;
}

/** Each annotation of the sealed manifest: its place, and the result of verifying the image without it. */
const annotations = [
  ['config', 'composefs.config.fsverity-sha256-12', 'VERIFY_KEY'],
  ['config', 'composefs.config.fsverity-sha256-12.sig', 'VERIFY_UNSIGNED'],
  ['layer', 'composefs.layer.erofs.v1.fsverity-sha256-12', 'VERIFY_KEY'],
  ['layer', 'composefs.layer.erofs.v1.fsverity-sha256-12.sig', 'verified'],
  ['manifest', 'composefs.merged.erofs.v1.fsverity-sha256-12', 'VERIFY_KEY'],
  ['manifest', 'composefs.merged.erofs.v1.fsverity-sha256-12.sig', 'VERIFY_UNSIGNED'],
] as const;

const member = (name: string) => new RegExp(`"${name.replaceAll('.', '\\.')}":"[^"]*",?`);
const tidy = (text: string) => text.replaceAll(',}', '}');

test.each(annotations)(
  '%s %s: removed, in a different case, repeated, moved, changed',
  async (where, name, removed) => {
    const { path, manifest } = await sealed();
    const outcomes = async (change: (text: string) => string, options = strict) => {
      const index = read(path, 'index.json');
      expect(replaceManifest(path, manifest, change)).toBe(true);
      const pinned = await codeOf(path, { ...options, manifestDigest: manifest });
      const code = await codeOf(path, options);
      put(path, 'index.json', index);
      return [code, pinned];
    };
    // A pinned digest of the manifest detects every change.
    const seen = 'VERIFY_MANIFEST';
    expect(await outcomes(text => tidy(text.replace(member(name), '')))).toEqual([removed, seen]);
    expect(await outcomes(text => text.replace(`"${name}"`, `"${name.toUpperCase()}"`))).toEqual([
      'VERIFY_KEY',
      seen,
    ]);
    const [annotation = ''] = member(name).exec(read(path, blobPath(manifest))) ?? [];
    expect(
      await outcomes(text => text.replace(annotation, `${annotation.replace(/,?$/, ',')}${annotation}`)),
    ).toEqual(['IMAGE_JSON', seen]);
    const elsewhere = where === 'manifest' ? 'config' : 'manifest';
    const move = (text: string) => {
      const moved = annotation.replace(/,?$/, ',');
      const target = elsewhere === 'config' ? '"composefs.config' : '"composefs.merged';
      return tidy(text.replace(annotation, '')).replace(target, `${moved}${target}`);
    };
    expect(await outcomes(move)).toEqual([expect.stringMatching(/^VERIFY_(PLACE|KEY)$/), seen]);
    // A changed digest is not the signed one, and a changed signature is malformed or wrong.
    const value = (text: string) =>
      text.replace(
        new RegExp(`("${name.replaceAll('.', '\\.')}":"..)(.)`),
        (_, a, b) => `${a}${b === '1' ? '2' : '1'}`,
      );
    expect(await outcomes(value)).toEqual([expect.stringMatching(/^VERIFY_SIGNATURE(_FORM)?$/), seen]);
  },
);

test('a config that was replaced with all digests of it is detected', async () => {
  const { path, manifest } = await sealed();
  const parsed = JSON.parse(read(path, blobPath(manifest)));
  // A different user in the config, and every digest above it corrected.
  const config = read(path, blobPath(parsed.config.digest)).replace('{', '{"config":{"User":"root"},');
  put(path, blobPath(digestOf(config)), config);
  replaceManifest(path, manifest, text =>
    text
      .replace(parsed.config.digest, digestOf(config))
      .replace(`"size":${parsed.config.size}`, `"size":${Buffer.byteLength(config)}`),
  );
  expect(await codeOf(path, {})).toBe('VERIFY_DIGEST');
  expect(await codeOf(path, { manifestDigest: manifest })).toBe('VERIFY_MANIFEST');
});
