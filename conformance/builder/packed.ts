/**
 * gzip and zstd without a compressor: everything is stored, so that the bytes are the same on every machine.
 * @module
 */

import { crc32 } from 'node:zlib';
import { concat } from './tar.ts';

/** Most bytes of one stored deflate block. */
const DEFLATE_BLOCK = 0xffff;

/** Most bytes of one zstd block. */
const ZSTD_BLOCK = 0x20000;

/** `content` as one gzip member of stored blocks (RFC 1951, 3.2.4; RFC 1952). */
export function storedGzip(content: Uint8Array): Uint8Array {
  const blocks = pieces(content, DEFLATE_BLOCK).map(({ piece, last }) => {
    const length = little(piece.length, 2);
    return concat(
      new Uint8Array([last ? 1 : 0]),
      length,
      length.map(byte => byte ^ 0xff),
      piece,
    );
  });
  const head = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  return concat(head, ...blocks, little(crc32(content), 4), little(content.length, 4));
}

/** `content` as one zstd frame of raw blocks, without a checksum (RFC 8878, 3.1.1). */
export function storedZstd(content: Uint8Array): Uint8Array {
  const blocks = pieces(content, ZSTD_BLOCK).map(({ piece, last }) =>
    concat(little((piece.length << 3) | (last ? 1 : 0), 3), piece),
  );
  // Single segment, content size in 4 bytes.
  return concat(little(0xfd2fb528, 4), new Uint8Array([0xa0]), little(content.length, 4), ...blocks);
}

function pieces(content: Uint8Array, size: number): { piece: Uint8Array; last: boolean }[] {
  const list: { piece: Uint8Array; last: boolean }[] = [];
  let at = 0;
  do {
    list.push({ piece: content.subarray(at, at + size), last: at + size >= content.length });
    at += size;
  } while (at < content.length);
  return list;
}

function little(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let i = 0; i < width; i++) bytes[i] = Math.floor(value / 2 ** (8 * i)) & 0xff;
  return bytes;
}
