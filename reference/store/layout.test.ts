import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { byteString, hex } from '../bytes.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { unzstd } from '../oci/zstd.ts';
import { DigestMap } from './digest-map.ts';
import { parseMeta } from './metadata.ts';
import { NewObjects } from './new-objects/new-objects.ts';
import { objectFile } from './paths.ts';
import { SplitStream } from './splitstream-read.ts';
import { StreamWriter } from './splitstream-write.ts';
import { initStore, type Store } from './store.ts';
import { storedZstd } from './stored-zstd.ts';
import { escapeTag, tagOfFile } from './tags.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = await initStore(join(folder, 'store'), { algorithm: 'fsverity-sha256-12' });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Adds an object to the store, and returns its digest. */
function put(bytes: Uint8Array): string {
  const digest = hex(fsverityDigest(bytes, store.algorithm));
  const path = join(store.directory, objectFile(digest));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return digest;
}

async function piecesOf(stream: SplitStream): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of stream.pieces()) {
    pieces.push(piece.kind === 'inline' ? byteString(piece.bytes) : `object ${piece.digest}`);
  }
  return pieces;
}

describe('a stream', () => {
  const exampleBytes = () => Buffer.from(example('splitstream').replace(/\s/g, ''), 'hex');

  test('is read from the example of the chapter', async () => {
    const stream = await SplitStream.open(store, put(exampleBytes()));
    expect(stream.contentType).toBe('ocilayer');
    expect(stream.size).toBe(5n);
    expect([...stream.names]).toEqual([['a', '0'.repeat(64)]]);
    expect(await piecesOf(stream)).toEqual(['hello']);
    stream.close();
  });

  test('is read with the older header', async () => {
    const bytes = exampleBytes();
    const older = Buffer.alloc(32);
    bytes.copy(older, 0, 16, 32);
    bytes.copy(older, 18, 0, 11);
    older[30] = 1;
    older[31] = 12;
    older.copy(bytes);
    const stream = await SplitStream.open(store, put(bytes));
    expect(await piecesOf(stream)).toEqual(['hello']);
    stream.close();
  });

  test.each(['a', 'a:b', '0:x', ':\0', '1:x\0', '+0:x\0', '0:\u00ff\0'])(
    'is malformed with the names %j',
    async names => {
      const bytes = exampleBytes();
      const compressed = Buffer.concat([...storedZstd([Buffer.from(names, 'latin1')])]);
      bytes.writeBigUInt64LE(BigInt(bytes.length), 80);
      bytes.writeBigUInt64LE(BigInt(bytes.length + compressed.length), 88);
      await expect(SplitStream.open(store, put(Buffer.concat([bytes, compressed])))).rejects.toMatchObject({
        code: 'STORE_DAMAGED',
      });
    },
  );

  test('is read as it was written', async () => {
    const objects = new NewObjects(store);
    const writer = new StreamWriter(store, objects);
    const [a, b] = [put(Buffer.from('a')), put(Buffer.from('bb'))];
    const long = Buffer.alloc(700_000, 'long ');
    writer.inline(Buffer.from('one '));
    writer.inline(Buffer.from('record'));
    writer.object(b, 2);
    writer.object(a, 1);
    writer.object(b, 2);
    writer.inline(long);
    const names = new Map([
      ['ï', a],
      ['z', b],
      ['config:x', a],
    ]);
    const digest = await writer.finish('ocilayer', names);
    writer.close();
    await objects.commit(false);
    const stream = await SplitStream.open(store, digest);
    expect([...stream.names]).toEqual([
      ['config:x', a],
      ['z', b],
      ['ï', a],
    ]);
    expect([...stream.objectReferences()]).toEqual([b, a]);
    expect([...stream.streamReferences()].sort()).toEqual([a, b].sort());
    expect(stream.size).toBe(BigInt(10 + 5 + long.length));
    const pieces = await piecesOf(stream);
    expect(pieces.slice(0, 4)).toEqual(['one record', `object ${b}`, `object ${a}`, `object ${b}`]);
    expect(pieces.slice(4).join('')).toBe(long.toString());
    stream.close();
  });
});

