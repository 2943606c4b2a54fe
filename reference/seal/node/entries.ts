/**
 * Checks the entries by which images were selected: against the digest of the request, and against the configs.
 * @module
 */

import { hex } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import { blobLocation } from '../../oci/blob.ts';
import { parseOciDigest } from '../../oci/digest.ts';
import type { OciLayout } from '../../oci/layout.ts';
import type { Descriptor, Platform } from '../../oci/schemas.ts';
import { entriesUnder, type ImageSelection, platformText, selectedEntries } from '../../oci/select.ts';
import type { OpenImage } from './image.ts';

/**
 * Rejects an image if neither its manifest nor an index that leads to it has the digest `manifestDigest` (VERIFY-003).
 * Returns the entries under the indexes that have it.
 */
export async function checkManifests(
  layout: OciLayout,
  images: readonly OpenImage[],
  selection: ImageSelection,
  manifestDigest: string,
): Promise<readonly Descriptor[]> {
  const expected = parseOciDigest(manifestDigest, {});
  const hashed = (bytes: Uint8Array) => {
    const hasher = layout.sha2.create(expected.hash);
    hasher.update(bytes);
    return hex(hasher.digest());
  };
  const entries = await entriesUnder(layout, selection, bytes => hashed(bytes) === expected.hex);
  const under = new Set(entries.map(({ digest }) => digest));
  for (const { manifest, descriptor } of images) {
    const found = hashed(manifest);
    if (found === expected.hex || under.has(descriptor.digest)) continue;
    throw new ComposefsError(
      'VERIFY_MANIFEST',
      `the manifest has the digest ${expected.hash}:${found}; neither it nor an index that leads to it has the requested digest ${manifestDigest}`,
      blobLocation(descriptor),
    );
  }
  return entries;
}

/**
 * Rejects an image if its config contradicts the platform of an entry by which it was selected, unless one of the
 * `trusted` entries has the same platform (VERIFY-054). The platform plays no part in the selection of the only image.
 */
export async function checkPlatforms(
  layout: OciLayout,
  images: readonly OpenImage[],
  selection: ImageSelection,
  trusted: readonly Descriptor[] = [],
): Promise<void> {
  if (selection.platform === undefined && images.length === 1) return;
  const configs = new Map(images.map(({ descriptor, configValue }) => [descriptor.digest, configValue]));
  const trustedNames = new Set(trusted.map(entryName));
  for (const entry of await selectedEntries(layout, selection)) {
    const { digest, platform } = entry;
    const config = configs.get(digest);
    if (platform === undefined || config === undefined || !contradicts(platform, config)) continue;
    if (trustedNames.has(entryName(entry))) continue;
    throw new ComposefsError(
      'VERIFY_PLATFORM',
      `the index lists the image for ${platformText(platform)}, but its config says ${platformText(config)}; correct the index or, if you trust it, request it by its digest`,
      blobLocation(entry),
    );
  }
}

/** Whether both name a part of the platform, and differ in it. */
function contradicts(entry: Platform, config: Platform): boolean {
  return (['os', 'architecture', 'variant'] as const).some(
    part => Boolean(entry[part]) && Boolean(config[part]) && entry[part] !== config[part],
  );
}

function entryName({ digest, platform = {} }: Descriptor): string {
  return JSON.stringify([digest, platform.os, platform.architecture, platform.variant]);
}
