import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobPath, LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { openBlob } from './blob.ts';
import { openLayout, readDocument } from './layout.ts';
import { config } from './schemas.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'layout-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

function putLayout(builder: LayoutBuilder): void {
  for (const [path, content] of Object.entries(builder.index().files)) put(path, content);
}

const rejection = (code: string) => expect.objectContaining({ code });

/** A config of `size` bytes. */
function configOf(size: number): string {
  const text = '{"rootfs":{"type":"layers","diff_ids":[]}}';
  return text + ' '.repeat(size - text.length);
}

// LAYER-007, LAYER-008
test('a document can have up to 4 MiB', async () => {
  const builder = new LayoutBuilder();
  const most = builder.blob('', configOf(4 * 1024 * 1024));
  const more = builder.blob('', configOf(4 * 1024 * 1024 + 1));
  putLayout(builder);
  const layout = await openLayout(directory, nodeSha2);
  await expect(readDocument(layout, most, config)).resolves.toMatchObject({ rootfs: { diff_ids: [] } });
  await expect(readDocument(layout, more, config)).rejects.toThrow(rejection('IMAGE_LIMIT'));
  put('index.json', `{"schemaVersion":2,"manifests":[]}${' '.repeat(4 * 1024 * 1024)}`);
  await expect(openLayout(directory, nodeSha2)).rejects.toThrow(rejection('IMAGE_LIMIT'));
});

// LAYER-009, LAYER-010
test('a blob can be named by its SHA-512 digest', async () => {
  const builder = new LayoutBuilder();
  const text = configOf(100);
  const hex = createHash('sha512').update(text).digest('hex');
  putLayout(builder.put(`blobs/sha512/${hex}`, text));
  const layout = await openLayout(directory, nodeSha2);
  const descriptor = { mediaType: '', digest: `sha512:${hex}`, size: text.length };
  await expect(readDocument(layout, descriptor, config)).resolves.toBeDefined();
  put(`blobs/sha512/${hex}`, text.replace(/ $/, '\n'));
  await expect(readDocument(layout, descriptor, config)).rejects.toThrow(rejection('IMAGE_DIGEST'));
});

// LAYER-010
test('a symbolic link is followed to a regular file', async () => {
  const builder = new LayoutBuilder();
  const blob = builder.blob('', configOf(100));
  putLayout(builder);
  renameSync(join(directory, blobPath(blob.digest)), join(directory, 'elsewhere'));
  symlinkSync('../../elsewhere', join(directory, blobPath(blob.digest)));
  const layout = await openLayout(directory, nodeSha2);
  await expect(readDocument(layout, blob, config)).resolves.toBeDefined();
});

// LAYER-010
test.each([
  ['a directory', (path: string) => mkdirSync(path)],
  ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
  ['a device', (path: string) => symlinkSync('/dev/zero', path)],
  ['a link to itself', (path: string) => symlinkSync(path, path)],
  ['a link to nothing', (path: string) => symlinkSync('nothing', path)],
])('%s is not a blob', async (_, make) => {
  const builder = new LayoutBuilder();
  const blob = builder.blob('', configOf(100));
  putLayout(builder.remove(blobPath(blob.digest)));
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  make(join(directory, blobPath(blob.digest)));
  const layout = await openLayout(directory, nodeSha2);
  expect(() => openBlob(layout, blob, {})).toThrow(rejection('IMAGE_BLOB'));
});

test('a blob that is read only in part is verified completely', async () => {
  const builder = new LayoutBuilder();
  const good = builder.blob('', 'x'.repeat(1e6));
  const bad = builder.blob('', 'y'.repeat(1e6));
  putLayout(builder.put(blobPath(bad.digest), `${'y'.repeat(1e6 - 1)}z`));
  const layout = await openLayout(directory, nodeSha2);
  const read = async (descriptor: typeof good) => {
    const blob = openBlob(layout, descriptor, {});
    try {
      for await (const _ of blob) break;
      await blob.verify();
      return blob.position;
    } finally {
      blob.close();
    }
  };
  await expect(read(good)).resolves.toBe(1e6);
  await expect(read(bad)).rejects.toThrow(rejection('IMAGE_DIGEST'));
});

test('a missing directory is an error of the request', async () => {
  await expect(openLayout(join(directory, 'nothing'), nodeSha2)).rejects.toThrow(rejection('REQUEST_FILE'));
});
