/**
 * An image of a layout, with everything that is published for it.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { blobLocation, openBlob } from '../../oci/blob.ts';
import { parseJson, quoted } from '../../oci/json.ts';
import { type OciLayout, readBlob } from '../../oci/layout.ts';
import { configTypes, indexTypes } from '../../oci/media-types.ts';
import {
  type AnnotatedManifest,
  annotatedManifest,
  config as configSchema,
  type Descriptor,
  type ImageIndex,
  index,
  validated,
} from '../../oci/schemas.ts';
import { type ImageSelection, platformText, readTyped, selectManifests } from '../../oci/select.ts';
import { ARTIFACT_TYPE, empty, MANIFEST_TYPE, readArtifact } from '../artifact.ts';
import {
  checkSignatureSize,
  type OlderNameDigest,
  type PublishedDigest,
  readInline,
  readOlderNames,
} from '../published.ts';
import type { LayoutImage } from './digests.ts';

export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** An image whose manifest and config were read and checked. */
export interface OpenImage extends LayoutImage {
  readonly parsed: AnnotatedManifest;
  readonly configValue: unknown;
  /** `os/architecture`, or `os/architecture/variant` if there is a variant. */
  readonly platform: string;
}

/** Opens the selected images, one for each platform (SEAL-046). Throws as the tree builder does. */
export async function openImages(layout: OciLayout, selection: ImageSelection): Promise<OpenImage[]> {
  const images: OpenImage[] = [];
  for (const each of await selectManifests(layout, selection)) images.push(await openImage(layout, each));
  return images;
}

/** Reads the manifest and the config of the image whose manifest is `descriptor`. */
export async function openImage(layout: OciLayout, descriptor: Descriptor): Promise<OpenImage> {
  const manifest = await readBlob(layout, descriptor);
  const parsed = parseManifest(manifest, descriptor);
  const location = blobLocation(descriptor);
  if (!configTypes.has(parsed.config.mediaType)) {
    const detail = `${quoted(parsed.config.mediaType)} is not the media type of a config`;
    throw new ComposefsError('IMAGE_MEDIA_TYPE', detail, location);
  }
  const config = await readBlob(layout, parsed.config);
  const configLocation = blobLocation(parsed.config);
  const configValue = validated(configSchema, parseJson(config, configLocation), configLocation);
  const platform = platformText(descriptor.platform ?? configValue);
  return { layout, descriptor, manifest, config, parsed, configValue, platform };
}

/** Parses the manifest that `descriptor` names (LAYER-006, VERIFY-014). */
export function parseManifest(bytes: Uint8Array, descriptor: Descriptor): AnnotatedManifest {
  const location = blobLocation(descriptor);
  const parsed = validated(annotatedManifest, parseJson(bytes, location), location);
  if (parsed.mediaType !== undefined && parsed.mediaType !== descriptor.mediaType) {
    const detail = `mediaType is ${quoted(parsed.mediaType)}, but its descriptor says ${descriptor.mediaType}`;
    throw new ComposefsError('IMAGE_SCHEMA', detail, location);
  }
  return parsed;
}

/** An artifact, and the digests that it publishes. */
export interface OpenArtifact {
  readonly descriptor: Descriptor;
  readonly published: readonly PublishedDigest[];
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
  return {
    inline: readInline(image.parsed, image.descriptor.mediaType === DOCKER_MANIFEST, location),
    artifacts: await readArtifacts(image),
    olderNames: readOlderNames(image.configValue, image.parsed, {
      manifest: location,
      config: blobLocation(image.parsed.config),
    }),
  };
}

async function readArtifacts({ layout, descriptor: image }: OpenImage): Promise<OpenArtifact[]> {
  const artifacts: OpenArtifact[] = [];
  for (const candidate of await artifactCandidates(layout)) {
    if (candidate.digest === image.digest) continue;
    const parsed = await readCandidate(layout, candidate);
    // VERIFY-018
    if (parsed?.artifactType !== ARTIFACT_TYPE || parsed.subject?.digest !== image.digest) continue;
    artifacts.push(await openArtifact(layout, candidate, parsed));
  }
  return artifacts;
}

/** The `artifactType` that the entry of an artifact can have; only the first one says what it is (VERIFY-018). */
const candidateTypes: ReadonlySet<string | undefined> = new Set([ARTIFACT_TYPE, undefined, empty.mediaType]);

/** Every manifest of the layout that can be an artifact, each once (VERIFY-018). */
async function artifactCandidates(layout: OciLayout): Promise<Descriptor[]> {
  const found = new Map<string, Descriptor>();
  const seen = new Set<string>();
  const visit = async ({ manifests }: Pick<ImageIndex, 'manifests'>, depth: number): Promise<void> => {
    for (const descriptor of manifests) {
      const { mediaType, artifactType, digest } = descriptor;
      if (mediaType === MANIFEST_TYPE && candidateTypes.has(artifactType)) {
        // An entry with the artifactType of an artifact takes precedence over one without.
        if (found.get(digest)?.artifactType !== ARTIFACT_TYPE) found.set(digest, descriptor);
      }
      if (!indexTypes.has(mediaType) || seen.has(digest) || depth === 4) continue;
      seen.add(digest);
      const nested = await unlessRejected(() => readTyped(layout, descriptor, index));
      if (nested !== undefined) await visit(nested, depth + 1);
    }
  };
  await visit(layout.index, 0);
  return [...found.values()];
}

/** Reads a candidate. A broken manifest is ignored, unless its entry has the artifactType of an artifact (VERIFY-053). */
function readCandidate(layout: OciLayout, descriptor: Descriptor): Promise<AnnotatedManifest | undefined> {
  const read = async () => parseManifest(await readBlob(layout, descriptor), descriptor);
  return descriptor.artifactType === ARTIFACT_TYPE ? read() : unlessRejected(read);
}

/** The result of `read`, or undefined if it rejects its input. */
async function unlessRejected<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ComposefsError) return undefined;
    throw error;
  }
}

async function openArtifact(
  layout: OciLayout,
  descriptor: Descriptor,
  artifact: AnnotatedManifest,
): Promise<OpenArtifact> {
  const location = blobLocation(descriptor);
  const entries = readArtifact(artifact, location);
  if (entries.length > 0) await verifyBlob(layout, artifact.config);
  const published: PublishedDigest[] = [];
  for (const { published: each, signature } of entries) {
    if (signature === undefined) {
      published.push(each);
      continue;
    }
    const signatureLocation = blobLocation(signature);
    checkSignatureSize({ length: signature.size }, signatureLocation);
    published.push({ ...each, signature: await readBlob(layout, signature), location: signatureLocation });
  }
  return { descriptor, published };
}

async function verifyBlob(layout: OciLayout, descriptor: Descriptor): Promise<void> {
  const blob = await openBlob(layout, descriptor, {});
  try {
    await blob.verify();
  } finally {
    await blob.close();
  }
}
