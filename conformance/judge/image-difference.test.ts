import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { caseFolder, readSuite } from '../suite/cases.ts';
import { differenceText } from './difference.ts';
import { erofsFields } from './erofs-fields.ts';
import { imageDifference } from './image-difference.ts';
import { workedExample } from './worked-example.test.helper.ts';

/** The message for the worked example with other bytes at `offset`. */
function changed(offset: number, ...bytes: number[]): string | undefined {
  const got = workedExample();
  got.set(bytes, offset);
  const difference = imageDifference('image', workedExample(), got, got.length);
  return difference && differenceText(difference, 'x.erofs');
}

describe('the first difference of two images', () => {
  it('is none when they are the same', () => {
    expect(imageDifference('image', workedExample(), workedExample(), 24576)).toBeUndefined();
  });

  it.each([
    ['x.erofs @0xc: composefs header, composefs_version: expected 1, got 0', 12, [0]],
    ['x.erofs @0x410: superblock, inos: expected 261, got 262', 1024 + 16, [6]],
    ['x.erofs @0x480: inode 0 /, i_format: expected 0, got 1', 1152, [1]],
    ['x.erofs @0x484: inode 0 /, i_mode: expected 040755, got 040700', 1152 + 4, [0xc0]],
    ['x.erofs @0x4a1: inode 0 /, h_name_filter: expected 0xffeff7ff, got 0xffefffff', 1152 + 33, [255]],
    ['x.erofs @0x3900: inode 209 /d, entry ., nid: expected 455, got 36', 0x38e0 + 32, [36, 0]],
    ['x.erofs @0x3924: inode 209 /d, entry ., name: expected ".", got "x"', 0x38e0 + 68, [0x78]],
  ])('says %s', (text, offset, bytes) => {
    expect(changed(offset, ...bytes)).toBe(text);
  });

  it('names data, xattrs and chunks', () => {
    const names = new Set(erofsFields(workedExample()).map(({ where, name }) => `${where}|${name}`));
    expect(names).toContain('inode 258 /i|content from byte 0');
    expect(names).toContain('inode 259 /l|target');
    expect(names).toContain('inode 260 /d/e|chunk 0');
    expect(names).toContain('inode 260 /d/e, xattr trusted.overlay.redirect|value');
    expect(names).toContain('inode 260 /d/e|shared xattr reference 0');
    expect(names).toContain('shared xattrs, xattr security.selinux|value');
    expect(names).toContain('inode 0 /, entry ff|nid');
    expect(names).toContain('|padding before superblock');
  });

  it('is the length when one begins with the other', () => {
    const image = workedExample();
    const longer = imageDifference('image', image, image, image.length + 4096);
    expect(longer && differenceText(longer, 'x')).toBe(
      'x @0x6000: length of the image: expected 24576 bytes, got 28672 bytes',
    );
    const shorter = imageDifference('image', image, image.subarray(0, 20480), 20480);
    expect(shorter && differenceText(shorter, 'x')).toBe(
      'x @0x5000: length of the image: expected 24576 bytes, got 20480 bytes',
    );
    expect(imageDifference('image', image, new Uint8Array(0), 0)?.got).toBe('0 bytes');
  });
});

describe('the fields of an image', () => {
  it.each(images())('hold every byte once, and zeros between them: %s', (_, read) => {
    const image = read();
    let at = 0;
    for (const { start, size, where, name } of erofsFields(image)) {
      expect(start, `${where} ${name}`).toBe(at);
      at += size;
      if (where === '') expect(image.subarray(start, at).every(byte => byte === 0)).toBe(true);
    }
    expect(at).toBe(image.length);
  });
});

/** The worked example, and every image that the vectors expect. */
function images(): [name: string, read: () => Uint8Array][] {
  const folder = join(packageRoot, 'vectors');
  const suite = existsSync(join(folder, 'index.json')) ? readSuite(folder) : undefined;
  return [
    ['the worked example', workedExample],
    ...(suite?.cases ?? []).flatMap((test): [string, () => Uint8Array][] => {
      const image = test.expect.outcome === 'accept' ? test.expect.files?.['image'] : undefined;
      if (suite === undefined || image === undefined) return [];
      return [[test.id, () => readFileSync(join(caseFolder(suite, test), image))]];
    }),
  ];
}
