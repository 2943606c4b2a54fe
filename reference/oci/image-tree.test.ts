import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedGzip } from '../../conformance/generate/builder/compression.ts';
import { blobPath, digestOf, LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import { file } from '../../conformance/generate/builder/tar.ts';
import { recipes as blobRecipes } from '../../conformance/generate/recipes/image/blobs.ts';
import { recipes as choiceRecipes } from '../../conformance/generate/recipes/image/choice.ts';
import { recipes as documentRecipes } from '../../conformance/generate/recipes/image/documents.ts';
import { recipes as layerRecipes } from '../../conformance/generate/recipes/image/layers.ts';
import { goodbye, hello, trees } from '../../conformance/generate/recipes/image/parts.ts';
import { expectedRejection, expectedResult } from '../../conformance/suite/case.ts';
import { example } from '../../spec/tool/example.ts';
import { hex } from '../bytes.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import type { Directory } from '../tree/inode.ts';
import { digestImage, type ImageOptions, imageTree } from './image-tree.ts';
import type { LayerProgress } from './layers/read.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'image-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const options: ImageOptions = {
  role: 'merged',
  transform: 'oci',
  xattrs: 'allowlist-only',
  algorithm: 'fsverity-sha256-12',
};

function put(files: Readonly<Record<string, Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

const text = (tree: Directory) => Buffer.concat([...printDumpfile(tree)]).toString('latin1');

const recipes = [...choiceRecipes, ...documentRecipes, ...blobRecipes, ...layerRecipes];

test.each(recipes.map(recipe => [recipe.id, recipe.make] as const))('%s', async (_, make) => {
  const draft = await make();
  put(draft.files);
  const options = { ...(draft.params as unknown as ImageOptions), format: 'v1' } as const;
  const result = await digestImage(join(directory, 'in/layout'), options).then(hex, error => error.code);
  const accepted = expectedResult(draft)?.values?.['digest'];
  expect([...(expectedRejection(draft)?.reasons ?? []), accepted]).toContain(result);
});

test('the example in the specification is an image', async () => {
  const manifest = Buffer.from(example('image-manifest'));
  const config = Buffer.from(example('image-config'));
  put({
    'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
    'index.json': Buffer.from(example('image-index')),
    [blobPath(digestOf(manifest))]: manifest,
    [blobPath(digestOf(config))]: config,
    [blobPath(digestOf(hello))]: hello,
  });
  const tree = await imageTree(directory, { ...options, reference: 'latest', platform: 'linux/amd64' });
  expect(text(tree)).toBe(trees.hello.dumpfile);
});

test('an error in a layer names its number and its blob', async () => {
  const builder = new LayoutBuilder();
  const broken = file('etc/name/below', '');
  builder.index(builder.image({ layers: [{ tar: hello }, { tar: broken }, { tar: goodbye }] }));
  put(builder.files);
  await expect(imageTree(directory, options)).rejects.toThrow(
    expect.objectContaining({
      stage: 'merge',
      location: expect.objectContaining({ layer: 1, file: blobPath(digestOf(broken)) }),
    }),
  );
});

// LAYER-013
test('a malformed layer with a wrong digest is rejected for its digest', async () => {
  const builder = new LayoutBuilder();
  const packed = storedGzip(hello);
  builder.index(builder.image({ layers: [{ tar: hello, compression: 'gzip' }] }));
  for (const at of [0, 3, 20, 600, packed.length - 1]) {
    const damaged = packed.with(at, (packed[at] ?? 0) ^ 0xff);
    put({ ...builder.files, [blobPath(digestOf(packed))]: damaged });
    await expect(imageTree(directory, options), `byte ${at}`).rejects.toThrow(
      expect.objectContaining({ code: 'IMAGE_DIGEST', location: expect.objectContaining({ layer: 0 }) }),
    );
  }
});

test('progress counts layers and compressed bytes up to the last', async () => {
  const builder = new LayoutBuilder();
  builder.index(builder.image({ layers: [{ tar: hello, compression: 'gzip' }, { tar: goodbye }] }));
  put(builder.files);
  const seen: LayerProgress[] = [];
  await imageTree(directory, { ...options, progress: progress => seen.push(progress) });
  const totalBytes = storedGzip(hello).length + goodbye.length;
  expect(seen.every(progress => progress.totalBytes === totalBytes && progress.layers === 2)).toBe(true);
  expect(seen.at(-1)).toMatchObject({ layer: 1, bytes: totalBytes });
});
