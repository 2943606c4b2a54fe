import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { hex } from '../bytes.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import { readErofs } from './read.ts';
import { imageDigest, writeErofs } from './write.ts';

const options = { format: 'v1', algorithm: 'fsverity-sha256-12' } as const;
const v2 = { ...options, format: 'v2' } as const;
const tree = parseDumpfile(Buffer.from(example('erofs-tree')));
const image = Buffer.concat([...writeErofs(tree, options)]);
const imageV2 = Buffer.concat([...writeErofs(tree, v2)]);

test.each([
  ['v1', example('erofs-image'), image, 50],
  ['v2', example('erofs-v2'), imageV2, 20],
] as const)('the worked example has the bytes shown in the chapter: %s', (_, shown, image, least) => {
  const lines = shown.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(least);
  for (const line of lines) {
    const [, at = '', bytes = ''] = /^([0-9a-f]{8}) {2}((?:(?:[0-9a-f]{2})+ )+) /.exec(line) ?? [];
    const expected = bytes.replaceAll(' ', '');
    const start = Number.parseInt(at, 16);
    expect(hex(image.subarray(start, start + expected.length / 2)), line).toBe(expected);
  }
});

test('the worked example has the digest given in the chapter, and can be read back', () => {
  // The output of mkcomposefs 1.0.8 and composefs-rs 0.9.4 with --min-version=1 --max-version=1 --print-digest.
  expect(hex(imageDigest(tree, options))).toBe(
    'ce6a40d93b8779d7ed9e9f8a92b04ade0ee464378d17d7be34751594a1c30a51',
  );
  expect(image).toHaveLength(24_576);
  expect(Buffer.concat([...printDumpfile(readErofs(image))]).toString()).toBe(example('erofs-tree'));
});

test('the worked example has different digests in formats v0 and v2', () => {
  // The digests of composefs-rs 0.9.4 with FormatVersion::V2, and of mkcomposefs 1.0.8 for v0.
  expect(hex(imageDigest(tree, v2))).toBe('ff21fc93adad2b63bf3a2f50f29ab0c825fec1f73e654268a52fa9e07101beb7');
  expect(hex(imageDigest(tree, { ...options, format: 'v0' }))).toBe(
    'cfe99ff25f5c792041539f8377986a04dad92c05da754b6e3b272d63e85b3a2f',
  );
  const seconds = example('erofs-tree').replaceAll(/ (10\d)\.\d /g, ' $1.0 ');
  expect(Buffer.concat([...printDumpfile(readErofs(imageV2))]).toString()).toBe(seconds);
});
