/**
 * An image of a layout, with everything that is published for it.
 * @module
 */

import { algorithmParameters } from '../../fsverity/algorithm.ts';
import { blobLocation } from '../../oci/blob.ts';
import { parseJson } from '../../oci/json.ts';
import { type OciLayout, readBlob } from '../../oci/layout.ts';
import { checkConfigType, parseManifest } from '../../oci/manifest.ts';
import { DOCKER_MANIFEST } from '../../oci/media-types.ts';
import { platformText } from '../../oci/platform.ts';
import {
  type AnnotatedManifest,
  annotatedManifest,
  config as configSchema,
  type Descriptor,
  type ImageConfig,
  validated,
} from '../../oci/schemas.ts';
import { type ImageSelection, manifestsOfPlatforms, selectImages } from '../../oci/select.ts';
import { decodeSignature } from '../pkcs7.ts';
import { type OlderNameDigest, type PublishedDigest, readInline, readOlderNames } from '../published.ts';
import { LayoutArtifacts, type OpenArtifact } from './artifacts.ts';
import type { LayoutImage } from './digests.ts';

/** An image whose manifest and config were read and checked. */
export interface OpenImage extends LayoutImage {
  readonly parsed: AnnotatedManifest;
  readonly configValue: ImageConfig;
  /** `os/architecture`, or `os/architecture/variant` if there is a variant. */
  readonly platform: string;
  /** The artifacts of all images of the layout. */
  readonly artifacts: LayoutArtifacts;
}

/** Opens the selected images, one for each platform (SEAL-046). Throws as the tree builder does. */
export async function openImages(layout: OciLayout, selection: ImageSelection): Promise<OpenImage[]> {
  const selected = await selectImages(layout, selection);
  return openManifests(layout, await manifestsOfPlatforms(layout, selected, selection));
}

/** Opens the images whose manifests are `descriptors`. */
export async function openManifests(
  layout: OciLayout,
  descriptors: readonly Descriptor[],
): Promise<OpenImage[]> {
  const artifacts = new LayoutArtifacts(layout);
  const images: OpenImage[] = [];
  for (const each of descriptors) images.push(await openImage(layout, each, artifacts));
  return images;
}

async function openImage(
  layout: OciLayout,
  descriptor: Descriptor,
  artifacts: LayoutArtifacts,
): Promise<OpenImage> {
  const manifest = await readBlob(layout, descriptor);
  const parsed = parseManifest(manifest, descriptor, annotatedManifest);
  checkConfigType(descriptor, parsed);
  const config = await readBlob(layout, parsed.config);
  const configLocation = blobLocation(parsed.config);
  const configValue = validated(configSchema, parseJson(config, configLocation), configLocation);
  const platform = platformText(descriptor.platform ?? configValue);
  return { layout, descriptor, manifest, config, parsed, configValue, platform, artifacts };
}

/** Everything that is published for an image. */
export interface Publications {
  readonly inline: readonly PublishedDigest[];
  readonly artifacts: readonly OpenArtifact[];
  readonly olderNames: readonly OlderNameDigest[];
}

/** Reads everything that is published for `image`, and rejects it if any of that is malformed. */
export async function readPublications(image: OpenImage): Promise<Publications> {
  const location = blobLocation(image.descriptor);
  const publications = {
    inline: readInline(image.parsed, image.descriptor.mediaType === DOCKER_MANIFEST, location),
    artifacts: await image.artifacts.of(image.descriptor),
    olderNames: readOlderNames(image.configValue, image.parsed, {
      manifest: location,
      config: blobLocation(image.parsed.config),
    }),
  };
  checkSignatureForms(publications);
  return publications;
}

/** Rejects signatures that do not have the form of the standard, whether or not anyone trusts them (VERIFY-030). */
function checkSignatureForms({ inline, artifacts }: Publications): void {
  for (const each of [...inline, ...artifacts.flatMap(({ published }) => published)]) {
    const { hash } = algorithmParameters[each.algorithm];
    if (each.signature !== undefined) decodeSignature(each.signature, hash, each.location);
  }
}
