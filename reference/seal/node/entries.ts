/**
 * Selects images to verify, and checks the entries by which they were selected against the configs.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { blobLocation } from '../../oci/blob.ts';
import type { OciLayout } from '../../oci/layout.ts';
import { platformText } from '../../oci/platform.ts';
import type { Platform } from '../../oci/schemas.ts';
import { type ImageSelection, type SelectedImages, selectImages } from '../../oci/select.ts';
import type { OpenImage } from './image.ts';

/**
 * Selects images to verify. A layout that has images, but neither a manifest nor an index that leads to one with the
 * digest of the request, is rejected with a code of its own (VERIFY-003).
 */
export function selectToVerify(layout: OciLayout, selection: ImageSelection): Promise<SelectedImages> {
  return selectImages(layout, selection, () => {
    const detail = `neither a manifest nor an index that leads to one has the requested digest ${selection.manifestDigest}`;
    return new ComposefsError('VERIFY_MANIFEST', detail, { file: 'index.json' });
  });
}

/**
 * Rejects an image if its config contradicts the platform of an entry by which it was selected, unless an index with
 * the digest of the request leads to the entry (VERIFY-054). The platform plays no part in the selection of the only
 * image.
 */
export function checkPlatforms(
  { candidates }: SelectedImages,
  images: readonly OpenImage[],
  selection: ImageSelection,
): void {
  if (selection.platform === undefined && images.length === 1) return;
  const configs = new Map(images.map(({ descriptor, configValue }) => [descriptor.digest, configValue]));
  for (const { descriptor, pinned } of candidates) {
    const { digest, platform } = descriptor;
    const config = configs.get(digest);
    if (platform === undefined || config === undefined || pinned || !contradicts(platform, config)) continue;
    throw new ComposefsError(
      'VERIFY_PLATFORM',
      `the index lists the image for ${platformText(platform)}, but its config says ${platformText(config)}; correct the index or, if you trust it, request it by its digest`,
      blobLocation(descriptor),
    );
  }
}

/** Whether both name a part of the platform, and differ in it. */
export function contradicts(entry: Platform, config: Platform): boolean {
  return (['os', 'architecture', 'variant'] as const).some(
    part => Boolean(entry[part]) && Boolean(config[part]) && entry[part] !== config[part],
  );
}