test.each([0, 1, 159, 160, 161, 131_071, 131_072, 300_000])(
  'a zstd frame of %i zeros and as many bytes',
  async size => {
    const content = Buffer.concat([Buffer.alloc(size), Buffer.alloc(size, 'x\0y'), Buffer.alloc(size)]);
    const parts: Uint8Array[] = [];
    const frame = Buffer.concat([...storedZstd([content])]);
    async function* blob() {
      yield frame;
    }
    for await (const chunk of unzstd(blob(), {})) parts.push(chunk);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  },
);

describe('meta.json', () => {
  const parse = (text: string) => parseMeta(Buffer.from(text), { file: 'meta.json' });

  test('of the example is that of a new store', () => {
    const text = readFileSync(join(store.directory, 'meta.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(example('store-meta')));
    expect(parse(text)).toEqual({ algorithm: 'fsverity-sha256-12', format: 'v1', unknownFeatures: [] });
  });

  test.each([
    ['{"version":1,"algorithm":"fsverity-sha512-12"}', { format: 'v2' }],
    [
      '{"version":1,"algorithm":"fsverity-sha512-12","features":{"read-only-compatible":["v1_erofs"]}}',
      { format: 'v1' },
    ],
    [
      '{"version":1,"algorithm":"fsverity-sha512-12","erofs_formats":{"default":2},"more":1}',
      { format: 'v2' },
    ],
    [
      '{"version":1,"algorithm":"fsverity-sha512-12","features":{"read-only-compatible":["x"]}}',
      { unknownFeatures: ['x'] },
    ],
  ])('%s', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  test.each([
    ['', 'STORE_META'],
    ['[]', 'STORE_META'],
    ['{"version":0,"algorithm":"fsverity-sha512-12"}', 'STORE_META'],
    ['{"version":2,"algorithm":"fsverity-sha512-12"}', 'STORE_META'],
    ['{"version":1}', 'STORE_META'],
    ['{"version":1,"algorithm":"fsverity-sha256-16"}', 'STORE_META'],
    ['{"version":1,"algorithm":"fsverity-sha256-12"} x', 'STORE_META'],
    ['{"version":1,"algorithm":"fsverity-sha256-12","erofs_formats":{"default":0}}', 'STORE_META'],
    ['{"version":1,"algorithm":"fsverity-sha256-12","features":{"incompatible":["x"]}}', 'STORE_FEATURE'],
  ])('%s is rejected with %s', (text, code) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a name', () => {
  test.each([
    ['a/b', 'a%2Fb'],
    ['%2F', '%252F'],
    ['%252F', '%25252F'],
    ['a b:c@d\\', 'a b:c@d\\'],
    ['é', '\u00c3\u00a9'],
  ])('%s is the file %s', (name, file) => {
    expect(escapeTag(name)).toBe(file);
    expect(tagOfFile(escapeTag(name))).toBe(name);
  });

  test.each(['low%2fer', 'end%2', '%', '@x', '.', '..', '', '\u00ff', 'a\nb'])(
    '%j is not the file of a name',
    file => {
      expect(tagOfFile(file as never)).toBeUndefined();
    },
  );
});

test('a map of digests grows', () => {
  const map = new DigestMap(32);
  const digests = Array.from({ length: 5000 }, (_, i) =>
    hex(fsverityDigest(Buffer.from(`${i}`), 'fsverity-sha256-12')),
  );
  for (const [i, digest] of digests.entries()) map.set(digest, 1 + (i % 3));
  for (const digest of digests) map.set(digest, map.get(digest));
  expect(map.count).toBe(5000);
  expect(digests.every((digest, i) => map.get(digest) === 1 + (i % 3))).toBe(true);
  expect(map.get('0'.repeat(64))).toBe(0);
});
