/**
 * Where two EROFS images differ first: the structure, the inode and its path, the field.
 * @module
 */

import { byteString, printable } from '../../../reference/bytes.ts';
import { type Field, fieldAt, type ImageMap } from '../../suite/image-map.ts';
import { bytesText, type Difference, firstDifference } from './difference.ts';

/** Bytes that are shown of a field that holds many. */
const MOST = 16;

/** Two images. */
export interface Images {
  /** What the answer calls the image. */
  readonly name: string;
  readonly expected: Uint8Array;
  /** The beginning of what came. */
  readonly got: Uint8Array;
  /** The whole length of what came. */
  readonly size: number;
}

/** The first difference of two images. `map` is the one of the expected image; without it, offsets have no names. */
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
    const shown = (image: Uint8Array) => bytesText(image.subarray(offset, offset + MOST), MOST);
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

/** The value of `field` in `image`; of bytes, what begins with the one at `offset`. */
function value(image: Uint8Array, field: Field, offset: number): string {
  const end = field.start + field.size;
  if (end > image.length) return `${bytesText(image.subarray(offset), MOST)} and the end of the image`;
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
      const from = bytesText(image.subarray(offset, end), MOST);
      return field.size <= MOST ? bytesText(bytes) : `${from} from its byte ${offset - field.start}`;
    }
  }
}

function number(bytes: Uint8Array): bigint {
  return bytes.reduceRight((total, byte) => total * 256n + BigInt(byte), 0n);
}
