/**
 * The changes that sealing makes to manifests and indexes (spec/sealing.md, "Inline mode").
 * @module
 */

import { configTypes, OCI_CONFIG } from '../oci/media-types.ts';
import type { Descriptor } from '../oci/schemas.ts';
import type { JsonPath, JsonText } from './json-text.ts';
import { isKeyInOtherCase, olderNames, readKey } from './keys.ts';

/** The media types of Docker and the corresponding types of OCI (SEAL-028). */
const ociTypes: ReadonlyMap<string, string> = new Map([
  ['application/vnd.docker.distribution.manifest.list.v2+json', 'application/vnd.oci.image.index.v1+json'],
  ['application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.oci.image.manifest.v1+json'],
  ['application/vnd.docker.container.image.v1+json', 'application/vnd.oci.image.config.v1+json'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'application/vnd.oci.image.layer.v1.tar'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'application/vnd.oci.image.layer.v1.tar+gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'application/vnd.oci.image.layer.v1.tar+zstd'],
  [
    'application/vnd.docker.image.rootfs.foreign.diff.tar',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ],
  [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ],
]);

/** Sets annotations of the object at `path` (SEAL-016). Must be called at most once for each object. */
export function setAnnotations(
  json: JsonText,
  path: JsonPath,
  values: Readonly<Record<string, string>>,
): void {
  if (Object.keys(values).length === 0) return;
  // LAYER-110: annotations that are null are missing.
  if (json.at(...path, 'annotations')?.kind !== 'object') json.set(path, { annotations: values });
  else json.set([...path, 'annotations'], values);
}

/** Removes every published digest and signature from the annotations in a manifest (SEAL-025). */
export function removePublished(json: JsonText, layers: number): void {
  const isPublished = (name: string) =>
    readKey(name) !== undefined || isKeyInOtherCase(name) || name === olderNames.labelOrAnnotation;
  const holders: JsonPath[] = [
    [],
    ['config'],
    ['subject'],
    ...Array.from({ length: layers }, (_, layer) => ['layers', layer]),
  ];
  for (const path of holders) {
    if (json.at(...path, 'annotations')?.kind === 'object')
      json.remove([...path, 'annotations'], isPublished);
  }
}

/** Converts the Docker media types in a manifest to those of OCI (SEAL-028). */
export function convertManifest(
  json: JsonText,
  manifest: { config: Descriptor; layers: readonly Descriptor[] },
): void {
  convertMediaType(json, []);
  // LAYER-112: the older media types of a config, or none, have no meaning in an OCI manifest.
  if (configTypes.has(manifest.config.mediaType)) convertMediaType(json, ['config']);
  else json.set(['config'], { mediaType: OCI_CONFIG });
  for (const layer of manifest.layers.keys()) convertMediaType(json, ['layers', layer]);
}

/** Converts the media type of the object at `path`, if it is one of Docker (SEAL-028). */
export function convertMediaType(json: JsonText, path: JsonPath): void {
  const span = json.at(...path, 'mediaType');
  if (span === undefined) return;
  const ociType = ociTypes.get(JSON.parse(json.text.slice(span.start, span.end)));
  if (ociType !== undefined) json.set(path, { mediaType: ociType });
}

/** Sets the descriptor at `path` to that of `content`, whose digest is `digest` (SEAL-017, SEAL-018). */
export function setDescriptor(json: JsonText, path: JsonPath, digest: string, content: Uint8Array): void {
  const data = json.at(...path, 'data') === undefined ? {} : { data: base64(content) };
  json.set(path, { digest, size: content.length, ...data });
}

/** Base64 with padding (SEAL-043). */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
