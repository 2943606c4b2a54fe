/**
 * The layers of an image: several are read at a time, and returned in order.
 *
 * Only this module reads an image with several threads. Large blobs are read, hashed and decompressed in worker
 * threads, which also hash the archives; this thread reads their entries, and computes the digests of their files. The
 * result is the same as with one thread: of several errors, the one in the lowest layer is thrown. Only which entry
 * exceeds a limit on all layers together (LAYER-107, LAYER-109) depends on how far each of them was read.
 * @module
 */

import { availableParallelism } from 'node:os';
import type { Located } from '../../build-tree.ts';
import { ComposefsError } from '../../errors.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { type BlobSource, openBlob } from '../blob.ts';
import { Expansion, type ExpansionLimits } from '../expansion.ts';
import { type ArchivePiece, decompressedLayer } from './decompressed-layer.ts';
import { type LayerDescriptor, layerLocation } from './layer-descriptor.ts';
import { LayerThread } from './thread.ts';

/** Maximum number of layers that are read at a time; each takes memory and a processor. */
const READERS_MAX = 4;
/** Size from which a blob is read in a worker thread: reading a smaller one takes less time than starting a thread. */
const THREAD_MIN = 2 * 1024 * 1024;

/** Progress in reading the layers of an image. */
export interface LayerProgress {
  /** Highest layer that was started, counted from 0, the base. */
  readonly layer: number;
  readonly layers: number;
  /** Compressed bytes of all layers, read so far and in total. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Options for reading layers. */
export interface ReadOptions extends ExpansionLimits {
  /** Counts the bytes of several readings together. Default: those of this reading, with the limits above. */
  readonly expansion?: Expansion | undefined;
  /** Called for each piece that is read. */
  readonly progress?: ((progress: LayerProgress) => void) | undefined;
}

/** Reads one archive, that of the layer `number`. */
type ReadArchive<T> = (archive: AsyncIterable<Uint8Array>, number: number) => Promise<T>;

/**
 * Reads the archives of `layers` with `read`, each once, as a stream, and returns the results in order.
 *
 * @throws ComposefsError with a code of any stage up to `merge`, or REQUEST_FILE; an error in a layer names its number
 * and its blob.
 */
export async function* readLayers<T>(
  source: BlobSource,
  layers: readonly LayerDescriptor[],
  options: ReadOptions,
  read: ReadArchive<T>,
): AsyncGenerator<Located<T>, void, undefined> {
  const stopped = new AbortController();
  const expansion = options.expansion ?? new Expansion(options);
  const readers = Array.from(
    { length: readerCount(layers, expansion) },
    () => new LayerReader(source, stopped.signal),
  );
  const pool = new Pool(readers);
  const report = progressReporter(layers, options);
  const results = layers.map(layer => pool.use(reader => reader.read(layer, read, { expansion, report })));
  // An error is thrown where the layer is awaited, which does not happen if a lower layer is rejected.
  for (const result of results) result.catch(() => {});
  try {
    for (const [i, layer] of layers.entries()) {
      yield { result: await (results[i] as Promise<T>), location: layerLocation(layer) };
    }
  } finally {
    stopped.abort();
    await Promise.allSettled(results);
    await Promise.all(readers.map(reader => reader.close()));
  }
}

function readerCount(layers: readonly LayerDescriptor[], { limitsTotal }: Expansion): number {
  // LAYER-102: which layer exceeds the limit is known only after those below it were read.
  if (limitsTotal) return 1;
  // One processor is for this thread.
  return Math.max(1, Math.min(READERS_MAX, availableParallelism() - 1, layers.length));
}

type ReportProgress = (layer: LayerDescriptor, position: number) => void;

function progressReporter(layers: readonly LayerDescriptor[], { progress }: ReadOptions): ReportProgress {
  if (progress === undefined) return () => {};
  const totalBytes = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const positions = new Map(layers.map(layer => [layer, 0]));
  let bytes = 0;
  let highest = 0;
  return (layer, position) => {
    bytes += position - (positions.get(layer) ?? 0);
    positions.set(layer, position);
    highest = Math.max(highest, layer.number);
    progress({ layer: highest, layers: layers.length, bytes, totalBytes });
  };
}

/** What is common to all layers of one image. */
interface ReadContext {
  readonly expansion: Expansion;
  readonly report: ReportProgress;
}

/** What the blob of an uncompressed layer starts like. */
interface BlobStart {
  compressedLike: 'gzip' | 'zstd' | undefined;
}

function compressionLike([a, b, c, d]: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (a === 0x1f && b === 0x8b) return 'gzip';
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? 'zstd' : undefined;
}

/** `error`, saying what the likely cause is if a blob is not an archive but starts like a compressed one. */
function withHint(error: ComposefsError, { compressedLike }: BlobStart): ComposefsError {
  if (error.stage !== 'tar' || compressedLike === undefined) return error;
  const hint = `the blob starts like ${compressedLike}, but its media type says that it is not compressed`;
  return new ComposefsError(error.code, `${error.detail}; ${hint}`, error.location);
}

/** Reads layers, one at a time. */
class LayerReader {
  readonly #source: BlobSource;
  readonly #stopped: AbortSignal;
  #thread: Promise<LayerThread | undefined> | undefined;

