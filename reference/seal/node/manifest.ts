/**
 * The manifest of an image or of an artifact, with the members that sealing reads.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { blobLocation } from '../../oci/blob.ts';
import { parseJson, quoted } from '../../oci/json.ts';
import { type AnnotatedManifest, annotatedManifest, type Descriptor, validated } from '../../oci/schemas.ts';

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
