/**
 * The manifest of an image, read as its descriptor says.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { blobLocation } from './blob.ts';
import { parseJson, quoted } from './json.ts';
import { type OciLayout, readBlob } from './layout.ts';
import { DOCKER_MANIFEST, isConfigType, isLayerType } from './media-types.ts';
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  manifest,
  type Schema,
  validated,
} from './schemas.ts';

/** Reads an index; its `mediaType`, if it has one, must equal that of its descriptor (LAYER-006). */
export async function readTyped<T extends ImageIndex | ImageManifest>(
  layout: OciLayout,
  descriptor: Descriptor,
  schema: Schema<T>,
): Promise<T> {
  return parseTyped(await readBlob(layout, descriptor), descriptor, schema);
}

/** Parses the bytes of an index or a manifest; its `mediaType`, if it has one, must equal that of its descriptor (LAYER-006). */
export function parseTyped<T extends ImageIndex | ImageManifest>(
  bytes: Uint8Array,
  descriptor: Descriptor,
  schema: Schema<T>,
): T {
  const location = blobLocation(descriptor);
  const document = validated(schema, parseJson(bytes, location), location);
  if (document.mediaType !== undefined && document.mediaType !== descriptor.mediaType) {
    const detail = `mediaType is ${quoted(document.mediaType)}, but its descriptor says ${quoted(descriptor.mediaType)}`;
    throw new ComposefsError('IMAGE_SCHEMA', detail, location);
  }
  return document;
}

/** Reads a manifest. */
export async function readManifest(layout: OciLayout, descriptor: Descriptor): Promise<ImageManifest> {
  return parseManifest(await readBlob(layout, descriptor), descriptor, manifest);
}

/** Parses a manifest with the members of `schema`. */
export function parseManifest<T extends ImageManifest>(
  bytes: Uint8Array,
  descriptor: Descriptor,
  schema: Schema<T>,
): T {
  const parsed = parseTyped(bytes, descriptor, schema);
  const { mediaType = '' } = parsed.config as Partial<Descriptor>;
  // LAYER-112
  if (!Object.hasOwn(parsed.config, 'mediaType') && descriptor.mediaType !== DOCKER_MANIFEST) {
    throw new ComposefsError('IMAGE_SCHEMA', '/config has no member mediaType', blobLocation(descriptor));
  }
  return { ...parsed, config: { ...parsed.config, mediaType } };
}

/** Rejects a manifest with IMAGE_MEDIA_TYPE if its config is not that of an image (LAYER-021, LAYER-112). */
export function checkConfigType(descriptor: Descriptor, { config }: ImageManifest): void {
  if (isConfigType(descriptor.mediaType, config.mediaType)) return;
  const detail = `${quoted(config.mediaType)} is not the media type of a config`;
  throw new ComposefsError('IMAGE_MEDIA_TYPE', detail, blobLocation(descriptor));
}

/** Whether a manifest is that of an image by the media types of its config and its layers (LAYER-113). */
export function isImageManifest(descriptor: Descriptor, { config, layers }: ImageManifest): boolean {
  return (
    isConfigType(descriptor.mediaType, config.mediaType) &&
    layers.every(({ mediaType }) => isLayerType(mediaType))
  );
}
