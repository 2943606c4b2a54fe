/**
 * The order of the cases, and their distribution among sessions.
 * @module
 */

/** `items` in a pseudorandom order determined by `seed` (0 to 2^32 - 1). */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = mulberry32(seed);
  return items
    .map(item => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/**
 * Lets each of `workers` process the next of `items` until none is left. After an error, no worker takes another item;
 * rejects with the first error when all have finished theirs.
 */
export async function distribute<Item, Worker>(
  items: Iterable<Item>,
  workers: readonly Worker[],
  work: (worker: Worker, item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const errors: unknown[] = [];
  await Promise.all(
    workers.map(async worker => {
      for (let next = left.next(); !next.done && errors.length === 0; next = left.next()) {
        await work(worker, next.value).catch(error => errors.push(error));
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
}

/** Tommy Ettinger's mulberry32: numbers from 0 to 2^32 - 1, the same on every platform. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
