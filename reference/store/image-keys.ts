/**
 * The keys of composefs images in the stream of a config (spec/storage.md, "Streams").
 * @module
 */

import type { ErofsFormat } from '../erofs/format-rules.ts';
import type { Role, XattrPolicy } from '../tree/options.ts';

/** What a composefs image is made for, always with the transform `oci`. */
export interface ImagePurpose {
  readonly role: Exclude<Role, 'layer'>;
  readonly format: ErofsFormat;
  readonly xattrs: XattrPolicy;
}

const KEEP = '.xattrs=keep-user-xattrs';

/** Each key without an xattr policy. */
const keys = new Map<string, Pick<ImagePurpose, 'role' | 'format'>>([
  ['composefs.image.v1', { role: 'merged', format: 'v1' }],
  ['composefs.image', { role: 'merged', format: 'v2' }],
  ['composefs.image.boot.v1', { role: 'merged.bootable', format: 'v1' }],
  ['composefs.image.boot', { role: 'merged.bootable', format: 'v2' }],
]);

/** The key of an image. */
export function imageKey({ role, format, xattrs }: ImagePurpose): string {
  const [key] = [...keys].find(([, found]) => found.role === role && found.format === format) ?? [];
  if (key === undefined) throw new RangeError(`no key for format ${format}`);
  return xattrs === 'keep-user-xattrs' ? `${key}${KEEP}` : key;
}

/** What the image under a named reference is made for; undefined if the reference is not to an image. */
export function purposeOf(name: string): ImagePurpose | undefined {
  const keep = name.endsWith(KEEP);
  const found = keys.get(keep ? name.slice(0, -KEEP.length) : name);
  return found && { ...found, xattrs: keep ? 'keep-user-xattrs' : 'allowlist-only' };
}
