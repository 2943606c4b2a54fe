import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Suite } from '../../suite/read-suite.ts';
import type { ReceivedAnswer } from './judge-received.ts';
import { ANSWERS_FILE } from './record-format.ts';
import { type RecordedRun, Recorder } from './recorder.ts';

test('a content that two answers have at the same time is kept once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
  try {
    const recorder = new Recorder(folder);
    // More than the stream takes at once.
    const beginning = new Uint8Array(2_000_000).fill(7);
    const answer = () =>
      ({
        reply: { type: 'done', id: '1', status: 'ok', files: { tree: 'tree' } },
        readAnswer: async () => ({ beginning, size: beginning.length }),
      }) as unknown as ReceivedAnswer;
    await Promise.all([recorder.keepFiles(answer()), recorder.keepFiles(answer())]);
    await recorder.finish({} as RecordedRun, {} as Suite, [], []);
    const lines = gunzipSync(readFileSync(join(folder, ANSWERS_FILE)))
      .toString()
      .trim()
      .split('\n');
    const parts = lines.map(line => Buffer.from(JSON.parse(line).base64, 'base64').length);
    expect(parts.reduce((sum, length) => sum + length, 0)).toBe(beginning.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
