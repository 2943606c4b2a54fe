/**
 * The layers of an image: several are read at a time, and given out in their order.
 *
 * This is the one place where an image is read by several threads. Large blobs are read, hashed and decompressed in
 * threads of their own; all archives are hashed and taken apart, and their files digested, in this one. What comes out
 * is what one thread would give, layer after layer: of several errors it is the one of the lowest layer that is thrown.
 * @module
 */

import { availableParallelism } from 'node:os';
import type { LocatedLayer } from '../../build-tree.ts';
import { ComposefsError } from '../../errors.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { type Layer, readLayer } from '../../merge/layer.ts';
import { readTar } from '../../tar/read.ts';
import type { TreeOptions } from '../../tree/options.ts';
import { type BlobDirectory, openBlob } from '../blob.ts';
import { parseOciDigest } from '../digest.ts';
import { Expansion, type ExpansionLimits } from '../expansion.ts';
import { type ArchivePiece, decompressedLayer } from './decompressed-layer.ts';
import { type LayerDescriptor, layerLocation } from './layer-descriptor.ts';
import { LayerThread } from './thread.ts';

/** Layers that are read at a time, where there are processors for it: each has memory of its own. */
const LANES_MAX = 4;
/** Bytes that a blob must have to be worth a thread, which takes as long to start. */
const THREAD_MIN = 2 * 1024 * 1024;

/** How far the layers of an image are read. */
export interface LayerProgress {
  /** Highest layer that is being read, counted from 0, the base. */
  readonly layer: number;
  readonly layers: number;
  /** Compressed bytes of all layers, read so far and in all. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** How layers are read. */
export interface ReadOptions extends TreeOptions, ExpansionLimits {
  /** Called once for each piece that is read. */
  readonly progress?: ((progress: LayerProgress) => void) | undefined;
}

/**
 * Reads `layers`, each once, as a stream; memory grows with the number of entries. Throws the codes of stages up to
 * `merge`, and REQUEST_FILE; those of a layer name its number and its blob.
 */
export async function* readLayers(
  blobs: BlobDirectory,
  layers: readonly LayerDescriptor[],
  options: ReadOptions,
): AsyncGenerator<LocatedLayer, void, undefined> {
  const stopped = new AbortController();
  const lanes = Array.from({ length: laneCount(layers, options) }, () => new Lane(blobs, stopped.signal));
  const pool = new Pool(lanes);
  const expansion = new Expansion(options);
  const report = reporter(layers, options);
  const results = layers.map(layer => pool.use(lane => lane.read(layer, { options, expansion, report })));
  // They are thrown when they are awaited, which is never where a lower layer was refused.
  for (const result of results) result.catch(() => {});
  try {
    for (const [i, layer] of layers.entries()) {
      yield { layer: await (results[i] as Promise<Layer>), location: layerLocation(layer) };
    }
  } finally {
    stopped.abort();
    await Promise.allSettled(results);
    await Promise.all(lanes.map(lane => lane.close()));
  }
}

function laneCount(layers: readonly LayerDescriptor[], { maxSize }: ExpansionLimits): number {
  // LAYER-102: which layer is one too many is only known when those below it were read.
  if (maxSize !== undefined) return 1;
  // This thread has a processor, too.
  return Math.max(1, Math.min(LANES_MAX, availableParallelism() - 1, layers.length));
}

type Report = (layer: LayerDescriptor, position: number) => void;

function reporter(layers: readonly LayerDescriptor[], { progress }: ReadOptions): Report {
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

/** What all layers of an image are read with. */
interface Context {
  readonly options: TreeOptions;
  readonly expansion: Expansion;
  readonly report: Report;
}

/** Reads one layer after the other. */
class Lane {
  readonly #blobs: BlobDirectory;
  readonly #stopped: AbortSignal;
  #thread: LayerThread | undefined;

  constructor(blobs: BlobDirectory, stopped: AbortSignal) {
    this.#blobs = blobs;
    this.#stopped = stopped;
  }

  async read(layer: LayerDescriptor, { options, expansion, report }: Context): Promise<Layer> {
    const { descriptor, number } = layer;
    const location = layerLocation(layer);
    try {
      const archive = expansion.limited(this.#archive(layer, report), descriptor.size, location);
      return await readLayer(readTar(archive), options);
    } catch (error) {
      if (!(error instanceof ComposefsError)) throw error;
      if (error.stage === 'image' || error.stage === 'request') throw error;
      // LAYER-013: another blob is refused as such, whatever else its bytes are taken for.
      const blob = await openBlob(this.#blobs, descriptor, { layer: number });
      try {
        await blob.verify();
      } finally {
        await blob.close();
      }
      throw error.at(location);
    }
  }

  /** The archive of `layer`. At its end the diff_id is right, or it is refused with IMAGE_DIFF_ID. */
  async *#archive(layer: LayerDescriptor, report: Report): AsyncGenerator<Uint8Array> {
    this.#stopped.throwIfAborted();
    const location = layerLocation(layer);
    const { hash, hex } = parseOciDigest(layer.diffId, location);
    const hasher = this.#blobs.sha2.create(hash);
    for await (const { bytes, position } of this.#content(layer)) {
      this.#stopped.throwIfAborted();
      report(layer, position);
      hasher.update(bytes);
      yield bytes;
    }
    const found = Buffer.from(hasher.digest()).toString('hex');
    // LAYER-026
    if (found !== hex) {
      const detail = `the decompressed layer has the ${hash} digest ${found}, its diff_id is ${hex}`;
      throw new ComposefsError('IMAGE_DIFF_ID', detail, location);
    }
  }

  #content(layer: LayerDescriptor): AsyncIterable<ArchivePiece> {
    const { directory, sha2 } = this.#blobs;
    // A thread has no other SHA-2.
    if (layer.descriptor.size < THREAD_MIN || sha2 !== nodeSha2) return decompressedLayer(this.#blobs, layer);
    this.#thread ??= new LayerThread(directory, this.#stopped);
    return this.#thread.read(layer);
  }

  async close(): Promise<void> {
    await this.#thread?.stop();
  }
}

/** Things of which each is used by one at a time. Who comes first gets one first. */
class Pool<T> {
  readonly #free: T[];
  readonly #waiting: ((thing: T) => void)[] = [];

  constructor(things: readonly T[]) {
    this.#free = [...things];
  }

  async use<R>(work: (thing: T) => Promise<R>): Promise<R> {
    const thing = this.#free.pop() ?? (await new Promise<T>(resolve => this.#waiting.push(resolve)));
    try {
      return await work(thing);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(thing);
      else next(thing);
    }
  }
}
