/**
 * Layouts on disk, as far as they are looked at and changed here.
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A descriptor. */
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

/** A manifest among the blobs. */
export function manifestOf(
  layout: string,
  digest: string,
): { readonly config: Descriptor; readonly layers: readonly Descriptor[] } {
  return readJson(blobOf(layout, digest));
}

/** The path of a blob. */
export function blobOf(layout: string, digest: string): string {
  return join(layout, 'blobs', ...digest.split(':'));
}

/** What a layout is to have that another one does not. */
export interface Changes {
  /** Bytes of blobs, by digest. */
  readonly blobs?: ReadonlyMap<string, Uint8Array>;
  /** Default: those of the other one. */
  readonly entries?: readonly Descriptor[];
}

/** Makes a layout that has what `layout` has, its blobs as symbolic links, except for the changes. */
export function variantOf(layout: string, variant: string, { blobs = new Map(), entries }: Changes): void {
  mkdirSync(join(variant, 'blobs'), { recursive: true });
  for (const hash of readdirSync(join(layout, 'blobs'))) {
    mkdirSync(join(variant, 'blobs', hash));
    for (const hex of readdirSync(join(layout, 'blobs', hash))) {
      const changed = blobs.get(`${hash}:${hex}`);
      const target = blobOf(variant, `${hash}:${hex}`);
      if (changed === undefined) symlinkSync(resolve(blobOf(layout, `${hash}:${hex}`)), target);
      else writeFileSync(target, changed);
    }
  }
  writeFileSync(join(variant, 'oci-layout'), readFileSync(join(layout, 'oci-layout')));
  const index = { schemaVersion: 2, manifests: entries ?? entriesOf(layout) };
  writeFileSync(join(variant, 'index.json'), JSON.stringify(index));
}

/** The bytes of a blob with one bit of the byte in the middle flipped. */
export function flipped(layout: string, digest: string): Uint8Array {
  const bytes = readFileSync(blobOf(layout, digest));
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  return bytes;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
