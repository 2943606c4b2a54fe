import { describe, expect, it, test, vi } from 'vitest';
import { mapImage } from '../../conformance/generate/image-map/decode.ts';
import { imageOf } from '../../conformance/generate/recipes/erofs/parts.ts';
import { fieldsOf } from '../../conformance/suite/image-map.ts';
import { checkErofs } from './check.ts';
import { erofsFormats } from './format-rules.ts';
import { randomImage } from './random-image.test.helper.ts';

vi.setConfig({ testTimeout: 60_000 });

const image = imageOf(
  [
    '/ 0 40755 2 0 0 0 1.0 - - - security.selinux=label\n',
    '/x 5 100644 1 0 0 0 1.0 - hello - user.a=1 user.b=22\n',
    '/y 0 100644 1 0 0 0 2.0 - - -\n',
  ].join(''),
);

/** The divergence after `bytes` are written over the beginning of a field. */
function divergenceAfter(where: string, name: string, ...bytes: number[]) {
  const field = fieldsOf(mapImage(image)).find(field => field.name === name && field.where === where);
  if (field === undefined) throw new Error(`no ${name} in ${where}`);
  const copy = Buffer.from(image);
  copy.set(bytes, field.start);
  return checkErofs(copy).divergence;
}

describe('a check', () => {
  it.each(erofsFormats)('reports the images of the writer as canonical: %s', format => {
    for (let seed = 0; seed < 15; seed++) {
      expect(checkErofs(randomImage(seed, format)), `seed ${seed}`).toMatchObject({
        format,
        divergence: undefined,
      });
    }
  });

  // The last two columns: found, expected.
  test.each<[string, string, number[], string, string]>([
    ['superblock', 'inos', [7], '263', '259'],
    ['composefs header', 'flags', [1], '0x00000001', '0x00000000'],
    ['inode 258 /y', 'i_reserved2', [1], `01${'00'.repeat(15)}`, '00'.repeat(16)],
    ['inode 257 /x, xattr user.a', 'zero', [5], '0500', '0000'],
  ])(
    'reports the first field that differs from what a writer makes: %s, %s',
    (where, name, bytes, found, expected) => {
      expect(divergenceAfter(where, name, ...bytes)).toMatchObject({
        where,
        field: name.replace('zero', 'unknown'),
        found,
        expected,
      });
    },
  );

  it('shows a long sequence of bytes from the first one that differs', () => {
    const gap = fieldsOf(mapImage(image)).find(({ where }) => where === 'gap before superblock');
    expect(gap).toMatchObject({ start: 32, size: 992 });
    const copy = Buffer.from(image);
    copy[1022] = 0xab;
    expect(checkErofs(copy).divergence).toEqual({
      at: 1022,
      where: 'gap',
      field: 'unknown',
      found: '…ab00',
      expected: '…0000',
    });
  });

  it('reports a structure at a different position', () => {
    // The block of the root directory is moved to the end of the image.
    const field = fieldsOf(mapImage(image)).find(
      ({ where, name }) => where === 'inode 0 /' && name === 'i_u',
    );
    const at = field?.start ?? 0;
    const block = Buffer.from(image).readUInt32LE(at);
    const longer = Buffer.concat([image, image.subarray(block * 4096, (block + 1) * 4096)]);
    longer.writeUInt32LE(image.length / 4096, at);
    longer.writeUInt32LE(longer.length / 4096, 1024 + 36);
    expect(checkErofs(longer).divergence).toMatchObject({ where: 'superblock', field: 'blocks' });
  });

  it('rejects what a reader rejects', () => {
    expect(() => checkErofs(image.subarray(0, 4096))).toThrow(/EROFS_SIZE/);
  });
});
