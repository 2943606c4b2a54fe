/**
 * Where two EROFS images differ first: the structure, the inode and its path, the field.
 * @module
 */

import { byteString, printable } from '../../reference/bytes.ts';
import { bytesText, type Difference, firstDifference } from './difference.ts';
import { erofsFields, type Field, fieldAt } from './erofs-fields.ts';

/** Bytes that are shown of a field that holds many. */
const MOST = 16;

/** The first difference of two images; `size` is the whole length of what came, `got` its beginning. */
export function imageDifference(
  name: string,
  expected: Uint8Array,
  got: Uint8Array,
  size: number,
): Difference | undefined {
  const offset = firstDifference(expected, got);
  if (offset === undefined) {
    if (size === expected.length) return undefined;
    const length = expected.length;
    return {
      name,
      offset: length,
      field: 'length of the image',
      expected: `${length} bytes`,
      got: `${size} bytes`,
    };
  }
  if (offset >= got.length) {
    return {
      name,
      offset,
      field: 'length of the image',
      expected: `${expected.length} bytes`,
      got: `${size} bytes`,
    };
  }
  const field = fieldAt(erofsFields(expected), offset);
  if (field === undefined) throw new Error(`no field holds byte ${offset} of an expected image`);
  return {
    name,
    offset,
    where: field.where,
    field: field.name,
    expected: value(expected, field, offset),
    got: value(got, field, offset),
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
