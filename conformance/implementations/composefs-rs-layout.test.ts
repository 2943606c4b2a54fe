import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedZstd } from '../generate/builder/compression.ts';
import { digestOf } from '../generate/builder/layout.ts';
import { writeLayout } from './composefs-rs-layout.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const type = 'application/vnd.oci.image.layer.v1.tar';

test('diff_ids are digests of the archives, and of the blob if it is damaged', async () => {
  const content = new TextEncoder().encode('an archive');
  const damaged = gzipSync(content).subarray(0, 12);
  const path = join(folder, 'layout');
  expect(
    await writeLayout(path, [
      { content, mediaType: type },
      { content: gzipSync(content), mediaType: `${type}+gzip` },
      { content: storedZstd(content), mediaType: `${type}+zstd` },
      { content: damaged, mediaType: `${type}+gzip` },
    ]),
  ).toEqual([digestOf(content), digestOf(content), digestOf(content), digestOf(damaged)]);
});

test('every blob is stored under its digest', async () => {
  const path = join(folder, 'layout');
  await writeLayout(path, [{ content: new Uint8Array(3), mediaType: type }]);
  const blobs = join(path, 'blobs/sha256');
  const names = readdirSync(blobs);
  expect(names).toHaveLength(3);
  for (const name of names) expect(digestOf(readFileSync(join(blobs, name)))).toBe(`sha256:${name}`);
  expect(JSON.parse(readFileSync(join(path, 'index.json'), 'utf8'))).toMatchObject({
    manifests: [{ platform: { os: 'linux' } }],
  });
});
