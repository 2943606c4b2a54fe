import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { repeatedBlock, SMALL_WINDOW, zstdFrame } from '../../conformance/generate/builder/compression.ts';
import { decompress } from './compression.ts';
import { DEFAULT_EXPANSION, Expansion, type ExpansionLimits } from './expansion.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Reads a blob, and counts its bytes (`consumed`) and those of its content (`produced`). */
async function read(
  chunks: Iterable<Uint8Array>,
  packed: 'gzip' | 'zstd',
  size: number,
  limits: ExpansionLimits,
) {
  const progress = { consumed: 0, produced: 0 };
  async function* blob() {
    for (const chunk of chunks) {
      progress.consumed += chunk.length;
      yield chunk;
    }
  }
  const location = { layer: 3 };
  const content = new Expansion(limits).limited(decompress(blob(), packed, location), size, location);
  const end = (async () => {
    for await (const chunk of content) progress.produced += chunk.length;
  })();
  return { progress, end };
}

const rejection = expect.objectContaining({
  code: 'COMPRESSION_LIMIT',
  stage: 'compression',
  location: { layer: 3 },
});

/** 1 GiB of zeros in 1 MiB of gzip: one member of 1 MiB of content, repeated. */
const member = gzipSync(new Uint8Array(MIB), { level: 9 });
const bomb = function* (): Generator<Uint8Array> {
  for (let i = 0; i < GIB / MIB; i++) yield member;
};

test('a gzip bomb of 1 GiB is rejected as soon as it exceeds the limit', async () => {
  const { progress, end } = await read(bomb(), 'gzip', member.length * 1024, { maxSize: 4 * MIB });
  await expect(end).rejects.toEqual(rejection);
  expect(progress.produced).toBeLessThanOrEqual(4 * MIB);
  expect(progress.consumed).toBeLessThan(10 * member.length);
});

test('the ratio is that of the whole blob, wherever its long part is', async () => {
  const limits = { maxExpansion: 2 };
  const { end, progress } = await read(bomb(), 'gzip', 16 * MIB, limits);
  await expect(end).rejects.toEqual(rejection);
  expect(progress.produced).toBeLessThanOrEqual(2 * 17 * MIB);
  const zeros = [member, new Uint8Array(gzipSync(Buffer.alloc(MIB)))];
  await expect((await read(zeros, 'gzip', 1000, limits)).end).resolves.toBeUndefined();
});

test('by default, a small zstd blob cannot expand to much more than 1 GiB', async () => {
  const size = 128 * 1024;
  const blocks = Array.from({ length: 2 * (GIB / size) }, () => repeatedBlock(0, size));
  const blob = zstdFrame(SMALL_WINDOW, ...blocks, repeatedBlock(0, size, true));
  const { end, progress } = await read([blob], 'zstd', blob.length, {});
  await expect(end).rejects.toEqual(rejection);
  expect(progress.produced).toBeLessThanOrEqual(DEFAULT_EXPANSION * (blob.length + MIB));
  expect(progress.produced).toBeGreaterThanOrEqual(GIB);
}, 30_000);

test('the maximum size applies to all layers together', async () => {
  const expansion = new Expansion({ maxSize: 5 });
  async function* layer(bytes: number) {
    yield new Uint8Array(bytes);
  }
  const all = async (bytes: number) => {
    for await (const _ of expansion.limited(layer(bytes), bytes, { layer: 3 }));
  };
  await all(2);
  await all(3);
  await expect(all(1)).rejects.toEqual(rejection);
});

test('an infinite limit allows any ratio', async () => {
  const { end, progress } = await read([member, member], 'gzip', 1, {
    maxExpansion: Number.POSITIVE_INFINITY,
  });
  await end;
  expect(progress.produced).toBe(2 * MIB);
});

test('a blob that is longer than its content counts as a whole', async () => {
  const frames = Array.from({ length: 1000 }, () => zstdFrame(SMALL_WINDOW, repeatedBlock(0, 0, true)));
  const size = frames.reduce((sum, { length }) => sum + length, 0);
  const { end, progress } = await read(frames, 'zstd', size, { maxSize: size - 1 });
  await expect(end).rejects.toEqual(rejection);
  expect(progress).toEqual({ consumed: 0, produced: 0 });
  await expect((await read(frames, 'zstd', size, { maxSize: size })).end).resolves.toBeUndefined();
});
