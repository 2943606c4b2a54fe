import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { workedExample } from '../../runner/compare/worked-example.test.helper.ts';
import { fieldAt, fieldsOf, type ImageMap, printImageMap } from '../../suite/image-map.ts';
import { schemaCheck } from '../../suite/json-schema.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { imageMapPath, mappedImage } from '../../suite/read-image-map.ts';
import { caseFolder, readSuite } from '../../suite/read-suite.ts';
import { checkMap } from './check.ts';
import { mapImage } from './decode.ts';

const check = schemaCheck('vectors/schema/image-map.schema.json');
const requirements = new Set(
  (
    JSON.parse(readFileSync(join(packageRoot, 'spec/requirements.json'), 'utf8')) as {
      readonly id: string;
      readonly status: string;
    }[]
  )
    .filter(({ status }) => status === 'active')
    .map(({ id }) => id),
);

/** Every expected image of the vectors, and its map on disk. */
function expectedImages(): [id: string, image: Uint8Array, map: ImageMap][] {
  const suite = readSuite(join(packageRoot, 'vectors'));
  return suite.cases.flatMap(test => {
    const path = mappedImage(test);
    if (path === undefined) return [];
    const folder = caseFolder(suite, test);
    const map: ImageMap = JSON.parse(readFileSync(join(folder, imageMapPath(path)), 'utf8'));
    return [[test.id, readFileSync(join(folder, path)), map]];
  });
}

describe('the maps of the vectors', () => {
  const images = expectedImages();

  it('exist', () => {
    expect(images.length).toBeGreaterThan(80);
  });

  it.each(images)('have each byte exactly once, with an active requirement: %s', (_, image, map) => {
    expect(check(map)).toBeUndefined();
    expect(checkMap(map, image, requirements)).toEqual([]);
  });
});

describe('a map', () => {
  const image = workedExample();
  const map = mapImage(image);

  it('names data, attributes and chunks', () => {
    const names = new Set(fieldsOf(map).map(({ where, name }) => `${where}|${name}`));
    expect(names).toContain('inode 258 /i|content');
    expect(names).toContain('inode 259 /l|target');
    expect(names).toContain('inode 260 /d/e|chunk 0');
    expect(names).toContain('inode 260 /d/e, xattr trusted.overlay.redirect|value');
    expect(names).toContain('inode 260 /d/e|shared xattr reference 0');
    expect(names).toContain('shared xattr security.selinux|value');
    expect(names).toContain('inode 0 /, entry ff|nid');
    expect(names).toContain('gap before superblock|zero');
  });

  it('finds the field of a byte', () => {
    const fields = fieldsOf(map);
    for (const field of fields) {
      expect(fieldAt(map, field.start)).toEqual(field);
      expect(fieldAt(map, field.start + field.size - 1)).toEqual(field);
    }
    expect(fieldAt(map, image.length)).toBeUndefined();
  });

  it('is the same after printing and parsing', () => {
    expect(JSON.parse(Buffer.from(printImageMap(map)).toString())).toEqual(map);
  });

  const ranges = [...map.ranges];
  const header = map.structures['composefs header'] ?? [];
  const withHeader = (fields: typeof header): ImageMap => ({
    ...map,
    structures: { ...map.structures, 'composefs header': fields },
  });
  test.each<[problem: string, wrong: ImageMap]>([
    ['the map has a size of 4096 bytes', { ...map, size: 4096 }],
    ['the first range begins at 32', { ...map, ranges: ranges.slice(1) }],
    ['has 1024 bytes, "composefs header" has 32', { ...map, ranges: ranges.toSpliced(1, 1) }],
    ['the range at 1024 ends at 1024', { ...map, ranges: ranges.toSpliced(3, 0, [1024, 'gap']) }],
    [
      'the range at 0 has the unknown structure "what"',
      { ...map, ranges: ranges.toSpliced(0, 1, [0, 'what']) },
    ],
    [
      'the range at 1152 belongs to inode 999',
      { ...map, ranges: ranges.toSpliced(3, 1, [1152, 'compact inode', 999]) },
    ],
    ['"999" is not used by any range', { ...map, inodes: { ...map.inodes, 999: '/x' } }],
    [
      'the bytes from 1024 to 1152 are not zero',
      { ...map, structures: { ...map.structures, superblock: map.structures['gap'] ?? [] } },
    ],
    ['version begins at 4, but the field before it ends at 0', withHeader(header.slice(1))],
    [
      'EROFS-999 is not an active requirement',
      withHeader(header.with(0, [0, 4, 'magic', 'EROFS-999', 'hex'])),
    ],
    ['magic has no size', withHeader(header.with(0, [0, null, 'magic', 'EROFS-048', 'hex']))],
  ])('with a defect is rejected: %s', (problem, wrong) => {
    expect(checkMap(wrong, image, requirements).join('\n')).toContain(problem);
  });

  it.each([
    { ...map, version: 2 },
    { ...map, ranges: [[0, 'gap', null, 'unknown part']] },
    { ...map, structures: { ...map.structures, gap: [[0, 0, 'zero', 'EROFS-045', 'bytes']] } },
    { ...map, more: 1 },
  ])('of a different form is rejected by the schema %#', wrong => {
    expect(check(wrong)).toBeDefined();
  });
});
