/**
 * The runner as an OCI image: a layout in a tar archive, sealed inline.
 *
 * The image has no Node and no shell. An image of an implementation copies the runner from it, or mounts it.
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { algorithm } from '../../reference/fsverity/algorithm.ts';
import { sealInline } from '../../reference/seal/node/seal.ts';
import { blobPath, digestOf, LayoutBuilder, platform, tag } from '../generate/builder/layout.ts';
import { type ArchiveExtra, below, gzipOf, type PackageFiles, tarOf } from './package-files.ts';

const FOLDER = 'usr/lib/composefs-oci-conformance';
const COMMAND = 'usr/bin/composefs-oci-conformance';
/** The program in the package. */
const PROGRAM = 'dist/conformance/runner/main.js';

/** It has only scripts, which run on both. */
const ARCHITECTURES = ['amd64', 'arm64'];

/** The archive with the layout of an image of `files`, the package of the runner. */
export async function runnerImage(version: string, files: PackageFiles): Promise<Uint8Array> {
  const layer = await layerOf(files);
  const builder = new LayoutBuilder();
  const blob = builder.blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipOf(layer));
  const manifests = ARCHITECTURES.map(architecture => {
    const config = builder.blob(
      'application/vnd.oci.image.config.v1+json',
      JSON.stringify({
        architecture,
        os: 'linux',
        config: { Entrypoint: [`/${COMMAND}`] },
        rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
      }),
    );
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [blob] });
    return builder.blob(mediaType, manifest, platform('linux', architecture));
  });
  builder.index(builder.nested(manifests, 'oci', tag(version)));
  return tarOf(await sealed(builder));
}

/** The package in a folder, and a link to its program. */
async function layerOf(files: PackageFiles): Promise<Uint8Array> {
  const placed = below(FOLDER, files);
  const folders = new Set([dirname(COMMAND)]);
  for (const name of placed.keys()) folders.add(dirname(name));
  // A set also visits what is added to it meanwhile.
  for (const folder of folders) if (folder.includes('/')) folders.add(dirname(folder));
  const directories = [...folders].sort().map<ArchiveExtra>(folder => ({
    name: `${folder}/`,
    type: 'directory',
    mode: 0o755,
  }));
  const linkname = `../lib/composefs-oci-conformance/${PROGRAM}`;
  const link: ArchiveExtra = { name: COMMAND, type: 'symlink', mode: 0o777, linkname };
  return tarOf(placed, [...directories, link], `${FOLDER}/${PROGRAM}`);
}

/** The files of the layout of `builder`, with the digests of its images published in their manifests. */
async function sealed(builder: LayoutBuilder): Promise<PackageFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-image-'));
  try {
    for (const [name, content] of Object.entries(builder.files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const { images, indexes, blobs, index } = await sealInline(folder, {
      algorithm: algorithm('fsverity-sha512-12'),
    });
    // What was replaced is left out.
    for (const { before } of [...images, ...indexes]) builder.remove(blobPath(before));
    for (const [digest, content] of blobs) builder.put(blobPath(digest), content);
    builder.put('index.json', index);
    return new Map(Object.entries(builder.files).sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
