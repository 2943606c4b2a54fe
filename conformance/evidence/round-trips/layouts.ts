/**
 * Reads layouts on disk, and writes changed copies of them.
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** An OCI descriptor. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The entries of `index.json`. */
export function entriesOf(layout: string): readonly Descriptor[] {
  return readJson<{ readonly manifests: readonly Descriptor[] }>(join(layout, 'index.json')).manifests;
}

/** A manifest of a layout. */
export function manifestOf(
  layout: string,
  digest: string,
): { readonly config: Descriptor; readonly layers: readonly Descriptor[] } {
  return readJson(blobPath(layout, digest));
}

/** The path of a blob. */
export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', ...digest.split(':'));
}

/** The changes in a variant of a layout. */
export interface LayoutChanges {
  /** The new bytes of blobs, by digest. */
  readonly blobs?: ReadonlyMap<string, Uint8Array>;
  /** The entries of `index.json`; default: those of the original. */
  readonly entries?: readonly Descriptor[];
}

/** Writes a copy of `layout` with changes; blobs that are not changed are symbolic links. */
export function variantOf(
  layout: string,
  variant: string,
  { blobs = new Map(), entries }: LayoutChanges,
): void {
  mkdirSync(join(variant, 'blobs'), { recursive: true });
  for (const hash of readdirSync(join(layout, 'blobs'))) {
    mkdirSync(join(variant, 'blobs', hash));
    for (const hex of readdirSync(join(layout, 'blobs', hash))) {
      const changed = blobs.get(`${hash}:${hex}`);
      const target = blobPath(variant, `${hash}:${hex}`);
      if (changed === undefined) symlinkSync(resolve(blobPath(layout, `${hash}:${hex}`)), target);
      else writeFileSync(target, changed);
    }
  }
  writeFileSync(join(variant, 'oci-layout'), readFileSync(join(layout, 'oci-layout')));
  const index = { schemaVersion: 2, manifests: entries ?? entriesOf(layout) };
  writeFileSync(join(variant, 'index.json'), JSON.stringify(index));
}

/** The bytes of a blob with one bit flipped. */
export function withFlippedBit(layout: string, digest: string): Uint8Array {
  return flipped(readFileSync(blobPath(layout, digest)));
}

/** Flips one bit, in the byte in the middle. */
export function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const middle = changed.length >> 1;
  changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
  return changed;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
