/**
 * Artifacts: manifests that publish the digests of an image (spec/sealing.md, "Artifact mode").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { quoted } from '../oci/json.ts';
import { OCI_MANIFEST } from '../oci/media-types.ts';
import type { AnnotatedManifest, Descriptor } from '../oci/schemas.ts';
import { digestKey, type PublishedObject, publishedObjects } from './keys.ts';
import { type PublishedDigest, readAnnotations } from './published.ts';

export const ARTIFACT_TYPE = 'application/vnd.composefs.metadata.v1';
const SIGNATURE_TYPE = 'application/vnd.composefs.signature.v1+pkcs7';

/** The empty descriptor of the OCI image specification, whose blob is `{}`. */
export const empty: Descriptor = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
};

/** The bytes of {@link empty}. */
export const EMPTY_BLOB = '{}';

/** Objects whose digests an artifact can publish. */
const allowed: readonly PublishedObject[] = ['manifest', 'config', 'merged', 'merged.bootable'];

/** An entry of a new artifact. */
export interface NewArtifactEntry {
  readonly object: PublishedObject;
  /** In lower-case hex. */
  readonly digest: string;
  /** Digest and size of the blob that holds the signature. */
  readonly signature: Pick<Descriptor, 'digest' | 'size'> | undefined;
}

/** The text of an artifact for the image whose manifest is `image` (SEAL-029 to SEAL-034). */
export function printArtifact(
  image: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>,
  algorithm: Algorithm,
  entries: readonly NewArtifactEntry[],
): string {
  const ordered = [...entries].sort(
    (a, b) => publishedObjects.indexOf(a.object) - publishedObjects.indexOf(b.object),
  );
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: ARTIFACT_TYPE,
    config: empty,
    layers: ordered.map(({ object, digest, signature }) => ({
      ...(signature === undefined
        ? empty
        : { mediaType: SIGNATURE_TYPE, digest: signature.digest, size: signature.size }),
      annotations: { [digestKey(object, algorithm)]: digest },
    })),
    subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
  });
}

/** The text of the descriptor of an artifact in `index.json` (SEAL-036). */
export function artifactDescriptor(digest: string, size: number): string {
  return JSON.stringify({ mediaType: OCI_MANIFEST, digest, size, artifactType: ARTIFACT_TYPE });
}

/** An entry of an artifact; `signature` is the descriptor of its signature. */
export interface ArtifactEntry {
  readonly published: PublishedDigest;
  readonly signature: Descriptor | undefined;
}

/**
 * The digests that an artifact publishes.
 *
 * @throws ComposefsError VERIFY_ARTIFACT or another code of stage `verify` if it does not follow the format.
 */
export function readArtifact(artifact: AnnotatedManifest, location: Location): ArtifactEntry[] {
  const reject = (detail: string) => new ComposefsError('VERIFY_ARTIFACT', detail, location);
  for (const annotations of [
    artifact.annotations,
    artifact.config.annotations,
    artifact.subject?.annotations,
  ]) {
    readAnnotations(annotations, { allowed: [], location });
  }
  const entries = artifact.layers.flatMap((descriptor): ArtifactEntry[] => {
    const found = readAnnotations(descriptor.annotations, {
      allowed,
      location,
      rejectSignature: key => reject(`${key} is in an annotation: the signature of an entry is its blob`),
    });
    const [published, another] = found;
    if (published === undefined) return []; // VERIFY-009
    if (another !== undefined) throw reject(`one entry has the keys ${published.key} and ${another.key}`);
    if (descriptor.mediaType === SIGNATURE_TYPE) return [{ published, signature: descriptor }];
    if (!isEmpty(descriptor)) {
      throw reject(`the entry ${published.key} has the media type ${quoted(descriptor.mediaType)}`);
    }
    return [{ published, signature: undefined }];
  });
  const [first] = entries;
  // VERIFY-020: an artifact of a later version, without any known key.
  if (first === undefined) return [];
  if (!isEmpty(artifact.config)) throw reject('the config is not the empty descriptor');
  const numbers = entries.map(({ published }) => publishedObjects.indexOf(published.object));
  if (numbers.some((number, i) => number <= (numbers[i - 1] ?? -1))) {
    throw reject('the entries are not in the order manifest, config, merged, merged.bootable');
  }
  if (entries.some(({ published }) => published.algorithm !== first.published.algorithm)) {
    throw reject('the entries have different algorithms');
  }
  const has = (object: PublishedObject) => entries.some(({ published }) => published.object === object);
  if (!has('merged')) throw reject('the artifact has no entry of role merged');
  const isSigned = entries.some(({ signature }) => signature !== undefined);
  if (isSigned && !(has('manifest') && has('config'))) {
    throw reject('the artifact has signatures, but lacks the entry of the manifest or of the config');
  }
  return entries;
}

function isEmpty({ mediaType, digest, size }: Descriptor): boolean {
  return mediaType === empty.mediaType && digest === empty.digest && size === empty.size;
}
