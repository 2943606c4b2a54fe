import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { whileLocked } from './lock.ts';

const directory = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('one after the other works in a directory, also after one that fails', async () => {
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) =>
      whileLocked(directory, async () => {
        most = Math.max(most, ++running);
        await new Promise(resolve => setImmediate(resolve));
        running--;
        if (i % 5 === 0) throw new Error('failed');
        return i;
      }),
    ),
  );
  expect(most).toBe(process.platform === 'linux' ? 1 : 40);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(8);
});

test('another directory does not wait', async () => {
  await whileLocked(directory, () => whileLocked(tmpdir(), async () => {}));
});
