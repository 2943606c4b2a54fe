import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { hex } from '../bytes.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import { readErofs } from './read.ts';
import { imageDigest, writeErofs } from './write.ts';

const options = { format: 'v1', algorithm: 'fsverity-sha256-12' } as const;
const tree = parseDumpfile(Buffer.from(example('erofs-tree')));
const image = Buffer.concat([...writeErofs(tree, options)]);

test('the worked example has the bytes that the chapter shows', () => {
  const lines = example('erofs-image').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) {
    const [, at = '', bytes = ''] = /^([0-9a-f]{8}) {2}((?:(?:[0-9a-f]{2})+ )+) /.exec(line) ?? [];
    const expected = bytes.replaceAll(' ', '');
    const start = Number.parseInt(at, 16);
    expect(hex(image.subarray(start, start + expected.length / 2)), line).toBe(expected);
  }
});

test('the worked example has the digest that the chapter shows, and is read back', () => {
  // What mkcomposefs 1.0.8 and composefs-rs 0.9.4 print with --min-version=1 --max-version=1 --print-digest.
  expect(hex(imageDigest(tree, options))).toBe(
    'ce6a40d93b8779d7ed9e9f8a92b04ade0ee464378d17d7be34751594a1c30a51',
  );
  expect(image).toHaveLength(24_576);
  expect(Buffer.concat([...printDumpfile(readErofs(image))]).toString()).toBe(example('erofs-tree'));
});
