import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ComposefsError } from '../errors.ts';
import { decompress } from './compression.ts';
import type { Compression } from './media-types.ts';

const text = (bytes: string): Uint8Array => new TextEncoder().encode(bytes);
const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

type Decompressor = (blob: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** The content, or the error code and the offset of the rejection. */
async function located(
  decompressor: Decompressor,
  bytes: Uint8Array,
  step: number,
): Promise<readonly [string, unknown?]> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of decompressor(cut(bytes, step))) parts.push(part);
  } catch (error) {
    if (error instanceof ComposefsError) return [error.code, error.location.offset];
    throw error;
  }
  return [Buffer.concat(parts).toString('latin1')];
}

/** The content, or the error code. */
async function outcome(decompressor: Decompressor, bytes: Uint8Array, step: number): Promise<string> {
  const [content] = await located(decompressor, bytes, step);
  return content;
}

/** Written by zstd 1.5.4: `seq 60 | zstd -c --check`. */
const COMPRESSED =
  '28b52ffd0458950200b28a130bb0a70dad11896c1b8a011d8379c8420ef2c82257a63c59329047173df4e9d2dbd9d7d5411f' +
  '5cf0c0870b2f271f17077c6cb1c39e2dbb9b7b5b1beca1850e7ab4e86aea6969a0c7e2f02c77be1500f2f2427e';

const location = { file: 'blob' };
const by =
  (compression: Compression): Decompressor =>
  blob =>
    decompress(blob, compression, location);

describe('gzip', () => {
  const a = new Uint8Array(gzipSync('a'.repeat(1000)));
  const b = new Uint8Array(gzipSync('b'.repeat(2000)));
  const both = 'a'.repeat(1000) + 'b'.repeat(2000);
  const zeros = new Uint8Array(10);
  const wrongSum = a.slice();
  wrongSum[a.length - 8] = (wrongSum[a.length - 8] ?? 0) ^ 1;
  const wrongBlock = a.slice();
  wrongBlock[10] = 0x07;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['all members', join(a, b), both],
    ['an empty member', join(a, new Uint8Array(gzipSync('')), b), both],
    ['zeros after the last member', join(a, zeros), 'COMPRESSION_TRAILING'],
    ['many zeros after the last member', join(a, new Uint8Array(500000)), 'COMPRESSION_TRAILING'],
    ['zeros between members', join(a, zeros, b), 'COMPRESSION_TRAILING'],
    ['other bytes after the last member', join(a, text('junk')), 'COMPRESSION_TRAILING'],
    ['an end within the first member', a.subarray(0, a.length - 3), 'COMPRESSION_TRUNCATED'],
    ['an end within the header', a.subarray(0, 5), 'COMPRESSION_TRUNCATED'],
    ['an end within the second member', join(a, b.subarray(0, 5)), 'COMPRESSION_TRUNCATED'],
    ['a wrong checksum', wrongSum, 'COMPRESSION_CORRUPT'],
    ['a block of the reserved type', wrongBlock, 'COMPRESSION_CORRUPT'],
    ['no bytes', new Uint8Array(0), 'COMPRESSION_FORMAT'],
    ['zeros', zeros, 'COMPRESSION_FORMAT'],
    ['half a magic number', hex('1f00'), 'COMPRESSION_FORMAT'],
    ['zstd', hex('28b52ffd2000010000'), 'COMPRESSION_FORMAT'],
  ];
  const steps = [1, 2, a.length - 1, a.length, a.length + 1, 16384, 10 ** 6];
  it.each(cases)('with %s', async (_, bytes, expected) => {
    for (const step of steps) {
      if (step === 1 && bytes.length > 10000) continue;
      expect(await outcome(by('gzip'), bytes, step), `in chunks of ${step}`).toBe(expected);
    }
  });
});

