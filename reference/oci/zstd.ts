/**
 * Decompresses zstd with libzstd 1.5.7, in the WebAssembly module of the package zstddec.
 *
 * It is used on every version of Node, even if node:zlib supports zstd, so that rejections do not depend on the
 * version: libzstd overlooks some damage to a frame only on 64-bit machines, and other damage only if it gets the
 * frame in pieces. Here it always gets the parts that {@link zstdFrames} returns. It is about as fast as node:zlib.
 *
 * Only the compiled module of zstddec is used. Its own loop does not ask libzstd for errors, and does not end if there
 * is one (https://github.com/donmccurdy/zstddec-wasm/blob/main/src/zstddec-stream.ts). Other packages decompress only
 * whole frames (@bokuweb/zstd-wasm, numcodecs), ignore errors of a stream (@hpcc-js/wasm-zstd), or miss damage and
 * take time that grows with blocks times window (fzstd).
 * @module
 */

import type { ZSTDDecoder } from 'zstddec/stream';
import { ComposefsError, type Location } from '../errors.ts';
import { type FramePiece, zstdFrames } from './zstd-frames.ts';

/** LAYER-039: the limit of libzstd by default. */
const WINDOW_MAX = 2 ** 27;

/** Called at the start of each frame: its offset in the blob, and the length of the content before it. */
export type FrameObserver = (offset: number, position: number) => void;

/** Length of the header of a skippable frame. */
const SKIPPABLE_HEADER = 8;

/**
 * The content of all frames of `blob`. `started` sees where each of them starts, skippable ones included.
 *
 * @throws ComposefsError with a code of stage `compression`.
 */
export async function* unzstd(
  blob: AsyncIterable<Uint8Array>,
  location: Location,
  started?: FrameObserver,
): AsyncGenerator<Uint8Array> {
  const decoder = await takeDecoder();
  let size = 0;
  let position = 0;
  let first = true;
  const skipped = (offset: number) => started?.(offset - SKIPPABLE_HEADER, position);
  try {
    for await (const piece of zstdFrames(blob, WINDOW_MAX, location, skipped)) {
      if (first) started?.(piece.offset, position);
      first = piece.last;
      const at = { ...location, offset: piece.offset };
      const content = decoder.push(piece, at);
      size += content.length;
      position += content.length;
      if (content.length > 0) yield content;
      if (!piece.last) continue;
      // libzstd does not check this if the last block is empty.
      if (size !== (piece.contentSize ?? size))
        throw corrupt(`the frame has ${size} bytes of content, but its header says ${piece.contentSize}`, at);
      size = 0;
    }
  } finally {
    keepDecoder(decoder);
  }
}

/** Decoders that are not in use, for the next blobs: the garbage collector would be slow to free their memory. */
const spare: ZstdDecoder[] = [];

/** How many decoders are kept: a layer that is checked against its table is read twice at the same time. */
const SPARE_COUNT = 2;

/** A decoder with more bytes of memory than this, after a frame with a large window, is not kept. */
const SPARE_SIZE = 2 ** 25;

async function takeDecoder(): Promise<ZstdDecoder> {
  return spare.pop() ?? new ZstdDecoder(await libzstd());
}

function keepDecoder(decoder: ZstdDecoder): void {
  if (spare.length === SPARE_COUNT || decoder.memory > SPARE_SIZE) return;
  decoder.startAnew();
  spare.push(decoder);
}

/** Size of the buffers for a part of a frame and for its content: a block and its header. */
const BUFFER = 128 * 1024 + 3;

/** Size of a `ZSTD_inBuffer` or `ZSTD_outBuffer`: address, size and position, 32 bits each. */
const BUFFER_STRUCT = 12;

/** libzstd returns errors as the negatives of these (https://github.com/facebook/zstd/blob/v1.5.7/lib/zstd_errors.h). */
const ERRORS = { CHECKSUM_WRONG: 22, MEMORY_ALLOCATION: 64, MAX: 120 } as const;

/** Decompresses zstd frames, one after the other. Each decoder has its own WebAssembly memory. */
class ZstdDecoder {
  readonly #zstd: Libzstd;
  #stream: number;
  readonly #input: number;
  readonly #output: number;
  readonly #structs: number;

  constructor(module: object) {
    this.#zstd = new WebAssembly.Instance(module, imports).exports as Libzstd;
    this.#stream = this.#zstd.ZSTD_createDCtx();
    this.#input = this.#zstd.malloc(BUFFER);
    this.#output = this.#zstd.malloc(BUFFER);
    this.#structs = this.#zstd.malloc(2 * BUFFER_STRUCT);
  }

