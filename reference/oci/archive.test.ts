import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../conformance/generate/builder/layout.ts';
import { recipes as blobRecipes } from '../../conformance/generate/recipes/image/blobs.ts';
import { recipes as choiceRecipes } from '../../conformance/generate/recipes/image/choice.ts';
import { recipes as documentRecipes } from '../../conformance/generate/recipes/image/documents.ts';
import { recipes as layerRecipes } from '../../conformance/generate/recipes/image/layers.ts';
import { goodbye, hello } from '../../conformance/generate/recipes/image/parts.ts';
import { hex } from '../bytes.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import { archiveFiles } from './archive.ts';
import { dockerArchiveFiles } from './docker-archive.ts';
import { digestImage, type ImageOptions, imageTree } from './image-tree.ts';
import type { LayoutFiles } from './layout-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'archive-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (name: string) => join(directory, name);

function put(files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  }
}

/** Packs the folder `from` with GNU tar. */
function pack(from: string, ...options: readonly string[]): string {
  execFileSync('tar', [...options, '-cf', path('archive.tar'), '-C', path(from), '.']);
  return path('archive.tar');
}

const options: ImageOptions = {
  role: 'merged',
  transform: 'oci',
  xattrs: 'allowlist-only',
  algorithm: 'fsverity-sha256-12',
};

const result = (files: LayoutFiles, more: Partial<ImageOptions>) =>
  digestImage(files, { ...options, ...more, format: 'v1' }).then(hex, error => error.code);

const recipes = [...choiceRecipes, ...documentRecipes, ...blobRecipes, ...layerRecipes];

describe('an OCI archive', () => {
  test.each(recipes.map(recipe => [recipe.id, recipe.make] as const))(
    'as the layout: %s',
    async (_, make) => {
      const draft = await make();
      put(draft.files);
      const request = draft.params as unknown as ImageOptions;
      const expected = await result(path('in/layout'), request);
      expect(await result(await archiveFiles(pack('in/layout')), request)).toBe(expected);
    },
  );

  test.each(['gnu', 'pax', 'oldgnu'])('in the form %s, with a name of more than 100 bytes', async form => {
    put({ [`in/blobs/sha512/${'a'.repeat(128)}`]: 'content', 'in/index.json': '{}' });
    const { parts } = await archiveFiles(pack('in', `--format=${form}`));
    expect(parts.get(`blobs/sha512/${'a'.repeat(128)}`)).toMatchObject({ size: 7 });
    expect(parts.size).toBe(2);
  });

  test('a file is where its part says', async () => {
    put({ 'in/a': 'x'.repeat(700_000), 'in/b': 'hello', 'in/c': '' });
    const archive = pack('in');
    const { parts } = await archiveFiles(archive);
    const bytes = execFileSync('cat', [archive], { maxBuffer: 10_000_000 });
    for (const [name, content] of [
      ['a', 'x'.repeat(700_000)],
      ['b', 'hello'],
      ['c', ''],
    ] as const) {
      const part = parts.get(name) as { start: number; size: number };
      expect(bytes.subarray(part.start, part.start + part.size).toString()).toBe(content);
    }
  });

  test('a symbolic link is the file that it leads to, and one out of the archive leads to nothing', async () => {
    put({ 'in/a/file': 'hello', 'in/b/x': '' });
    symlinkSync('../a/file', path('in/b/link'));
    symlinkSync('../../../../etc/passwd', path('in/b/out'));
    const { parts } = await archiveFiles(pack('in'));
    expect(parts.get('b/link')).toEqual(parts.get('a/file'));
    expect(parts.has('b/out')).toBe(false);
  });

  test.each([
    ['is compressed', () => writeFileSync(path('archive.tar'), gzipSync(Buffer.alloc(10_240)))],
    ['is not an archive', () => writeFileSync(path('archive.tar'), 'x'.repeat(5000))],
    ['is cut off', () => truncateSync(pack('in'), 700)],
    ['has a file twice', () => execFileSync('tar', ['-rf', pack('in'), '-C', path('in'), './index.json'])],
  ])('that %s is rejected', async (_, make) => {
    put({ 'in/index.json': 'x'.repeat(1000) });
    make();
    await expect(archiveFiles(path('archive.tar'))).rejects.toMatchObject({ code: 'IMAGE_LAYOUT' });
  });
});

/** What `hello` and `goodbye` make together. */
const bothLayers = `/ 0 40755 4 0 0 0 1700000000.0 - - -
/etc 0 40755 2 0 0 0 1600000000.0 - - -
/etc/motd 8 100644 1 0 0 0 1600000002.0 - welcome\\n -
/usr 0 40755 2 0 0 0 1700000000.0 - - -
/usr/greeting 8 100644 1 0 0 0 1700000002.0 - goodbye\\n -
`;

describe('an archive of docker save', () => {
  const text = async (files: LayoutFiles, more: Partial<ImageOptions> = {}) =>
    Buffer.concat([...printDumpfile(await imageTree(files, { ...options, ...more }))]).toString('latin1');

  /** An archive with one image of two layers. */
  function image(more: object = {}, diffIds = [digestOf(hello), digestOf(goodbye)]): string {
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: diffIds },
    });
    const manifest = [
      { Config: 'c.json', RepoTags: ['a:1', 'b:2'], Layers: ['0/layer.tar', '1/layer.tar'], ...more },
    ];
    put({
      'in/manifest.json': JSON.stringify(manifest),
      'in/c.json': config,
      'in/0/layer.tar': hello,
      'in/1/layer.tar': goodbye,
    });
    return pack('in');
  }

  test.each([{}, { reference: 'b:2' }, { platform: 'linux/amd64' }])(
    'has the tree of its layers: %j',
    async more => {
      expect(await text(await dockerArchiveFiles(image()), more)).toBe(bothLayers);
    },
  );

  test('without a name', async () => {
    expect(await text(await dockerArchiveFiles(image({ RepoTags: null })))).toBe(bothLayers);
  });

  test.each([
    ['a name that it does not have', {}, { reference: 'c' }, 'IMAGE_REFERENCE'],
    ['a layer that is missing', { Layers: ['0/layer.tar', 'x'] }, {}, 'IMAGE_BLOB'],
    ['one layer fewer than the config', { Layers: ['0/layer.tar'] }, {}, 'IMAGE_LAYER_COUNT'],
    ['layers in another order', { Layers: ['1/layer.tar', '0/layer.tar'] }, {}, 'IMAGE_DIGEST'],
    ['no config', { Config: 'd.json' }, {}, 'IMAGE_LAYOUT'],
    ['members of wrong types', { Layers: 'x' }, {}, 'IMAGE_SCHEMA'],
  ])('with %s is rejected', async (_, more, request, code) => {
    const read = async () => text(await dockerArchiveFiles(image(more)), request);
    await expect(read()).rejects.toMatchObject({ code });
  });

  test('with a layer that is not its diff_id is rejected', async () => {
    const read = async () => text(await dockerArchiveFiles(image({}, [digestOf(hello), digestOf('x')])));
    await expect(read()).rejects.toMatchObject({ code: 'IMAGE_DIGEST' });
  });
});
