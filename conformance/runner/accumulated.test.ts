import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hex } from '../../reference/bytes.ts';
import { imageDigest } from '../../reference/erofs/write.ts';
import { nodeSha2 } from '../../reference/hash/node/sha2.ts';
import { randomTree } from '../generate/random-trees/random-tree.ts';
import { packageRoot } from '../suite/package-root.ts';
import {
  type AccumulatedDigests,
  accumulate,
  accumulatedReport,
  BLOCK,
  DigestAccumulator,
  readAccumulated,
} from './accumulated.ts';
import { limits } from './limits.ts';
import { shellWord } from './report/shell-word.ts';
import type { Written } from './run/tree-writer.ts';

const expected = readAccumulated(join(packageRoot, 'vectors'));

test('the first block of trees has the digest in the vectors', { timeout: 120_000 }, () => {
  const accumulator = new DigestAccumulator(BLOCK);
  for (let seed = 0; seed < BLOCK; seed++) {
    const { params } = expected;
    accumulator.set(seed, hex(imageDigest(randomTree('common', seed), { ...params, sha2: nodeSha2 })));
  }
  expect(accumulator.blocks).toEqual(expected.blocks.slice(0, 1));
});

test('digests are accumulated in order of the seeds', {
  timeout: 60_000,
}, async () => {
  let requests = 0;
  const ended: number[] = [];
  const digest = 'ab'.repeat(32);
  const writer = (number: number) => ({
    write: async (): Promise<Written> =>
      ++requests % 500 === 0
        ? { kind: 'rejected', why: 'erofs' }
        : { kind: 'written', digest, image: new Uint8Array(0) },
    end: async () => {
      ended.push(number);
    },
  });
  const progress: number[] = [];
  const result = await accumulate([writer(1), writer(2)], BLOCK, ({ done }) => progress.push(done));
  const accumulator = new DigestAccumulator(BLOCK);
  for (let seed = 0; seed < BLOCK; seed++) if (!result.without.has(seed)) accumulator.set(seed, digest);
  expect([...result.without.values()]).toEqual(['rejected: erofs', 'rejected: erofs']);
  expect(result).toMatchObject({ count: BLOCK, digest: accumulator.digest, blocks: accumulator.blocks });
  expect(ended).toEqual([1, 2]);
  expect(progress.at(-1)).toBe(BLOCK);
});

test('trees are no longer requested from a writer that does not answer any more', async () => {
  let requested = 0;
  const silent = {
    write: async () => {
      requested++;
      return { kind: 'failed', problem: 'timeout', timedOut: requested !== 5 } as const;
    },
    end: async () => {},
  };
  const result = await accumulate([silent], BLOCK, () => {});
  expect(requested).toBe(5 + limits.timeoutsInARow);
  expect(accumulatedReport(result, expected, 'x')).toEqual({
    text: '1000 trees: stopped early, there was no answer in time to 20 requests in a row\n',
    passed: false,
  });
});

test('there are blocks for every count', () => {
  for (const { count } of expected.digests)
    expect(expected.blocks.length).toBeGreaterThanOrEqual(count / BLOCK);
});

describe('the report', () => {
  const image = (seed: number) => seed.toString(16).padStart(64, '0');
  const accumulation = (count: number, change: (seed: number) => string | undefined = () => undefined) => {
    const accumulator = new DigestAccumulator(count);
    for (let seed = 0; seed < count; seed++) accumulator.set(seed, change(seed) ?? image(seed));
    return {
      count,
      digest: accumulator.digest,
      blocks: accumulator.blocks,
      without: new Map<number, string>(),
      stopped: null,
    };
  };
  const right = accumulation(3000);
  const vectors: AccumulatedDigests = {
    ...expected,
    digests: [{ count: 3000, digest: right.digest }],
    blocks: right.blocks,
  };

  test('says that the digest is as expected', () => {
    expect(accumulatedReport(right, vectors, 'x')).toEqual({
      text: `3000 trees: digest ${right.digest}, as expected\n`,
      passed: true,
    });
  });

  test('says which blocks differ, and how to find the trees', () => {
    const wrong = accumulation(3000, seed => (seed === 1500 ? image(1) : undefined));
    const { text, passed } = accumulatedReport(
      { ...wrong, without: new Map([[1500, 'rejected: erofs EROFS_LIMIT']]) },
      vectors,
      './my adapter',
    );
    expect(passed).toBe(false);
    expect(text).toBe(`3000 trees: digest ${wrong.digest}, expected ${right.digest}
  1 of 3 blocks of 1000 trees differ, which begin at seed 1000
  1 trees without an image:
    seed 1500: rejected: erofs EROFS_LIMIT
  to find the trees that differ, reduced to the smallest ones:
    npm run fuzz -- --impl './my adapter' --stream common --seed 1000 --count 1000
`);
  });

  test('quotes words for the shell if necessary', () => {
    expect(['a-b./c', "it's $x"].map(shellWord)).toEqual(['a-b./c', "'it'\\''s $x'"]);
  });
});
