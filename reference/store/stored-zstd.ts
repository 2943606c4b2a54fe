/**
 * A zstd frame without a compressor: blocks are stored, or are one repeated byte (RFC 8878). The bytes are the same
 * on every machine, and a layer takes about 2 % more space than with a compressor.
 * @module
 */

/** Magic number, and a header without content size and checksum, for a window of 128 KiB (STORE-104). */
const HEADER = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3);
const BLOCK_MAX = 128 * 1024;
/** The shortest run of zeros that is worth a block: most tar headers end with a longer one. */
const RUN_MIN = 160;

const STORED = 0;
const REPEATED = 1;

/** The frame of the content in `chunks`, each of which can be reused when the next one is requested. */
export function* storedZstd(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield HEADER;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += BLOCK_MAX) {
      yield Buffer.concat([...blocks(chunk.subarray(at, at + BLOCK_MAX))]);
    }
  }
  // The last block is empty.
  yield blockHeader(STORED, 0, true);
}

function* blocks(bytes: Uint8Array): Generator<Uint8Array> {
  let stored = 0;
  for (let at = 0; at < bytes.length; ) {
    const start = bytes.indexOf(0, at);
    if (start < 0) break;
    at = start;
    while (bytes[at] === 0) at++;
    if (at - start < RUN_MIN) continue;
    yield* storedBlock(bytes.subarray(stored, start));
    yield blockHeader(REPEATED, at - start, false);
    yield Uint8Array.of(0);
    stored = at;
  }
  yield* storedBlock(bytes.subarray(stored));
}

function* storedBlock(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length === 0) return;
  yield blockHeader(STORED, bytes.length, false);
  yield bytes;
}

function blockHeader(type: number, size: number, last: boolean): Uint8Array {
  const value = (size << 3) | (type << 1) | (last ? 1 : 0);
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, value >> 16);
}
