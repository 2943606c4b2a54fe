import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeChunks } from './replace.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'replace-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('nothing is being written any more when producing a chunk fails', async () => {
  const size = 2 ** 26;
  const chunks = function* () {
    yield new Uint8Array(size);
    throw new Error('no further chunk');
  };
  const fd = openSync(join(directory, 'file'), 'w');
  try {
    await expect(writeChunks(fd, chunks())).rejects.toThrow('no further chunk');
    expect(fstatSync(fd).size).toBe(size);
  } finally {
    closeSync(fd);
  }
});
