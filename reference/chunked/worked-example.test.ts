import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { example } from '../../spec/tool/example.ts';
import { hex } from '../bytes.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { unzstd } from '../oci/zstd.ts';
import { type Position, readTocAnnotations } from './annotations.ts';
import { Crc64 } from './crc64.ts';
import { localIds } from './image-id.ts';

const folder = join(packageRoot, 'vectors/cases/toc/few-entries/in');
const annotations = JSON.parse(readFileSync(join(folder, 'annotations.json'), 'utf8'));
const blob = readFileSync(join(folder, 'layer'));
const positions = readTocAnnotations(annotations, 'zstd', {});

async function textAt(position: Position | undefined): Promise<string> {
  const { offset = 0, length = 0 } = position ?? {};
  const chunks: Uint8Array[] = [];
  const compressed = Readable.from([blob.subarray(offset, offset + length)]);
  for await (const chunk of unzstd(compressed, {})) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('annotations of a layer', () => {
  expect(JSON.parse(example('toc-annotations'))).toEqual(annotations);
});

test('text of a table of contents', async () => {
  expect(JSON.parse(example('toc-text'))).toEqual(JSON.parse(await textAt(positions?.toc)));
});

test('lines of tar-split data', async () => {
  const lines = (await textAt(positions?.tarSplit)).split('\n').filter(line => line.includes('"type":1'));
  expect(example('tar-split').trimEnd().split('\n')).toEqual(lines);
});

test('the checksum of tar-split data', () => {
  const chapter = readFileSync(join(packageRoot, 'spec/chunked.md'), 'utf8');
  const [, shown] = /CRC-64 of the bytes `hello`, for example, is `([0-9a-f]+)`/.exec(chapter) ?? [];
  const crc = new Crc64();
  crc.update(Buffer.from('hel'));
  crc.update(Buffer.from('lo'));
  expect(hex(crc.digest())).toBe(shown);
});

describe('local ids', () => {
  const shown = example('local-ids').trimEnd().split('\n');
  const config = `sha256:${'c0'.repeat(32)}`;
  const toc = `sha256:${'70'.repeat(32)}`;

  test.each(['with-config', 'without-config'] as const)('%s', formula => {
    const at = formula === 'with-config' ? 0 : 2;
    const { image } = localIds(config, [{ by: 'toc', digest: toc }], formula, nodeSha2);
    expect(image).toBe(shown[at + 1]);
    expect(hex(nodeSha2.hash('sha256', Buffer.from(shown[at] ?? '')))).toBe(image);
  });
});
