/**
 * An image structure by structure and field by field, for people. A broken image is shown as far as possible.
 * @module
 */

import { type ByteString, byteString, hex, printable } from '../bytes.ts';
import {
  decodeStructures,
  type InspectedField,
  type InspectedStructure,
  numberOf,
} from './inspect/decode-structures.ts';
import type { Shown } from './inspect/field-descriptions.ts';
import { findStructures } from './inspect/find-structures.ts';
import { imageBytes } from './inspect/image-bytes.ts';

export type { InspectedField, InspectedStructure };

/**
 * Every structure of `image`, in order of offset. Each byte is in exactly one field; bytes that belong to no
 * structure are in a `gap`. Never rejects: bytes that cannot be decoded are a gap too. Takes time and memory
 * proportional to the size of the image.
 */
export function inspectErofs(image: Uint8Array): Iterable<InspectedStructure> {
  const bytes = imageBytes(image);
  return decodeStructures(bytes, findStructures(bytes));
}

/**
 * The structures of the inode that has `path` as any of its names; undefined if there is no such inode. The path of
 * the root is `/`.
 */
export function inspectInode(image: Uint8Array, path: ByteString): Iterable<InspectedStructure> | undefined {
  const bytes = imageBytes(image);
  const found = findStructures(bytes, path);
  const { requested } = found;
  if (requested === undefined) return undefined;
  const regions = found.regions.filter(region => 'owner' in region && region.owner === requested);
  return withoutGaps(decodeStructures(bytes, { ...found, regions, chunkBlockOwners: [] }));
}

function* withoutGaps(structures: Iterable<InspectedStructure>): Generator<InspectedStructure> {
  for (const structure of structures) if (structure.inode !== undefined) yield structure;
}

/** The field that holds the byte at `offset`, and its structure; undefined after the end of the image. */
export function fieldAt(
  image: Uint8Array,
  offset: number,
): { readonly structure: InspectedStructure; readonly field: InspectedField } | undefined {
  for (const structure of inspectErofs(image)) {
    for (const field of structure.fields) {
      if (offset >= field.at && offset < field.at + field.size) return { structure, field };
    }
  }
  return undefined;
}

/** The name of a structure: `superblock`, `inode 12 /etc/passwd, xattr user.key`. */
export function structureName({ kind, inode, path, part }: InspectedStructure): string {
  const owner = inode === undefined || path === undefined ? [] : [`inode ${inode} ${printable(path)}`];
  const names = [...owner, ...(part === undefined ? [] : [part])];
  return names.length === 0 ? kind : names.join(', ');
}

/** The value of a field, as it is shown to people. Of bytes, at most `most` are shown, starting at `from`. */
export function valueText(
  bytes: Uint8Array,
  shown: Shown,
  { from = 0, most = 16 }: { readonly from?: number; readonly most?: number } = {},
): string {
  switch (shown) {
    case 'decimal':
      return numberOf(bytes).toString();
    case 'octal':
      return `0${numberOf(bytes).toString(8)}`;
    case 'hex':
      return `0x${numberOf(bytes)
        .toString(16)
        .padStart(2 * bytes.length, '0')}`;
    case 'text':
      return `"${printable(byteString(bytes))}"`;
    case 'bytes': {
      const end = from + most;
      return `${from > 0 ? '…' : ''}${hex(bytes.subarray(from, end))}${end < bytes.length ? '…' : ''}`;
    }
  }
}
