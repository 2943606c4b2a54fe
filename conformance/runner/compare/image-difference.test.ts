import { describe, expect, it } from 'vitest';
import { mapImage } from '../../generate/image-map/decode.ts';
import { differenceText } from './difference.ts';
import { imageDifference } from './image-difference.ts';
import { workedExample } from './worked-example.test.helper.ts';

const expected = workedExample();
const map = mapImage(expected);

/** The difference from the worked example of `got`, which is the beginning of `size` bytes. */
function differenceOf(got: Uint8Array, size = got.length) {
  const difference = imageDifference({ name: 'image', expected, got, size }, map);
  return difference && { text: differenceText(difference, 'x'), requirement: difference.requirement };
}

/** The worked example with other bytes at `offset`. */
function changed(offset: number, ...bytes: number[]): Uint8Array {
  const got = workedExample();
  got.set(bytes, offset);
  return got;
}

describe('the first difference of two images', () => {
  it('is undefined if they are equal', () => {
    expect(differenceOf(workedExample())).toBeUndefined();
  });

  it.each([
    ['x @0xc: composefs header, composefs_version: expected 1, got 0', 'EROFS-048', 12, [0]],
    ['x @0x410: superblock, inos: expected 261, got 262', 'EROFS-049', 1024 + 16, [6]],
    ['x @0x480: inode 0 /, i_format: expected 0, got 1', 'EROFS-039', 1152, [1]],
    ['x @0x484: inode 0 /, i_mode: expected 040755, got 040700', 'EROFS-037', 1152 + 4, [0xc0]],
    [
      'x @0x4a1: inode 0 /, h_name_filter: expected 0xffeff7ff, got 0xffefffff',
      'EROFS-027',
      1152 + 33,
      [255],
    ],
    ['x @0x3900: inode 209 /d, entry ., nid: expected 455, got 36', 'EROFS-030', 0x38e0 + 32, [36, 0]],
    ['x @0x3924: inode 209 /d, entry ., name: expected ".", got "x"', 'EROFS-014', 0x38e0 + 68, [0x78]],
    [
      'x @0x3ff: gap before superblock, zero: expected 00 from its byte 991, got 01 from its byte 991',
      'EROFS-045',
      1023,
      [1],
    ],
  ])('says %s (%s)', (text, requirement, offset, bytes) => {
    expect(differenceOf(changed(offset, ...bytes))).toEqual({ text, requirement });
  });

  it('gives bytes and no field without a map', () => {
    const got = changed(12, 0);
    expect(imageDifference({ name: 'image', expected, got, size: got.length }, undefined)).toEqual({
      name: 'image',
      offset: 12,
      field: 'bytes',
      expected: `01${'00'.repeat(15)}`,
      got: '00'.repeat(16),
    });
  });

  it('is the length if one is the beginning of the other', () => {
    const text = 'x @0x6000: length of the image: expected 24576 bytes, got 28672 bytes';
    expect(differenceOf(expected, expected.length + 4096)?.text).toBe(text);
    expect(differenceOf(expected.subarray(0, 20480))?.text).toBe(
      'x @0x5000: length of the image: expected 24576 bytes, got 20480 bytes',
    );
    expect(differenceOf(new Uint8Array(0))?.text).toContain('got 0 bytes');
  });
});
