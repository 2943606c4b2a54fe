/**
 * The first difference of two EROFS images: the structure, the inode with its path, and the field.
 * @module
 */

import { byteString, printable } from '../../../reference/bytes.ts';
import { fieldAt, type ImageMap, type MapField } from '../../suite/image-map.ts';
import { bytesText, type Difference, firstDifference } from './difference.ts';

/** The bytes shown of a long field. */
const SHOWN_BYTES = 16;

/** Two images to compare. */
export interface Images {
  /** The name of the image in the answer. */
  readonly name: string;
  readonly expected: Uint8Array;
  /** The beginning of the image in the answer. */
  readonly got: Uint8Array;
  /** The full size of the image in the answer. */
  readonly size: number;
}

/** The first difference of two images. Without `map`, the map of the expected image, fields have no names. */
export function imageDifference(
  { name, expected, got, size }: Images,
  map: ImageMap | undefined,
): Difference | undefined {
  const offset = firstDifference(expected, got) ?? expected.length;
  if (offset === expected.length && size === expected.length) return undefined;
  if (offset >= Math.min(expected.length, got.length)) {
    return {
      name,
      offset,
      field: 'length of the image',
      expected: `${expected.length} bytes`,
      got: `${size} bytes`,
    };
  }
  const field = map && fieldAt(map, offset);
  if (field === undefined) {
    const shown = (image: Uint8Array) => bytesText(image.subarray(offset, offset + SHOWN_BYTES), SHOWN_BYTES);
    return { name, offset, field: 'bytes', expected: shown(expected), got: shown(got) };
  }
  return {
    name,
    offset,
    where: field.where,
    field: field.name,
    expected: value(expected, field, offset),
    got: value(got, field, offset),
    requirement: field.requirement,
  };
}

/** The value of `field` in `image`; for a long field of bytes, those from `offset` on. */
function value(image: Uint8Array, field: MapField, offset: number): string {
  const end = field.start + field.size;
  if (end > image.length) return `${bytesText(image.subarray(offset), SHOWN_BYTES)} and the end of the image`;
  const bytes = image.subarray(field.start, end);
  switch (field.shown) {
    case 'decimal':
      return number(bytes).toString();
    case 'octal':
      return `0${number(bytes).toString(8)}`;
    case 'hex':
      return `0x${number(bytes)
        .toString(16)
        .padStart(2 * bytes.length, '0')}`;
    case 'text':
      return `"${printable(byteString(bytes))}"`;
    case 'bytes': {
      const from = bytesText(image.subarray(offset, end), SHOWN_BYTES);
      return field.size <= SHOWN_BYTES ? bytesText(bytes) : `${from} from its byte ${offset - field.start}`;
    }
  }
}

function number(bytes: Uint8Array): bigint {
  return bytes.reduceRight((total, byte) => total * 256n + BigInt(byte), 0n);
}
