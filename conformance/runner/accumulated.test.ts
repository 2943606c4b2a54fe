import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hex } from '../../reference/bytes.ts';
import { imageDigest } from '../../reference/erofs/write.ts';
import { nodeSha2 } from '../../reference/hash/node/sha2.ts';
import { randomTree } from '../generate/random-trees/random-tree.ts';
import { packageRoot } from '../suite/package-root.ts';
import {
  type Accumulated,
  Accumulator,
  accumulate,
  accumulatedReport,
  BLOCK,
  quoted,
  readAccumulated,
} from './accumulated.ts';
import type { Written } from './run/tree-writer.ts';

const expected = readAccumulated(join(packageRoot, 'vectors'));

test('the first thousand trees have the digest of the vectors', { timeout: 120_000 }, () => {
  const accumulator = new Accumulator(BLOCK);
  for (let seed = 0; seed < BLOCK; seed++) {
    const { params } = expected;
    accumulator.set(seed, hex(imageDigest(randomTree('common', seed), { ...params, sha2: nodeSha2 })));
  }
  expect(accumulator.blocks).toEqual(expected.blocks.slice(0, 1));
});

test('what an implementation answers is accumulated in the order of the seeds', {
  timeout: 60_000,
}, async () => {
  let asked = 0;
  const ended: number[] = [];
  const digest = 'ab'.repeat(32);
  const writer = (number: number) => ({
    write: async (): Promise<Written> =>
      ++asked % 500 === 0
        ? { kind: 'rejected', why: 'erofs' }
        : { kind: 'written', digest, image: new Uint8Array(0) },
    end: async () => {
      ended.push(number);
    },
  });
  const progress: number[] = [];
  const result = await accumulate([writer(1), writer(2)], BLOCK, ({ done }) => progress.push(done));
  const accumulator = new Accumulator(BLOCK);
  for (let seed = 0; seed < BLOCK; seed++) if (!result.without.has(seed)) accumulator.set(seed, digest);
  expect([...result.without.values()]).toEqual(['rejected: erofs', 'rejected: erofs']);
  expect(result).toMatchObject({ count: BLOCK, digest: accumulator.digest, blocks: accumulator.blocks });
  expect(ended).toEqual([1, 2]);
  expect(progress.at(-1)).toBe(BLOCK);
});

test('every count has its blocks', () => {
  for (const { count } of expected.digests)
    expect(expected.blocks.length).toBeGreaterThanOrEqual(count / BLOCK);
});

describe('the report', () => {
  const image = (seed: number) => seed.toString(16).padStart(64, '0');
  const accumulation = (count: number, change: (seed: number) => string | undefined = () => undefined) => {
    const accumulator = new Accumulator(count);
    for (let seed = 0; seed < count; seed++) accumulator.set(seed, change(seed) ?? image(seed));
    return {
      count,
      digest: accumulator.digest,
      blocks: accumulator.blocks,
      without: new Map<number, string>(),
    };
  };
  const right = accumulation(3000);
  const vectors: Accumulated = {
    ...expected,
    digests: [{ count: 3000, digest: right.digest }],
    blocks: right.blocks,
  };

  test('says that all is right', () => {
    expect(accumulatedReport(right, vectors, 'x')).toEqual({
      text: `3000 trees: digest ${right.digest}, as it has to be\n`,
      passed: true,
    });
  });

  test('says where a difference is, and how to find the tree', () => {
    const wrong = accumulation(3000, seed => (seed === 1500 ? image(1) : undefined));
    const { text, passed } = accumulatedReport(
      { ...wrong, without: new Map([[1500, 'rejected: erofs EROFS_LIMIT']]) },
      vectors,
      './my adapter',
    );
    expect(passed).toBe(false);
    expect(text).toBe(`3000 trees: digest ${wrong.digest}, expected ${right.digest}
  1 of 3 thousands differ, from seed 1000
  1 trees have no image:
    seed 1500: rejected: erofs EROFS_LIMIT
  the trees, and the smallest like them:
    npm run fuzz -- --impl './my adapter' --stream common --seed 1000 --count 1000
`);
  });

  test('quotes for the shell what has to be', () => {
    expect(['a-b./c', "it's $x"].map(quoted)).toEqual(['a-b./c', "'it'\\''s $x'"]);
  });
});
