/**
 * Takes a zstd blob apart into frames and blocks, without decompressing (RFC 8878, section 3.1).
 *
 * libzstd does not say all that the standard asks: which windows and dictionaries are refused, with which code, what
 * stands behind the last frame, and where it stopped. So what is a frame is decided here.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

const FRAME_MAGIC = 0xfd2fb528;
/** The magic of a skippable frame, its lowest 4 bits aside. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_MAX = 128 * 1024;

/** Bytes of a frame: its header, a block, or its checksum, whole. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** Of the first of them in the blob. */
  readonly offset: number;
  /** The last piece of the frame. */
  readonly last: boolean;
  /** Length of the content of the frame, where its header has it. */
  readonly contentSize: number | undefined;
}

/**
 * The frames of `blob`, piece by piece, without skippable ones. A frame may need a window of `windowMax` bytes.
 * Throws the codes of stage compression, but does not look into blocks.
 */
export async function* zstdFrames(
  blob: AsyncIterable<Uint8Array>,
  windowMax: number,
  location: Location,
): AsyncGenerator<FramePiece> {
  const input = new FrameInput(blob, location);
  try {
    for (let first = true; ; first = false) {
      const at = input.here();
      const magicBytes = await input.upTo(4);
      if (magicBytes.length === 0 && !first) return;
      if (magicBytes.length < 4) {
        // A beginning of a magic is a frame cut off.
        if (magicBytes.length > 0 && isBeginning(magicBytes)) throw truncated(input.here());
        throw first ? foreign(at) : trailing(at);
      }
      const magic = littleEndian(magicBytes);
      if ((magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC) await input.skip(littleEndian(await input.exactly(4)));
      else if (magic === FRAME_MAGIC) yield* readFrame(input, magicBytes, windowMax, at);
      else throw first ? foreign(at) : trailing(at);
    }
  } finally {
    await input.close();
  }
}

/** A place with an offset in the blob. */
type BlobLocation = Location & { readonly offset: number };

async function* readFrame(
  input: FrameInput,
  magic: Uint8Array,
  windowMax: number,
  at: BlobLocation,
): AsyncGenerator<FramePiece> {
  const { bytes: header, hasChecksum, blockMax, contentSize } = await readFrameHeader(input, windowMax, at);
  yield { bytes: joined(magic, header), offset: at.offset, last: false, contentSize };
  for (let last = false; !last; ) {
    const blockAt = input.here();
    const blockHeader = await input.exactly(3);
    const word = littleEndian(blockHeader);
    const type = (word >>> 1) & 3;
    const size = word >>> 3;
    if (type === 3) throw corrupt('a block is of the reserved type', blockAt);
    if (size > blockMax) throw corrupt(`a block has ${size} bytes where ${blockMax} are the most`, blockAt);
    last = (word & 1) === 1;
    // A block of one byte repeated (type 1) holds that byte alone.
    const bytes = joined(blockHeader, await input.exactly(type === 1 ? 1 : size));
    yield { bytes, offset: blockAt.offset, last: last && !hasChecksum, contentSize };
  }
  if (hasChecksum) {
    const { offset } = input.here();
    yield { bytes: await input.exactly(4), offset, last: true, contentSize };
  }
}

interface FrameHeader {
  /** Behind the magic. */
  readonly bytes: Uint8Array;
  readonly hasChecksum: boolean;
  readonly blockMax: number;
  readonly contentSize: number | undefined;
}

async function readFrameHeader(input: FrameInput, windowMax: number, at: BlobLocation): Promise<FrameHeader> {
  const descriptor = await input.exactly(1);
  const flags = descriptor[0] ?? 0;
  if (flags & 0x08) throw corrupt('a reserved bit of a frame header is set', at);
  const single = (flags & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][flags & 3] ?? 0;
  const contentSizeSize = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const rest = await input.exactly((single ? 0 : 1) + dictionarySize + contentSizeSize);
  const dictionary = rest.subarray(single ? 0 : 1).subarray(0, dictionarySize);
  if (dictionary.some(byte => byte !== 0)) {
    throw new ComposefsError('COMPRESSION_DICTIONARY', 'a zstd frame needs a dictionary', at);
  }
  let contentSize: number | undefined;
  if (contentSizeSize > 0) {
    contentSize = littleEndian(rest.subarray(rest.length - contentSizeSize));
    if (contentSizeSize === 2) contentSize += 256;
  }
  const window = single ? (contentSize ?? 0) : windowOf(rest[0] ?? 0);
  if (window > windowMax) {
    throw new ComposefsError('COMPRESSION_WINDOW', `a zstd frame needs a window of ${window} bytes`, at);
  }
  return {
    bytes: joined(descriptor, rest),
    hasChecksum: (flags & 0x04) !== 0,
    blockMax: Math.min(window, BLOCK_MAX),
    contentSize,
  };
}

/** The window size that a descriptor stands for: exponent in the upper five bits, eighths in the lower three. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** The bytes of a blob by number. */
class FrameInput {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #location: Location;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(source: AsyncIterable<Uint8Array>, location: Location) {
    this.#source = source[Symbol.asyncIterator]();
    this.#location = location;
  }

  /** Where the next byte is. */
  here(): BlobLocation {
    return { ...this.#location, offset: this.#offset };
  }

  /** `length` bytes, or those that are left. */
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

/** Whether fewer than four bytes could be the beginning of a frame, skippable or not. */
function isBeginning(bytes: Uint8Array): boolean {
  const matches = (magic: number): boolean =>
    bytes.every((byte, i) => {
      const wanted = (magic >>> (8 * i)) & 0xff;
      return byte === wanted || (magic === SKIPPABLE_MAGIC && i === 0 && (byte & 0xf0) === wanted);
    });
  return matches(FRAME_MAGIC) || matches(SKIPPABLE_MAGIC);
}

/** Bytes as a number, the lowest first. */
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

function foreign(location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_FORMAT', 'the blob does not begin with a zstd frame', location);
}

function trailing(location: Location): ComposefsError {
  return new ComposefsError(
    'COMPRESSION_TRAILING',
    'bytes that are no zstd frame follow the last one',
    location,
  );
}

function corrupt(detail: string, location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_CORRUPT', detail, location);
}
