import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  archive,
  concat,
  directory,
  entry,
  file,
  GNU,
  hardlink,
  header,
  longName,
  padded,
  pax,
  paxRaw,
  symlink,
  V7,
  zeros,
} from '../../conformance/generate/builder/tar.ts';
import { hex } from '../bytes.ts';
import { digestImage } from '../oci/image-tree.ts';
import { exportImage, exportLayer } from './export.ts';
import { checkStore } from './fsck.ts';
import { listImages } from './images.ts';
import { importImage } from './import.ts';
import { initStore, openStore, type Store } from './store.ts';
import { base, large, small, snapshot, upper, writeLayout } from './stores.test.helper.ts';

let folder: string;
let layout: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  layout = join(folder, 'layout');
  store = await initStore(join(folder, 'store'), { algorithm: 'fsverity-sha256-12' });
});
afterEach(() => rmSync(folder, { recursive: true }));

const names = { role: 'merged', transform: 'oci', xattrs: 'allowlist-only', format: 'v1' } as const;

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

describe('import', () => {
  test.each(['fsverity-sha256-12', 'fsverity-sha512-12'] as const)(
    'makes the image that the layout has, with %s, and leaves a sound store',
    async algorithm => {
      writeLayout(layout, { t: { layers: [{ tar: base }, { tar: upper, compression: 'gzip' }] } });
      const other = await initStore(join(folder, algorithm), { algorithm });
      const { images, name } = await importImage(other, layout);
      expect(name).toBe('t');
      const expected = hex(await digestImage(layout, { ...names, algorithm }));
      expect(images).toEqual([{ digest: expected, role: 'merged', format: 'v1', xattrs: 'allowlist-only' }]);
      expect((await checkStore(other)).findings).toEqual([]);
    },
  );

  test('makes the image for booting beside the other', async () => {
    const tar = archive(
      directory('usr/'),
      directory('boot/'),
      file('boot/kernel', large),
      directory('sysroot/'),
    );
    writeLayout(layout, { t: { layers: [{ tar }] } });
    const { images } = await importImage(store, layout, { bootable: true });
    const digests = await Promise.all(
      (['merged', 'merged.bootable'] as const).map(async role =>
        hex(await digestImage(layout, { ...names, role, algorithm: store.algorithm })),
      ),
    );
    expect(images.map(({ digest }) => digest)).toEqual(digests);
    expect(new Set(digests).size).toBe(2);
  });

  test('is idempotent, also with other options in between', async () => {
    writeLayout(layout, { t: { layers: [{ tar: base, compression: 'zstd' }] } });
    await importImage(store, layout);
    const first = snapshot(store.directory);
    await importImage(store, layout);
    expect(snapshot(store.directory)).toEqual(first);
    await importImage(store, layout, { keepBlobs: true });
    const second = snapshot(store.directory);
    await importImage(store, layout);
    expect(snapshot(store.directory)).toEqual(second);
    expect(second).not.toEqual(first);
  });

  test.each([
    ['a false diff_id', { tar: base, diffId: `sha256:${'1'.repeat(64)}` }, 'IMAGE_DIFF_ID'],
    ['a false blob digest', { tar: base, descriptor: { digest: `sha256:${'1'.repeat(64)}` } }, 'IMAGE_BLOB'],
    ['a cut archive', { tar: base.subarray(0, 1200) }, 'TAR_TRUNCATED'],
  ])('leaves the store as it was for %s', async (_, layer, code) => {
    writeLayout(layout, { t: { layers: [{ tar: upper }, layer] } });
    const before = snapshot(store.directory);
    await expect(importImage(store, layout)).rejects.toMatchObject({ code });
    expect(snapshot(store.directory)).toEqual(before);
  });

  test('keeps a content of several images once', async () => {
    writeLayout(layout, { a: { layers: [{ tar: base }] }, b: { layers: [{ tar: upper }] } });
    await importImage(store, layout, { reference: 'a' });
    await importImage(store, layout, { reference: 'b' });
    const objects = Object.entries(snapshot(store.directory)).filter(([path]) => path.startsWith('objects/'));
    expect(objects.filter(([, content]) => content === large)).toHaveLength(1);
  });

  test('replaces a damaged object', async () => {
    writeLayout(layout, { t: { layers: [{ tar: base }] } });
    await importImage(store, layout);
    const before = snapshot(store.directory);
    const [path = ''] = Object.entries(before).find(([, content]) => content === large) ?? [];
    for (const content of [large.replace('l', 'L'), 'short']) {
      writeFileSync(join(store.directory, path), content);
      await importImage(store, layout);
      expect(snapshot(store.directory)).toEqual(before);
    }
  });

  test('rewrites the other manifests of a config when it gets another image', async () => {
    const tar = archive(
      directory('usr/'),
      directory('boot/'),
      directory('sysroot/'),
      file('usr/large', large),
    );
    writeLayout(layout, {
      plain: { layers: [{ tar }] },
      gzip: { layers: [{ tar, compression: 'gzip' }] },
    });
    await importImage(store, layout, { reference: 'plain' });
    await importImage(store, layout, { reference: 'gzip', bootable: true });
    expect((await checkStore(store)).findings).toEqual([]);
  });

  test('does not write through a link in its place', async () => {
    writeLayout(layout, { t: { layers: [{ tar: base }] } });
    await importImage(store, layout);
    const before = snapshot(store.directory);
    const [path = ''] = Object.entries(before).find(([, content]) => content === large) ?? [];
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'untouched');
    rmSync(join(store.directory, path));
    symlinkSync(outside, join(store.directory, path));
    await importImage(store, layout);
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
    expect(snapshot(store.directory)).toEqual(before);
  });

  test('rejects a store that has an unknown feature', async () => {
    writeLayout(layout, { t: { layers: [{ tar: base }] } });
    const meta = join(store.directory, 'meta.json');
    const text = readFileSync(meta, 'utf8');
    writeFileSync(meta, text.replace('"read-only-compatible": [', '"read-only-compatible": ["x",'));
    const read = openStore(store.directory);
    await expect(importImage(read, layout)).rejects.toMatchObject({ code: 'STORE_FEATURE' });
    expect((await checkStore(read)).findings).toEqual([]);
    writeFileSync(meta, text.replace('"incompatible": [', '"incompatible": ["x"'));
    expect(() => openStore(store.directory)).toThrow(/STORE_FEATURE/);
  });

  test('needs a name', async () => {
    writeLayout(layout, { t: { layers: [{ tar: base }] } });
    for (const name of ['', '.', '..', '@x', 'a\nb', 'é'.repeat(128), '/'.repeat(86), '\ud800']) {
      await expect(importImage(store, layout, { name })).rejects.toMatchObject({ code: 'STORE_NAME' });
    }
    for (const name of ['/'.repeat(85), 'a/b%2Fc', 'é'.repeat(127), '-x', 'a b', 'a@b:c\\d']) {
      await importImage(store, layout, { name });
      await exportImage(store, name, join(folder, 'out'));
      rmSync(join(folder, 'out'), { recursive: true });
    }
    expect((await checkStore(store)).findings).toEqual([]);
  });
});

