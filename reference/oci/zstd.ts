/**
 * Decompresses zstd with libzstd 1.5.7, in the WebAssembly that the package zstddec carries.
 *
 * It is used on every Node, those too whose node:zlib has zstd, so that what is refused never depends on the Node:
 * of a damaged frame libzstd overlooks some things on machines of 64 bits alone, and others where it gets the frame
 * in pieces. Here it always gets the pieces of {@link frames}. It is about as fast as node:zlib.
 *
 * Of zstddec only the compiled module is used. Its own loop asks libzstd for no errors, and never ends where there
 * is one (https://github.com/donmccurdy/zstddec-wasm/blob/main/src/zstddec-stream.ts). Others take whole frames alone
 * (@bokuweb/zstd-wasm, numcodecs), leave the errors of a stream unseen (@hpcc-js/wasm-zstd), or miss damage and take
 * time that grows with blocks times window (fzstd).
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { type FramePiece, zstdFrames } from './zstd-frames.ts';

/** LAYER-039: what libzstd takes without being asked for more. */
const WINDOW_MAX = 2 ** 27;

/** The content of all frames of `blob`. Throws the codes of stage compression. */
export async function* unzstd(
  blob: AsyncIterable<Uint8Array>,
  location: Location,
): AsyncGenerator<Uint8Array> {
  const decoder = await takeDecoder();
  let size = 0;
  for await (const piece of zstdFrames(blob, WINDOW_MAX, location)) {
    const at = { ...location, offset: piece.offset };
    const content = decoder.push(piece, at);
    size += content.length;
    if (content.length > 0) yield content;
    if (!piece.last) continue;
    // libzstd does not look when the last block is empty.
    if (size !== (piece.contentSize ?? size))
      throw corrupt('a frame has not the size that its header says', at);
    size = 0;
  }
  if (decoder.memory <= SPARE_MAX) spare = decoder;
}

/** A decoder between two frames: its memory would wait long for the collector, layer after layer. */
let spare: Decoder | undefined;

/** Bytes of memory above which a decoder, which has had a large window, is not kept. */
const SPARE_MAX = 2 ** 25;

async function takeDecoder(): Promise<Decoder> {
  const taken = spare ?? new Decoder(await libzstd());
  spare = undefined;
  return taken;
}

/** The bytes of a piece, and of what comes out of it. */
const BUFFER = 128 * 1024 + 3;

/** One `ZSTD_inBuffer` or `ZSTD_outBuffer`: address, size and position, of 32 bits each. */
const BUFFER_STRUCT = 12;

/** Errors are the negatives of these (https://github.com/facebook/zstd/blob/v1.5.7/lib/zstd_errors.h). */
const ERRORS = { CHECKSUM_WRONG: 22, MEMORY_ALLOCATION: 64, MAX: 120 } as const;

/** Frames of zstd, one after the other, in a memory of its own, which goes with it. */
class Decoder {
  readonly #zstd: Libzstd;
  readonly #stream: number;
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

  /** Bytes that it holds. */
  get memory(): number {
    return this.#zstd.memory.buffer.byteLength;
  }

  /** What comes out of a piece: a block at most. */
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
    if (hint < 0 && hint > -ERRORS.MAX) throw refusal(-hint, location);
    // The memory may have grown, into another buffer.
    const after = new DataView(memory.buffer, this.#structs);
    const [given, taken] = [after.getUint32(8, true), after.getUint32(20, true)];
    // At the end of a frame, and only there, libzstd asks for nothing more.
    if (taken < bytes.length || last !== (hint === 0)) throw corrupt('a block is damaged', location);
    return given === 0 ? NOTHING : new Uint8Array(memory.buffer.slice(this.#output, this.#output + given));
  }
}

const NOTHING = new Uint8Array(0);

function refusal(error: number, location: Location): Error {
  switch (error) {
    case ERRORS.MEMORY_ALLOCATION:
      return new RangeError('there is no memory for the window of a zstd frame');
    case ERRORS.CHECKSUM_WRONG:
      return corrupt('the content of a frame has not the checksum that the frame says', location);
    default:
      return corrupt(`a block is damaged, or a size is wrong (error ${error} of libzstd)`, location);
  }
}

function corrupt(detail: string, location: Location): ComposefsError {
  return new ComposefsError('COMPRESSION_CORRUPT', detail, location);
}

/** What the module exports, of that what is used. */
interface Libzstd {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  ZSTD_createDCtx(): number;
  ZSTD_decompressStream(stream: number, output: number, input: number): number;
}

/** What the module imports: it tells that its memory has grown. */
const imports = { env: { emscripten_notify_memory_growth: (): void => {} } };

/** Neither the library of TypeScript without a browser nor the types of Node 20 know it. */
declare const WebAssembly: {
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

let compiled: Promise<object> | undefined;

/** The module. It is loaded with the first layer that needs it. */
function libzstd(): Promise<object> {
  compiled ??= (async () => {
    const { ZSTDDecoder } = await import('zstddec/stream');
    return new Promise<object>((resolve, reject) => {
      class Loader extends ZSTDDecoder {
        override _init({ module }: { readonly module: object }): void {
          resolve(module);
        }
      }
      new Loader().init().catch(reject);
    });
  })();
  return compiled;
}
