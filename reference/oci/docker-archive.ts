/**
 * Archives that `docker save` writes: `manifest.json` names the config and the layers of each image. A layout is made
 * from them, with a manifest of its own, so that an image is read and checked as it is from a layout.
 * @module
 */

import { createHash } from 'node:crypto';
import { ComposefsError } from '../errors.ts';
import { archiveFiles } from './archive.ts';
import { blobPath } from './digest.ts';
import { refName } from './entries.ts';
import { parseJson } from './json.ts';
import { JSON_LIMIT, readLayoutFile } from './layout.ts';
import type { ArchiveFiles, ArchivePart } from './layout-files.ts';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './media-types.ts';
import { config, dockerArchiveManifest, validated } from './schemas.ts';

/** One descriptor of a document that is made here. */
interface Made {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * The layout of the images in the archive `path`. The layers have to be uncompressed archives: their digests are the
 * diff_ids of the config, which are checked when they are read.
 *
 * @throws ComposefsError IMAGE_LAYOUT if it is not such an archive; IMAGE_JSON, IMAGE_SCHEMA or IMAGE_LAYER_COUNT for
 * its documents.
 */
export async function dockerArchiveFiles(path: string): Promise<ArchiveFiles> {
  const files = await archiveFiles(path);
  const location = { file: 'manifest.json' };
  const text = await readLayoutFile(files, 'manifest.json');
  const images = validated(dockerArchiveManifest, parseJson(text, location), location);
  const parts = new Map<string, ArchivePart>();
  const add = (mediaType: string, digest: string, part: ArchivePart): Made => {
    parts.set(blobPath(digest), part);
    return { mediaType, digest, size: 'bytes' in part ? part.bytes.length : part.size };
  };
  const addDocument = (mediaType: string, bytes: Uint8Array) =>
    add(mediaType, `sha256:${createHash('sha256').update(bytes).digest('hex')}`, { bytes });

  const manifests: (Made & { readonly annotations?: Readonly<Record<string, string>> })[] = [];
  for (const { Config, Layers, RepoTags } of images) {
    const configText = await readLayoutFile(files, Config);
    const at = { file: Config };
    const { diff_ids } = validated(config, parseJson(configText, at), at).rootfs;
    if (diff_ids.length !== Layers.length) {
      const detail = `the config has ${diff_ids.length} diff_ids, and manifest.json ${Layers.length} layers`;
      throw new ComposefsError('IMAGE_LAYER_COUNT', detail, location);
    }
    const layers = Layers.map((name, i) => add(OCI_LAYER, diff_ids[i] ?? '', partOf(files, name)));
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: addDocument(OCI_CONFIG, configText),
      layers,
    };
    const made = addDocument(OCI_MANIFEST, json(manifest));
    const tags = RepoTags ?? [];
    if (tags.length === 0) manifests.push(made);
    for (const tag of tags) manifests.push({ ...made, annotations: { [refName]: tag } });
  }
  const index = json({ schemaVersion: 2, manifests });
  if (index.length > JSON_LIMIT)
    throw new ComposefsError('IMAGE_LIMIT', 'the archive has too many images', location);
  parts.set('index.json', { bytes: index });
  parts.set('oci-layout', { bytes: json({ imageLayoutVersion: '1.0.0' }) });
  return { archive: path, parts };
}

function partOf({ parts }: ArchiveFiles, name: string): ArchivePart {
  const part = parts.get(name);
  if (part === undefined)
    throw new ComposefsError('IMAGE_BLOB', 'the archive does not have this layer', { file: name });
  return part;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
