/**
 * The artifacts of a layout, found by the image that they belong to.
 * @module
 */

import { blobLocation, openBlob } from '../../oci/blob.ts';
import { unlessRejected } from '../../oci/entries.ts';
import { type OciLayout, readBlob } from '../../oci/layout.ts';
import { parseManifest, readTyped } from '../../oci/manifest.ts';
import { indexTypes, OCI_MANIFEST } from '../../oci/media-types.ts';
import {
  type AnnotatedManifest,
  annotatedManifest,
  type Descriptor,
  type ImageIndex,
  index,
} from '../../oci/schemas.ts';
import { ARTIFACT_TYPE, empty, readArtifact } from '../artifact.ts';
import { checkSignatureSize, type PublishedDigest } from '../published.ts';

/** An artifact, and the digests that it publishes. */
export interface OpenArtifact {
  readonly descriptor: Descriptor;
  readonly published: readonly PublishedDigest[];
}

/** The manifest of an artifact whose entries have not been read. */
interface FoundArtifact {
  readonly descriptor: Descriptor;
  readonly parsed: AnnotatedManifest;
}

/** The artifacts of all images of a layout. What can be an artifact is read once, when the first image asks for it. */
export class LayoutArtifacts {
  readonly #layout: OciLayout;
  #bySubject: Promise<ReadonlyMap<string, readonly FoundArtifact[]>> | undefined;

  constructor(layout: OciLayout) {
    this.#layout = layout;
  }

  /** Reads the artifacts of the image whose manifest is `image`, and rejects them if they are malformed. */
  async of(image: Descriptor): Promise<OpenArtifact[]> {
    this.#bySubject ??= findArtifacts(this.#layout);
    const artifacts: OpenArtifact[] = [];
    for (const { descriptor, parsed } of (await this.#bySubject).get(image.digest) ?? [])
      artifacts.push(await openArtifact(this.#layout, descriptor, parsed));
    return artifacts;
  }
}

/** The artifacts of a layout, by the digest of their subject (VERIFY-018). */
async function findArtifacts(layout: OciLayout): Promise<ReadonlyMap<string, readonly FoundArtifact[]>> {
  const found = new Map<string, FoundArtifact[]>();
  for (const descriptor of await artifactCandidates(layout)) {
    const parsed = await readCandidate(layout, descriptor);
    if (parsed?.artifactType !== ARTIFACT_TYPE || parsed.subject === undefined) continue;
    const { digest } = parsed.subject;
    const others = found.get(digest);
    if (others === undefined) found.set(digest, [{ descriptor, parsed }]);
    else others.push({ descriptor, parsed });
  }
  return found;
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
      if (mediaType === OCI_MANIFEST && candidateTypes.has(artifactType)) {
        // VERIFY-063
        const former = found.get(digest);
        const isFirstOfType = artifactType === ARTIFACT_TYPE && former?.artifactType !== ARTIFACT_TYPE;
        if (former === undefined || isFirstOfType) found.set(digest, descriptor);
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
  const read = async () => parseManifest(await readBlob(layout, descriptor), descriptor, annotatedManifest);
  return descriptor.artifactType === ARTIFACT_TYPE ? read() : unlessRejected(read);
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
  const blob = openBlob(layout, descriptor, {});
  try {
    await blob.verify();
  } finally {
    blob.close();
  }
}
