import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { readTocAnnotations } from './annotations.ts';
import type { ChunkedBlob } from './blob.ts';
import { checkToc } from './check.ts';
import { parseTime } from './time.ts';

const folder = join(packageRoot, 'vectors/cases/toc/written-by-containers-storage/in');
const annotations: Record<string, string> = JSON.parse(
  readFileSync(join(folder, 'annotations.json'), 'utf8'),
);
const layer = readFileSync(join(folder, 'layer'));

function blobOf(bytes: Uint8Array): ChunkedBlob {
  const part = async function* (offset: number, length: number) {
    yield bytes.subarray(offset, offset + length);
  };
  return { size: bytes.length, part, whole: () => part(0, bytes.length) };
}

async function check(bytes: Uint8Array, values = annotations): Promise<unknown> {
  const found = readTocAnnotations(values, 'zstd', {});
  if (found === undefined) throw new Error('there is no table of contents');
  return checkToc(blobOf(bytes), found, nodeSha2, {});
}

const right = await check(layer);

/** The rejection of `work`; fails if it does not reject, or throws something else. */
async function rejectionOf(work: Promise<unknown>): Promise<ComposefsError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ComposefsError);
  return error as ComposefsError;
}

describe('a damaged blob', () => {
  // Some bytes do not matter, such as the size of the window of a frame.
  test('is rejected, or read as before, whichever byte is changed', async () => {
    for (let at = 0; at < layer.length; at += 11) {
      const bytes = Uint8Array.from(layer);
      bytes[at] = (bytes[at] ?? 0) ^ 0x11;
      const found = await check(bytes).catch((error: unknown) => error);
      if (!(found instanceof ComposefsError)) expect(found, `byte ${at}`).toEqual(right);
    }
  });

  test('is rejected, wherever it ends', async () => {
    for (let length = 0; length < layer.length; length += 61) {
      await rejectionOf(check(layer.subarray(0, length)));
    }
  });
});

test.each(Object.keys(annotations))('a damaged annotation %s is rejected', async key => {
  const value = annotations[key] ?? '';
  for (let at = 0; at < value.length; at++) {
    for (const character of ['0', ':', ' ', '']) {
      const changed = value.slice(0, at) + character + value.slice(at + 1);
      if (changed === value) continue;
      const { stage } = await rejectionOf(check(layer, { ...annotations, [key]: changed }));
      expect(stage).toBe('toc');
    }
  }
});

describe('times', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['1970-01-01T00:00:00.5+01:00', -3_599_500_000_000n],
    ['1970-01-01T00:00:00-00:30', 1_800_000_000_000n],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000_000_000n],
    ['9999-12-31T23:59:59Z', 253_402_300_799_000_000_000n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
  ])('%s', (text, time) => expect(parseTime(text)).toBe(time));

  test.each([
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-01-00T00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T00:60:00Z',
    '2023-01-01T00:00:60Z',
    '2023-01-01t00:00:00Z',
    '2023-01-01T00:00:00z',
    '2023-01-01 00:00:00Z',
    '2023-01-01T00:00:00',
    '2023-01-01T00:00:00.Z',
    '2023-01-01T00:00:00,5Z',
    '2023-01-01T00:00:00.0000000001Z',
    '2023-01-01T00:00:00+24:00',
    '02023-01-01T00:00:00Z',
  ])('%s is not one', text => expect(parseTime(text)).toBeUndefined());
});
