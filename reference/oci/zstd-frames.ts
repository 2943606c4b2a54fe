/**
 * Splits a zstd blob into frames and blocks, without decompressing it (RFC 8878, section 3.1).
 *
 * libzstd does not report everything that the standard requires: which windows and dictionaries are rejected, with
 * which code, what follows the last frame, and at which offset. The frame format is therefore decoded here.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

const FRAME_MAGIC = 0xfd2fb528;
/** The magic number of a skippable frame, without its lowest 4 bits. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_MAX = 128 * 1024;

/** One complete part of a frame: its header, a block, or its checksum. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** Offset of the first byte in the blob. */
  readonly offset: number;
  /** Whether this is the last part of the frame. */
  readonly last: boolean;
  /** Length of the content of the frame, if its header gives it. */
  readonly contentSize: number | undefined;
  /** Size of the window of the frame. */
  readonly window: number;
}

/** Called for each skippable frame, with the offset of its content in the blob, and the length of its content. */
export type SkippableObserver = (offset: number, length: number) => void;

/**
 * The frames of `blob`, part by part, without skippable frames, which only `skipped` sees. A frame can need a window
 * of up to `windowMax` bytes.
 *
 * @throws ComposefsError with a code of stage `compression`; the content of blocks is not checked.
 */
export async function* zstdFrames(
  blob: AsyncIterable<Uint8Array>,
  windowMax: number,
  location: Location,
  skipped?: SkippableObserver,
): AsyncGenerator<FramePiece> {
  const input = new FrameInput(blob, location);
  try {
    for (let first = true; ; first = false) {
      const at = input.here();
      const magicBytes = await input.upTo(4);
      if (magicBytes.length === 0 && !first) return;
      if (magicBytes.length < 4) {
        // The start of a magic number is a truncated frame.
        if (magicBytes.length > 0 && isStartOfMagic(magicBytes)) throw truncated(input.here());
        throw first ? wrongFormat(at) : trailing(at);
      }
      const magic = littleEndian(magicBytes);
      if ((magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC) {
        const length = littleEndian(await input.exactly(4));
        skipped?.(input.here().offset, length);
        await input.skip(length);
      } else if (magic === FRAME_MAGIC) yield* readFrame(input, magicBytes, windowMax, at);
      else throw first ? wrongFormat(at) : trailing(at);
    }
  } finally {
    await input.close();
  }
}

/** A location with an offset in the blob. */
type BlobLocation = Location & { readonly offset: number };

async function* readFrame(
  input: FrameInput,
  magic: Uint8Array,
  windowMax: number,
  at: BlobLocation,
): AsyncGenerator<FramePiece> {
  const { bytes: header, hasChecksum, contentSize, window } = await readFrameHeader(input, windowMax, at);
  const blockMax = Math.min(window, BLOCK_MAX);
  yield { bytes: joined(magic, header), offset: at.offset, last: false, contentSize, window };
  for (let last = false; !last; ) {
    const blockAt = input.here();
    const blockHeader = await input.exactly(3);
    const word = littleEndian(blockHeader);
    const type = (word >>> 1) & 3;
    const size = word >>> 3;
    if (type === 3) throw corrupt('a block has the reserved type', blockAt);
    if (size > blockMax)
      throw corrupt(`a block has ${size} bytes, more than the limit of ${blockMax}`, blockAt);
    last = (word & 1) === 1;
    // A block of one repeated byte (type 1) holds only that byte.
    const bytes = joined(blockHeader, await input.exactly(type === 1 ? 1 : size));
    yield { bytes, offset: blockAt.offset, last: last && !hasChecksum, contentSize, window };
  }
  if (hasChecksum) {
    const { offset } = input.here();
    yield { bytes: await input.exactly(4), offset, last: true, contentSize, window };
  }
}

interface FrameHeader {
  /** The header after the magic number. */
  readonly bytes: Uint8Array;
  readonly hasChecksum: boolean;
  readonly window: number;
  readonly contentSize: number | undefined;
}

async function readFrameHeader(input: FrameInput, windowMax: number, at: BlobLocation): Promise<FrameHeader> {
  const descriptor = await input.exactly(1);
  const flags = descriptor[0] ?? 0;
  if (flags & 0x08) throw corrupt('a reserved bit of a frame header is set', at);
  const isSingleSegment = (flags & 0x20) !== 0;
  const dictionaryIdSize = [0, 1, 2, 4][flags & 3] ?? 0;
  const contentSizeSize = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const rest = await input.exactly((isSingleSegment ? 0 : 1) + dictionaryIdSize + contentSizeSize);
  const dictionaryId = rest.subarray(isSingleSegment ? 0 : 1).subarray(0, dictionaryIdSize);
  if (dictionaryId.some(byte => byte !== 0)) {
    throw new ComposefsError('COMPRESSION_DICTIONARY', 'the zstd frame needs a dictionary', at);
  }
  let contentSize: number | undefined;
  if (contentSizeSize > 0) {
    contentSize = littleEndian(rest.subarray(rest.length - contentSizeSize));
    if (contentSizeSize === 2) contentSize += 256;
  }
  const window = isSingleSegment ? (contentSize ?? 0) : windowSize(rest[0] ?? 0);
  if (window > windowMax) {
    const detail = `the zstd frame needs a window of ${window} bytes, more than the limit of ${windowMax}`;
    throw new ComposefsError('COMPRESSION_WINDOW', detail, at);
  }
  return {
    bytes: joined(descriptor, rest),
    hasChecksum: (flags & 0x04) !== 0,
    window,
    contentSize,
  };
}

/** The size that a window descriptor encodes: an exponent in the upper five bits, eighths in the lower three. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Reads a blob by numbers of bytes. */
class FrameInput {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #location: Location;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(source: AsyncIterable<Uint8Array>, location: Location) {
    this.#source = source[Symbol.asyncIterator]();
    this.#location = location;
  }

  /** The location of the next byte. */
  here(): BlobLocation {
    return { ...this.#location, offset: this.#offset };
  }

  /** `length` bytes, or fewer at the end of the blob. */
  async upTo(length: number): Promise<Uint8Array> {
    let bytes = await this.#some(length);
    while (bytes.length < length) {
      const more = await this.#some(length - bytes.length);
      if (more.length === 0) break;
      bytes = joined(bytes, more);
    }
    return bytes;
  }

  async exactly(length: number): Promise<Uint8Array> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw truncated(this.here());
    return bytes;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const { length: some } = await this.#some(left);
      if (some === 0) throw truncated(this.here());
      left -= some;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #some(max: number): Promise<Uint8Array> {
    while (this.#chunk.length === 0 && max > 0) {
      const { done, value } = await this.#source.next();
      if (done) break;
      this.#chunk = value;
    }
    const bytes = this.#chunk.subarray(0, max);
    this.#chunk = this.#chunk.subarray(bytes.length);
    this.#offset += bytes.length;
    return bytes;
  }
}

/** Whether fewer than four bytes could be the start of a frame, skippable or not. */
function isStartOfMagic(bytes: Uint8Array): boolean {
  const matches = (magic: number): boolean =>
    bytes.every((byte, i) => {
      const expected = (magic >>> (8 * i)) & 0xff;
      return byte === expected || (magic === SKIPPABLE_MAGIC && i === 0 && (byte & 0xf0) === expected);
    });
  return matches(FRAME_MAGIC) || matches(SKIPPABLE_MAGIC);
}

/** Little-endian bytes as a number. */
function littleEndian(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes.toReversed()) value = value * 256 + byte;
  return value;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function truncated(location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_TRUNCATED', 'the blob ends within a zstd frame', location);
}

function wrongFormat(location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_FORMAT', 'the blob does not start with a zstd frame', location);
}

function trailing(location: Location): ComposefsError {
  return new ComposefsError(
    'COMPRESSION_TRAILING',
    'the last zstd frame is followed by other bytes',
    location,
  );
}

function corrupt(detail: string, location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_CORRUPT', detail, location);
}