describe('zstd', () => {
  // Written by zstd 1.5.4: `printf … | zstd -c --check`, and `--no-check`.
  const a = hex('28b52ffd2403190000616263990977ad');
  const b = hex('28b52ffd0058190000646566');
  const skippable = join(hex('5f2a4d1804000000'), hex('01020304'));
  const wrongSum = a.slice();
  wrongSum[a.length - 1] = 0;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['one frame', a, 'abc'],
    ['all frames', join(a, b, a), 'abcdefabc'],
    ['skippable frames anywhere', join(skippable, a, skippable, skippable, b, skippable), 'abcdef'],
    ['only skippable frames', skippable, ''],
    ['an empty frame', join(hex('28b52ffd2000010000'), b), 'def'],
    ['a block of one repeated byte', hex('28b52ffd0058' + '430100' + '78'), 'x'.repeat(40)],
    ['zeros after the last frame', join(a, new Uint8Array(9)), 'COMPRESSION_TRAILING'],
    ['other bytes after the last frame', join(a, text('junkjunk')), 'COMPRESSION_TRAILING'],
    ['one other byte after the last frame', join(a, text('j')), 'COMPRESSION_TRAILING'],
    ['an end within the checksum', a.subarray(0, a.length - 1), 'COMPRESSION_TRUNCATED'],
    ['an end within a block', b.subarray(0, b.length - 1), 'COMPRESSION_TRUNCATED'],
    ['an end within the header', b.subarray(0, 5), 'COMPRESSION_TRUNCATED'],
    ['an end within a magic number', join(a, b.subarray(0, 3)), 'COMPRESSION_TRUNCATED'],
    ['an end within a skippable frame', join(a, skippable.subarray(0, 10)), 'COMPRESSION_TRUNCATED'],
    ['a wrong checksum', wrongSum, 'COMPRESSION_CORRUPT'],
    ['more content than its header says', hex('28b52ffd2002' + '190000' + '616263'), 'COMPRESSION_CORRUPT'],
    ['less content than its header says', hex('28b52ffd2004' + '190000' + '616263'), 'COMPRESSION_CORRUPT'],
    [
      'less content, and an empty last block',
      hex('28b52ffd8000' + '04000000' + '180000' + '616263' + '010000'),
      'COMPRESSION_CORRUPT',
    ],
    ['a block of the reserved type', hex('28b52ffd2003' + '1f0000' + '616263'), 'COMPRESSION_CORRUPT'],
    ['a reserved bit in the header', hex('28b52ffd2803' + '190000' + '616263'), 'COMPRESSION_CORRUPT'],
    ['a block above 128 KiB', hex('28b52ffd0058' + '0b0010' + '78'), 'COMPRESSION_CORRUPT'],
    [
      'a compressed block of invalid bytes',
      hex('28b52ffd2010' + '250000' + 'ffffffff'),
      'COMPRESSION_CORRUPT',
    ],
    ['a dictionary', hex('28b52ffd2107' + '03' + '190000' + '616263'), 'COMPRESSION_DICTIONARY'],
    ['a window of 32 MiB', hex('28b52ffd0078' + '190000' + '616263'), 'abc'],
    ['a window of 128 MiB', hex('28b52ffd0088' + '190000' + '616263'), 'abc'],
    ['a window above 128 MiB', hex('28b52ffd0089' + '190000' + '616263'), 'COMPRESSION_WINDOW'],
    ['a window of terabytes', hex('28b52ffd00ff' + '190000' + '616263'), 'COMPRESSION_WINDOW'],
    ['no bytes', new Uint8Array(0), 'COMPRESSION_FORMAT'],
    ['gzip', new Uint8Array(gzipSync('abc')), 'COMPRESSION_FORMAT'],
    ['the wrong second byte', hex('2800'), 'COMPRESSION_FORMAT'],
  ];
  const steps = [1, 3, a.length - 1, a.length, a.length + 1, 10 ** 6];
  it.each(cases)('with %s', async (_, bytes, expected) => {
    for (const step of steps) {
      expect(await outcome(by('zstd'), bytes, step), `in chunks of ${step}`).toBe(expected);
    }
  });

  it('decompresses a large content', async () => {
    const { bytes, content } = bigFrame();
    for (const step of [1000, 65536, 10 ** 8]) {
      expect((await outcome(by('zstd'), bytes, step)) === content, `in chunks of ${step}`).toBe(true);
    }
  });

  const numbers = Array.from({ length: 60 }, (_, i) => `${i + 1}\n`).join('');
  const compressed = hex(COMPRESSED);
  it('rejects a damaged compressed frame', async () => {
    expect(await outcome(by('zstd'), compressed, 1000)).toBe(numbers);
    for (let length = 1; length < compressed.length; length++) {
      const cutOff = compressed.subarray(0, length);
      expect(await outcome(by('zstd'), cutOff, 1000), `${length} bytes`).toBe('COMPRESSION_TRUNCATED');
    }
    for (let bit = 0; bit < 8 * compressed.length; bit++) {
      const damaged = compressed.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // Some bits of a header do not affect the content: the unused one, and some of those of the window.
      const result = await outcome(by('zstd'), damaged, 1000);
      if (result !== numbers) expect(result, `bit ${bit}`).toMatch(/^COMPRESSION_/);
    }
  });

  /** Frames with blocks of one repeated byte and of raw bytes, several MiB in total. */
  function bigFrame(): { bytes: Uint8Array; content: string } {
    const blocks: Uint8Array[] = [];
    let content = '';
    for (let i = 0; i < 60; i++) {
      const last = i % 20 === 19 ? 1 : 0;
      if (i % 20 === 0) blocks.push(hex('28b52ffd0058'));
      const raw = i % 2 === 0;
      const letter = String.fromCharCode(0x41 + (i % 26));
      const word = (100000 << 3) | (raw ? 0 : 2) | last;
      blocks.push(Uint8Array.of(word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff));
      blocks.push(raw ? text(letter.repeat(100000)) : text(letter));
      content += letter.repeat(100000);
    }
    return { bytes: join(...blocks), content };
  }
});