  /** Bytes of memory. */
  get memory(): number {
    return this.#zstd.memory.buffer.byteLength;
  }

  /** Forgets the frame that it is in, if any: after an error, libzstd may not be asked to go on. */
  startAnew(): void {
    this.#zstd.ZSTD_freeDCtx(this.#stream);
    this.#stream = this.#zstd.ZSTD_createDCtx();
  }

  /** The content of one part of a frame: at most a block. */
  push({ bytes, last }: FramePiece, location: Location): Uint8Array {
    const { memory } = this.#zstd;
    new Uint8Array(memory.buffer).set(bytes, this.#input);
    const before = new DataView(memory.buffer, this.#structs);
    before.setUint32(0, this.#output, true);
    before.setUint32(4, BUFFER, true);
    before.setUint32(8, 0, true);
    before.setUint32(12, this.#input, true);
    before.setUint32(16, bytes.length, true);
    before.setUint32(20, 0, true);
    const hint = this.#zstd.ZSTD_decompressStream(this.#stream, this.#structs, this.#structs + BUFFER_STRUCT);
    if (hint < 0 && hint > -ERRORS.MAX) throw libzstdError(-hint, location);
    // If the memory has grown, it has a new buffer.
    const after = new DataView(memory.buffer, this.#structs);
    const [written, consumed] = [after.getUint32(8, true), after.getUint32(20, true)];
    // Only at the end of a frame does libzstd return 0: it expects no further input.
    if (consumed < bytes.length || last !== (hint === 0)) throw corrupt('a block is damaged', location);
    return written === 0
      ? NOTHING
      : new Uint8Array(memory.buffer.slice(this.#output, this.#output + written));
  }
}

const NOTHING = new Uint8Array(0);

function libzstdError(error: number, location: Location): Error {
  switch (error) {
    case ERRORS.MEMORY_ALLOCATION:
      return new RangeError('there is not enough memory for the window of a zstd frame');
    case ERRORS.CHECKSUM_WRONG:
      return corrupt('the content of the frame does not match its checksum', location);
    default:
      return corrupt(`a block is damaged or a size is wrong (libzstd error ${error})`, location);
  }
}

function corrupt(detail: string, location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_CORRUPT', detail, location);
}

/** The exports of the module that are used here. */
interface Libzstd {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(stream: number): number;
  ZSTD_decompressStream(stream: number, output: number, input: number): number;
}

/** The imports of the module: a notification that its memory has grown. */
const imports = { env: { emscripten_notify_memory_growth: (): void => {} } };

/** Declared neither by TypeScript's library without `dom` nor by the types of Node 20. */
declare const WebAssembly: {
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

let compiled: Promise<object> | undefined;

/** The compiled module, loaded when the first zstd layer is read. */
function libzstd(): Promise<object> {
  compiled ??= (async () => {
    const { ZSTDDecoder } = await import('zstddec/stream');
    const found = await moduleOf(ZSTDDecoder);
    if (found !== undefined) return found;
    // With a query, Node loads an instance of zstddec that only this module uses.
    const own = `${import.meta.resolve('zstddec/stream')}?for=${encodeURIComponent(import.meta.url)}`;
    const again: typeof import('zstddec/stream') = await import(own);
    return (await moduleOf(again.ZSTDDecoder)) ?? Promise.reject(new Error('zstddec compiled no module'));
  })();
  return compiled;
}

/**
 * The module that zstddec compiles; undefined if it did so for another part of the program: it compiles the module
 * once, and passes it to its first caller.
 */
function moduleOf(Decoder: typeof ZSTDDecoder): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    class Loader extends Decoder {
      override _init({ module }: { readonly module: object }): void {
        resolve(module);
      }
    }
    withoutFetch(() => new Loader().init()).then(() => resolve(undefined), reject);
  });
}

/**
 * Runs `work`, which is synchronous, without the global `fetch`. zstddec would decode its own bytes with it, and the one
 * of Node compiles a WebAssembly module of its own for that: slowly, and without memory with an error nobody can catch.
 */
function withoutFetch<T>(work: () => T): T {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  if (descriptor === undefined) return work();
  Object.defineProperty(globalThis, 'fetch', { value: undefined, configurable: true });
  try {
    return work();
  } finally {
    Object.defineProperty(globalThis, 'fetch', descriptor);
  }
}
