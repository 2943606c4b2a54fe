/**
 * An image structure by structure and field by field, for people: also one that is broken, as far as it goes.
 * @module
 */

import { type ByteString, byteString, hex, printable } from '../bytes.ts';
import {
  type InspectedField,
  type InspectedStructure,
  numberOf,
  structuresOf,
} from './inspect/decode-structures.ts';
import type { Shown } from './inspect/field-descriptions.ts';
import { survey } from './inspect/find-structures.ts';

export type { InspectedField, InspectedStructure };

/**
 * Every structure of `image` in order of offset: each byte is in exactly one field, and bytes that no structure has
 * are in a `gap`. Never refuses: what can't be told is a gap too. Takes time and memory in proportion to the size of
 * the image.
 */
export function inspectErofs(image: Uint8Array): Iterable<InspectedStructure> {
  const bytes = viewed(image);
  return structuresOf(bytes, survey(bytes));
}

/**
 * The structures of the inode at `path`, which any of its names may be; undefined where there is none. The root is
 * `/`.
 */
export function inspectInode(image: Uint8Array, path: ByteString): Iterable<InspectedStructure> | undefined {
  const bytes = viewed(image);
  const found = survey(bytes, path);
  const { wanted } = found;
  if (wanted === undefined) return undefined;
  const regions = found.regions.filter(region => 'owner' in region && region.owner === wanted);
  return withoutGaps(structuresOf(bytes, { ...found, regions, spilled: [] }));
}

function* withoutGaps(structures: Iterable<InspectedStructure>): Generator<InspectedStructure> {
  for (const structure of structures) if (structure.inode !== undefined) yield structure;
}

/** The field that holds the byte at `offset`, and its structure; undefined after the end. */
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

/** What a structure is called: `superblock`, `inode 12 /etc/passwd, xattr user.key`. */
export function structureName({ kind, inode, path, part }: InspectedStructure): string {
  const owner = inode === undefined || path === undefined ? [] : [`inode ${inode} ${printable(path)}`];
  const names = [...owner, ...(part === undefined ? [] : [part])];
  return names.length === 0 ? kind : names.join(', ');
}

/** The value of a field for people; of bytes, at most `most` from `from` on. */
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

function viewed(bytes: Uint8Array) {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