describe('the offset of a rejection', () => {
  const member = new Uint8Array(gzipSync('abc'));
  const frame = hex('28b52ffd2403190000616263990977ad');
  const wrongSum = frame.slice();
  wrongSum[frame.length - 1] = 0;
  const inBlob: readonly (readonly [string, Compression, Uint8Array, string, number | undefined])[] = [
    ['the first wrong byte of gzip', 'gzip', hex('1f00'), 'COMPRESSION_FORMAT', 1],
    [
      'the end of gzip',
      'gzip',
      join(member, member.subarray(0, 15)),
      'COMPRESSION_TRUNCATED',
      member.length + 15,
    ],
    ['the zeros after gzip', 'gzip', join(member, new Uint8Array(3)), 'COMPRESSION_TRAILING', member.length],
    [
      'absent if zlib does not give one',
      'gzip',
      join(member, text('junk')),
      'COMPRESSION_TRAILING',
      undefined,
    ],
    ['the bytes that do not start a frame', 'zstd', text('junk'), 'COMPRESSION_FORMAT', 0],
    ['the bytes after the frames', 'zstd', join(frame, text('junk')), 'COMPRESSION_TRAILING', frame.length],
    ['the end of zstd', 'zstd', join(frame, frame.subarray(0, 9)), 'COMPRESSION_TRUNCATED', frame.length + 9],
    ['the checksum', 'zstd', join(frame, wrongSum), 'COMPRESSION_CORRUPT', 2 * frame.length - 4],
    [
      'the block',
      'zstd',
      join(frame, hex('28b52ffd2010' + '250000' + 'ffffffff')),
      'COMPRESSION_CORRUPT',
      frame.length + 6,
    ],
    [
      'the frame with the window',
      'zstd',
      join(frame, hex('28b52ffd00ff')),
      'COMPRESSION_WINDOW',
      frame.length,
    ],
  ];
  it.each(inBlob)('is %s', async (_, compression, bytes, code, offset) => {
    for (const step of [1, 7, 1000]) {
      expect(await located(by(compression), bytes, step), `in chunks of ${step}`).toEqual([code, offset]);
    }
  });
});

describe('every compression', () => {
  it('passes on a layer that is not compressed', async () => {
    expect(await outcome(by('none'), text('abc'), 2)).toBe('abc');
  });

  it.each(['gzip', 'zstd'] as const)('passes on an error of the source (%s)', async compression => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield compression === 'gzip' ? hex('1f8b08') : hex('28b52ffd');
      throw new Error('the disk is gone');
    };
    const read = async (): Promise<void> => {
      for await (const _ of decompress(broken(), compression, location));
    };
    await expect(read()).rejects.toThrow('the disk is gone');
  });

  it.each(['gzip', 'zstd'] as const)('closes the source when the caller stops (%s)', async compression => {
    let closed = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      const member = compression === 'gzip' ? gzipSync('x'.repeat(100000)) : hex('28b52ffd00580b0000' + '78');
      try {
        for (;;) yield new Uint8Array(member);
      } finally {
        closed = true;
      }
    };
    for await (const _ of decompress(endless(), compression, location)) break;
    expect(closed).toBe(true);
  });
});
