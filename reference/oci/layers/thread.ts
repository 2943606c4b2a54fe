/**
 * A worker thread that reads layers, with the result of {@link decompressedLayer}.
 *
 * The bytes of an archive pass through a ring of slots in shared memory: the n-th piece is in slot n modulo their
 * number. Messages say that a slot was filled, or is free again.
 * @module
 */

import { on } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { type Code, ComposefsError, type Location } from '../../errors.ts';
import { startWorker } from '../../threads/node/start-worker.ts';
import type { LayoutFiles } from '../layout-files.ts';
import type { ArchivePiece } from './decompressed-layer.ts';
import type { LayerDescriptor } from './layer-descriptor.ts';

/** Number of slots of the ring, and bytes of each: how far the worker thread can be ahead. */
export const SLOTS = 4;
export const SLOT_SIZE = 256 * 1024;

/** Data that a worker thread is started with. */
export interface ThreadData {
  readonly files: LayoutFiles;
  readonly ring: SharedArrayBuffer;
}

/** A message to the worker thread: to read a layer, or that the slot filled first is free again. */
export type ThreadRequest =
  | { readonly kind: 'read'; readonly layer: LayerDescriptor }
  | { readonly kind: 'free' };

/** A message from the worker thread. */
export type ThreadReply =
  | { readonly kind: 'piece'; readonly length: number; readonly position: number }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'rejected';
      readonly code: Code;
      readonly detail: string;
      readonly location: Location;
      readonly system: string | undefined;
    };

/** A worker thread, seen from the thread that started it. */
export class LayerThread {
  readonly #ring: SharedArrayBuffer;
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  #replies: AsyncIterator<[ThreadReply]> | undefined;

  private constructor(worker: Worker, ring: SharedArrayBuffer, signal: AbortSignal) {
    this.#worker = worker;
    this.#ring = ring;
    this.#signal = signal;
  }

  /**
   * Starts a thread for the layout with these files, or returns undefined if there cannot be one. When `signal` aborts,
   * waiting for a piece ends with an error.
   */
  static async start(files: LayoutFiles, signal: AbortSignal): Promise<LayerThread | undefined> {
    const ring = new SharedArrayBuffer(SLOTS * SLOT_SIZE);
    const worker = await startWorker(import.meta.url, {
      workerData: { files, ring } satisfies ThreadData,
      // Large buffers are outside the heap.
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    return worker && new LayerThread(worker, ring, signal);
  }

  /** The archive of `layer`. If the caller stops early, the thread cannot read another layer, only be stopped. */
  async *read(layer: LayerDescriptor): AsyncGenerator<ArchivePiece, void, undefined> {
    // Before the first layer there are no replies.
    this.#replies ??= on(this.#worker, 'message', { signal: this.#signal }) as AsyncIterator<[ThreadReply]>;
    this.#send({ kind: 'read', layer });
    for (let slot = 0; ; slot = (slot + 1) % SLOTS) {
      const [reply] = (await this.#replies.next()).value;
      switch (reply.kind) {
        case 'piece':
          yield {
            bytes: new Uint8Array(this.#ring, slot * SLOT_SIZE, reply.length),
            position: reply.position,
          };
          this.#send({ kind: 'free' });
          break;
        case 'rejected':
          throw new ComposefsError(reply.code, reply.detail, reply.location, reply.system);
        case 'end':
          return;
      }
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(request: ThreadRequest): void {
    this.#worker.postMessage(request);
  }
}