describe('export', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    'returns an image that was published as %s',
    async compression => {
      const [digest] = writeLayout(layout, {
        t: {
          layers: [
            { tar: base, compression },
            { tar: upper, compression },
            { tar: base, compression },
          ],
        },
      });
      await importImage(store, layout, { keepBlobs: true });
      const output = join(folder, 'output');
      expect(await exportImage(store, 't', output)).toMatchObject({ manifest: digest });
      const [before, after] = [snapshot(layout), snapshot(output)];
      expect(after).toEqual({ ...before, 'index.json': after['index.json'] });
      await importImage(await initStore(join(folder, 'again')), output);
      await expect(exportImage(store, 't', output)).rejects.toMatchObject({ code: 'REQUEST_FILE' });
    },
  );

  test.each(['none', 'gzip', 'zstd'] as const)(
    'returns files of many chunks that were published as %s',
    async compression => {
      // Each chunk is different, so that one that is written in place of another is seen.
      const numbers = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, i) => i).buffer);
      const [digest] = writeLayout(layout, {
        t: { layers: [{ tar: archive(directory('usr/'), file('usr/numbers', numbers)), compression }] },
      });
      await importImage(store, layout, { keepBlobs: true });
      const output = join(folder, 'output');
      expect(await exportImage(store, 't', output)).toMatchObject({ manifest: digest });
      const [before, after] = [snapshot(layout), snapshot(output)];
      const different = Object.keys(before).filter(
        name => name !== 'index.json' && before[name] !== after[name],
      );
      expect(different).toEqual([]);
    },
  );

  test('rejects an image whose blobs are not kept, and says so in the list', async () => {
    const [digest] = writeLayout(layout, {
      t: { layers: [{ tar: base, compression: 'gzip' }, { tar: upper }] },
    });
    await importImage(store, layout);
    const output = join(folder, 'output');
    await expect(exportImage(store, `@${digest}`, output)).rejects.toMatchObject({ code: 'STORE_BLOB' });
    for await (const image of listImages(store)) {
      expect(image).toMatchObject({ manifest: digest, layers: [{ kept: false }, { kept: true }] });
    }
    await expect(exportImage(store, 'other', output)).rejects.toMatchObject({ code: 'STORE_UNKNOWN' });
  });

  test('rejects damaged content, and leaves nothing', async () => {
    writeLayout(layout, { t: { layers: [{ tar: base }] } });
    await importImage(store, layout);
    const [path = ''] =
      Object.entries(snapshot(store.directory)).find(([, content]) => content === large) ?? [];
    writeFileSync(join(store.directory, path), large.replace('l', 'L'));
    await expect(exportImage(store, 't', join(folder, 'output'))).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
    });
    expect(Object.keys(snapshot(folder)).filter(name => name.includes('output'))).toEqual([]);
  });

  const content = 'content '.repeat(20);
  const hard: [string, Uint8Array][] = [
    ['padding to a record', concat(base, new Uint8Array(10_240 - (base.length % 10_240)))],
    ['bytes behind the end', concat(base, 'junk behind the end', 'x'.repeat(300_000))],
    ['another archive behind the end', concat(base, upper)],
    ['no end', concat(directory('usr/'), file('usr/a', content))],
    ['one zero block', concat(directory('usr/'), file('usr/a', content), zeros(1))],
    ['nothing', new Uint8Array(0)],
    ['only an end', zeros(2)],
    ['a record of zeros', zeros(20)],
    [
      'a global header',
      archive(paxRaw('12 comment=x\n'.replace('12', '13'), { type: 'g' }), file('a', content)),
    ],
    ['a long name', archive(longName('n'.repeat(150)), file('x', content))],
    [
      'a size in a PAX record',
      archive(pax({ size: String(content.length) }), header({ name: 'a', size: 0 }), padded(content)),
    ],
    ['duplicate paths', archive(file('a', content), file('a', `${content}2`), file('a', content))],
    ['a name that is not UTF-8', archive(file(new Uint8Array([0x61, 0xff, 0xfe]), content))],
    [
      'GNU and v7 headers',
      archive(
        entry({ name: 'a', magic: GNU }, content),
        entry({ name: 'b', magic: V7, type: '\0' }, content),
      ),
    ],
    ['type 7', archive(entry({ name: 'a', type: '7' }, content))],
    [
      'padding that is not zero',
      concat(header({ name: 'a', size: 70 }), 'a'.repeat(70), 'p'.repeat(442), zeros(2)),
    ],
    [
      'contents around the limit',
      archive(file('a', 'x'.repeat(64)), file('b', 'x'.repeat(65)), file('c', ''), file('d', 'x')),
    ],
    [
      'whiteouts and links',
      archive(file('a', content), hardlink('b', 'a'), symlink('c', 'a'), file('.wh.d', content)),
    ],
    ['a large file', archive(file('a', 'large'.repeat(500_000)), file('b', content))],
  ];

  test.each(hard)('returns a layer with %s byte for byte', async (_, tar) => {
    writeLayout(layout, { t: { layers: [{ tar: archive(directory('usr/')) }, { tar }] } });
    await importImage(store, layout);
    const { diffId, content: chunks } = await exportLayer(store, 't', 1);
    const bytes = await bytesOf(chunks);
    expect(bytes.equals(tar)).toBe(true);
    expect(diffId).toBe(`sha256:${createHash('sha256').update(tar).digest('hex')}`);
    expect((await checkStore(store)).findings).toEqual([]);
  });
});

test(`a small file is not an object: ${small}`, async () => {
  writeLayout(layout, { t: { layers: [{ tar: base }] } });
  await importImage(store, layout);
  expect(Object.values(snapshot(store.directory))).not.toContain(small);
});
