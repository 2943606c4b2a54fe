import { openSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { LayoutBuilder, platform } from '../../../conformance/generate/builder/layout.ts';
import { hello } from '../../../conformance/generate/recipes/image/parts.ts';
import { ComposefsError } from '../../errors.ts';
import { lintImage } from '../../lint/lint.ts';
import { applyUpdate, writeLayout } from './layouts.test.helper.ts';
import { sealArtifact, sealInline } from './seal.ts';
import { verifyImage } from './verify.ts';

vi.mock('node:fs', async original => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, openSync: vi.fn(real.openSync) };
});

const algorithm = 'fsverity-sha256-12';

/** A layout with images of `count` platforms, each with a config of its own. */
function platforms(count: number): string {
  const builder = new LayoutBuilder();
  const images = Array.from({ length: count }, (_, i) =>
    builder.image({
      layers: [{ tar: hello }],
      config: { architecture: `a${i}` },
      descriptor: platform('linux', `a${i}`),
    }),
  );
  return writeLayout(builder.index(...images));
}

/** A layout with an image and `count` artifacts of it, each with different white space. */
async function artifacts(count: number): Promise<string> {
  const directory = platforms(1);
  const [artifact] = (await sealArtifact(directory, { algorithm })).images;
  const builder = new LayoutBuilder();
  const text = new TextDecoder().decode(artifact?.artifact.bytes);
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const entries = Array.from({ length: count }, (_, i) => builder.blob(type, text + ' '.repeat(i)));
  builder.blob('', '{}');
  const image = builder.image({ layers: [{ tar: hello }], config: { architecture: 'a0' } });
  return writeLayout(builder.index(image, ...entries));
}

/** The number of files that `work` opens. */
async function opened(work: () => Promise<unknown>): Promise<number> {
  const before = vi.mocked(openSync).mock.calls.length;
  await work();
  return vi.mocked(openSync).mock.calls.length - before;
}

async function sealedPlatforms(count: number): Promise<string> {
  const directory = platforms(count);
  applyUpdate(directory, await sealInline(directory, { algorithm }));
  applyUpdate(directory, await sealArtifact(directory, { algorithm }));
  return directory;
}

test.each([
  ['verify, of platforms', sealedPlatforms, (directory: string) => verifyImage(directory, {})],
  ['seal, of platforms', platforms, (directory: string) => sealArtifact(directory, { algorithm })],
  ['lint, of platforms', platforms, (directory: string) => lintImage(directory, {})],
  ['verify, of artifacts', artifacts, (directory: string) => verifyImage(directory, {})],
] as const)('%s: the number of opened files is linear', async (_, layout, work) => {
  const counts: number[] = [];
  for (const size of [8, 16, 32]) {
    const directory = await layout(size);
    counts.push(await opened(() => work(directory)));
  }
  const [few = 0, more = 0, many = 0] = counts;
  expect(more).toBeGreaterThan(few);
  expect(many - more).toBe(2 * (more - few));
});

/** A layout with a nested index of `count` platforms, or of as many entries without a platform for one manifest. */
function nested(count: number, distinct: boolean): { directory: string; index: string; manifest: string } {
  const builder = new LayoutBuilder();
  const images = Array.from({ length: count }, (_, i) =>
    distinct
      ? builder.image({
          layers: [{ tar: hello }],
          config: { architecture: `a${i}` },
          descriptor: platform('linux', `a${i}`),
        })
      : builder.image({ layers: [{ tar: hello }], config: { architecture: 'a0' } }),
  );
  const index = builder.nested(images);
  const directory = writeLayout(builder.index(index));
  return { directory, index: index.digest, manifest: images[0]?.digest ?? '' };
}

/** How often `work` opens the blob with this digest. */
async function openings(digest: string, work: () => Promise<unknown>): Promise<number> {
  vi.mocked(openSync).mockClear();
  await work();
  return vi.mocked(openSync).mock.calls.filter(([path]) => `${path}`.endsWith(digest.replace('sha256:', '')))
    .length;
}

/** Verifies images for which nothing is published, which is found out after everything is read. */
const verifies = (directory: string, more = {}) =>
  expect(verifyImage(directory, more)).rejects.toMatchObject({ code: 'VERIFY_UNPUBLISHED' });

test.each([2, 20])('how often an index is read does not depend on its %i images', async count => {
  const { directory, index } = nested(count, true);
  const readings = (work: () => Promise<unknown>) => openings(index, work);
  // To select the images, and to find artifacts.
  expect(await readings(() => verifies(directory))).toBe(2);
  expect(await readings(() => sealArtifact(directory, { algorithm }))).toBe(2);
  // Also to list what is next to them, and for its text.
  expect(await readings(() => lintImage(directory, {}))).toBe(4);
});

test.each([2, 20])('how often a manifest is read does not depend on its %i entries', async count => {
  const { directory, manifest } = nested(count, false);
  const readings = (work: () => Promise<unknown>) => openings(manifest, work);
  // For its platform, to open it, and because it could be an artifact.
  expect(await readings(() => verifies(directory, { platform: 'linux/a0' }))).toBe(3);
  // To open it, to build its tree, because it could be an artifact, and because it could be ignored.
  expect(await readings(() => lintImage(directory, {}))).toBe(4);
});

test('the maximum size applies to all images, algorithms and readings of a request together', async () => {
  const directory = platforms(3);
  for (const each of [algorithm, 'fsverity-sha512-12'] as const)
    applyUpdate(directory, await sealInline(directory, { algorithm: each, roles: ['layer'] }));
  // Each layer is read for role merged and for role layer, with each algorithm.
  const all = 3 * 2 * 2 * hello.length;
  const codeOf = async (work: (maxSize: number) => Promise<unknown>, maxSize: number) => {
    try {
      await work(maxSize);
      return 'done';
    } catch (error) {
      return error instanceof ComposefsError ? error.code : error;
    }
  };
  const verify = (maxSize: number) => verifyImage(directory, { maxSize });
  expect(await codeOf(verify, all)).toBe('done');
  expect(await codeOf(verify, all - 1)).toBe('COMPRESSION_LIMIT');
  const seal = (maxSize: number) => sealInline(directory, { algorithm, maxSize });
  expect(await codeOf(seal, all)).toBe('done');
  expect(await codeOf(seal, all - 1)).toBe('COMPRESSION_LIMIT');
  // Lint reads each layer twice more.
  const lint = (maxSize: number) => lintImage(directory, { maxSize });
  expect(await codeOf(lint, all + 3 * 2 * hello.length)).toBe('done');
  expect(await codeOf(lint, all + 3 * 2 * hello.length - 1)).toBe('COMPRESSION_LIMIT');
});
