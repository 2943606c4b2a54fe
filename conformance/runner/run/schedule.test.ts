import { describe, expect, it } from 'vitest';
import { distribute, shuffled } from './schedule.ts';

const items = Array.from({ length: 100 }, (_, i) => i);

describe('shuffled', () => {
  it('gives equal orders for equal seeds and different orders for different seeds', () => {
    expect(shuffled(items, 7)).toEqual(shuffled(items, 7));
    expect(shuffled(items, 7)).not.toEqual(shuffled(items, 8));
    expect(shuffled(items, 7)).not.toEqual(items);
  });

  it('keeps every item', () => {
    expect(shuffled(items, 2 ** 32 - 1).sort((a, b) => a - b)).toEqual(items);
  });
});

describe('distribute', () => {
  it('gives every item to one worker', async () => {
    const taken: [string, number][] = [];
    await distribute(items, ['a', 'b'], async (worker, item) => {
      await Promise.resolve();
      taken.push([worker, item]);
    });
    expect(taken.map(([, item]) => item).sort((a, b) => a - b)).toEqual(items);
    expect(new Set(taken.map(([worker]) => worker))).toEqual(new Set(['a', 'b']));
  });

  it('fails with the first error', async () => {
    const broken = distribute(items, ['a'], (_, item) =>
      item === 3 ? Promise.reject(new Error('three')) : Promise.resolve(),
    );
    await expect(broken).rejects.toThrow('three');
  });

  it('lets no worker begin an item after an error, and waits for those in progress', async () => {
    const finished: number[] = [];
    const broken = distribute(items, ['a', 'b'], async (_, item) => {
      if (item === 3) throw new Error('three');
      await new Promise(setImmediate);
      finished.push(item);
    });
    await expect(broken).rejects.toThrow('three');
    expect(finished).toEqual([0, 1, 2]);
  });
});
