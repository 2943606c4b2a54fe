import { expect, test } from 'vitest';
import { TarSplitComparison } from './tar-split.ts';

async function* lines(count: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < count; position++) {
    yield new TextEncoder().encode(`{"type":1,"name":"${position}","payload":null,"position":${position}}\n`);
  }
}

test('lines for more entries than there are do not stay in memory', async () => {
  const comparison = new TarSplitComparison(lines(1000), 2, {});
  await comparison.finish();
  expect(comparison.files.map(({ name }) => name)).toEqual(['0', '1', '2']);
});
