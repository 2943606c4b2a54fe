import { expect, test } from 'vitest';
import { ZSTDDecoder } from 'zstddec/stream';
import { unzstd } from './zstd.ts';

/** A single-segment frame with the byte `a` in a raw block. */
const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01, 0x09, 0x00, 0x00, 0x61);

test('zstd layers are read in a program that uses zstddec itself', async () => {
  await new ZSTDDecoder().init();
  const blob = async function* () {
    yield frame;
  };
  const content: Uint8Array[] = [];
  for await (const chunk of unzstd(blob(), {})) content.push(chunk);
  expect(Buffer.concat(content).toString()).toBe('a');
});
