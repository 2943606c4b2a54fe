/**
 * Changes of images: fields by name, and bytes beside them.
 * @module
 */

import type { ByteString } from '../../../../reference/bytes.ts';
import { filterBit } from '../../../../reference/erofs/xattr-name.ts';
import type { MapField } from '../../../suite/image-map.ts';
import { erofsFields } from '../../image-map/decode.ts';
import { bytes } from '../dumpfile/lines.ts';

/** A field of an image, by name. */
interface FieldName {
  /** The structure, without the inode number: `superblock`, `inode /f`. */
  readonly where: string;
  readonly field: string;
}

/** The number that a field has before any change, and what is added to it. */
interface Sum extends FieldName {
  readonly plus: number;
}

/** Bytes computed from the image before any change, and from where the field begins in it. */
type Computed = (image: Uint8Array, start: number) => Uint8Array;

/** A change of a field, or of bytes that begin at an offset from it. */
export interface Change extends FieldName {
  readonly value: number | bigint | string | Sum | Computed;
  /** If set, the value is written at this offset from the field, whatever the size of the field. */
  readonly offset?: number;
}

/** A field and its new value: a number, bytes, or the value of a different field. */
export function set(where: string, field: string, value: number | bigint | string | Sum): Change {
  return { where, field, value };
}

/** Bytes at `offset` from the beginning of a field. */
export function put(where: string, field: string, offset: number, value: string | Computed): Change {
  return { where, field, offset, value };
}

/** The value that a different field has before any change, plus a number. */
export function sameAs(where: string, field: string, plus = 0): Sum {
  return { where, field, plus };
}

/** The name filter of an inode, for names that are divided into the number of the prefix and the suffix. */
export function setFilter(
  where: string,
  ...names: readonly (readonly [index: number, suffix: string])[]
): Change {
  let filter = 0xffffffff;
  for (const [index, suffix] of names) filter &= ~filterBit({ index, suffix: suffix as ByteString });
  return set(where, 'h_name_filter', filter >>> 0);
}

/** `image` with some fields changed. Throws if a field does not exist, or if a value has a different size. */
export function changed(image: Uint8Array, changes: readonly Change[]): Uint8Array {
  const copy = image.slice();
  const fields = erofsFields(image);
  for (const { value, offset, ...name } of changes) {
    const { start, size } = findField(fields, name);
    if (typeof value === 'function') {
      copy.set(value(image, start), start + (offset ?? 0));
    } else if (typeof value === 'object') {
      const from = findField(fields, value).start;
      copy.set(fieldBytes(numberAt(image, from, size) + BigInt(value.plus), size), start);
    } else {
      const expected = offset === undefined || typeof value !== 'string' ? size : value.length;
      copy.set(fieldBytes(value, expected), start + (offset ?? 0));
    }
  }
  return copy;
}

/** Byte at which a field of a valid image begins. */
export function startOf(image: Uint8Array, where: string, field: string): number {
  return findField(erofsFields(image), { where, field }).start;
}

/** `image` followed by a block of zeros that belongs to it. Its number is the value that `blocks` had before. */
export function withBlock(image: Uint8Array): Uint8Array {
  const longer = new Uint8Array(image.length + 4096);
  longer.set(image);
  new DataView(longer.buffer).setUint32(1024 + 36, longer.length / 4096, true);
  return longer;
}

/** 4 bytes. */
export function u32(value: number): Uint8Array {
  return fieldBytes(value, 4);
}

function findField(fields: readonly MapField[], { where, field }: FieldName): MapField {
  const found = fields.find(
    known => known.name === field && known.where.replace(/^inode \d+ /, 'inode ') === where,
  );
  if (found === undefined) throw new Error(`the image has no field ${field} in ${where}`);
  return found;
}

function numberAt(image: Uint8Array, start: number, size: number): bigint {
  let value = 0n;
  for (let at = start + size - 1; at >= start; at--) value = (value << 8n) | BigInt(image[at] ?? 0);
  return value;
}

function fieldBytes(value: number | bigint | string, size: number): Uint8Array {
  if (typeof value === 'string') {
    if (value.length !== size) throw new Error(`"${value}" has ${value.length} bytes, the field has ${size}`);
    return bytes(value);
  }
  const all = new DataView(new ArrayBuffer(8));
  all.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(all.buffer, 0, size);
}
