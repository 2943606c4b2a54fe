import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hex } from '../../../reference/bytes.ts';
import { digestImage, type ImageOptions } from '../../../reference/oci/image-tree.ts';
import { LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import { archive, directory, file } from '../../generate/builder/tar.ts';
import { readManifest } from './cache.ts';
import { layoutFromDir } from './docker-layout.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-layout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const options: ImageOptions & { format: 'v1' } = {
  role: 'merged',
  transform: 'oci',
  xattrs: 'allowlist-only',
  algorithm: 'fsverity-sha256-12',
  format: 'v1',
  reference: 'latest',
};

test('a Docker image in the form of skopeo dir: becomes a layout with the digest of the same OCI image', async () => {
  const tar = archive(directory('usr/'), file('usr/a', 'x'.repeat(100)));
  const parts = { layers: [{ tar, compression: 'gzip' }], descriptor: tag('latest') } as const;
  const oci = new LayoutBuilder();
  oci.index(oci.image(parts));
  for (const [path, content] of Object.entries(oci.files)) put(join('oci', path), content);

  const docker = new LayoutBuilder();
  const { digest } = docker.image({ ...parts, types: 'docker' });
  put('dir/version', Buffer.from('Directory Transport Version: 1.1\n'));
  for (const [path, content] of Object.entries(docker.files)) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (path.startsWith('blobs/')) put(`dir/${digest.endsWith(name) ? 'manifest.json' : name}`, content);
  }
  layoutFromDir(join(folder, 'dir'), join(folder, 'layout'));

  expect(readManifest(join(folder, 'layout'))).toMatchObject({
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }],
  });
  expect(hex(await digestImage(join(folder, 'layout'), options))).toBe(
    hex(await digestImage(join(folder, 'oci'), options)),
  );
});

function put(path: string, content: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