  constructor(source: BlobSource, stopped: AbortSignal) {
    this.#source = source;
    this.#stopped = stopped;
  }

  async read<T>(
    layer: LayerDescriptor,
    read: ReadArchive<T>,
    { expansion, report }: ReadContext,
  ): Promise<T> {
    const { descriptor, number } = layer;
    const location = layerLocation(layer);
    const start: BlobStart = { compressedLike: undefined };
    try {
      const archive = expansion.limited(this.#archive(layer, report, start), descriptor.size, location);
      return await read(archive, number);
    } catch (error) {
      if (!(error instanceof ComposefsError)) throw error;
      if (error.stage === 'image' || error.stage === 'request') throw error;
      // LAYER-013: a blob that does not match its descriptor is rejected for that, whatever its content looks like.
      const blob = openBlob(this.#source, descriptor, { layer: number });
      try {
        await blob.verify();
      } finally {
        blob.close();
      }
      throw withHint(error, start).at(location);
    }
  }

  /** The archive of `layer`. */
  async *#archive(
    layer: LayerDescriptor,
    report: ReportProgress,
    start: BlobStart,
  ): AsyncGenerator<Uint8Array> {
    this.#stopped.throwIfAborted();
    let first = layer.compression === 'none';
    for await (const { bytes, position } of await this.#content(layer)) {
      if (first) start.compressedLike = compressionLike(bytes);
      first = false;
      this.#stopped.throwIfAborted();
      report(layer, position);
      yield bytes;
    }
  }

  async #content(layer: LayerDescriptor): Promise<AsyncIterable<ArchivePiece>> {
    const { files, sha2 } = this.#source;
    // Worker threads always use node:crypto.
    if (layer.descriptor.size < THREAD_MIN || sha2 !== nodeSha2)
      return decompressedLayer(this.#source, layer);
    this.#thread ??= LayerThread.start(files, this.#stopped);
    return (await this.#thread)?.read(layer) ?? decompressedLayer(this.#source, layer);
  }

  async close(): Promise<void> {
    await (await this.#thread)?.stop();
  }
}

/** Resources, each used by one task at a time, in the order in which the tasks arrive. */
class Pool<T> {
  readonly #free: T[];
  readonly #waiting: ((resource: T) => void)[] = [];

  constructor(resources: readonly T[]) {
    this.#free = [...resources];
  }

  async use<R>(task: (resource: T) => Promise<R>): Promise<R> {
    const resource = this.#free.pop() ?? (await new Promise<T>(resolve => this.#waiting.push(resolve)));
    try {
      return await task(resource);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(resource);
      else next(resource);
    }
  }
}
