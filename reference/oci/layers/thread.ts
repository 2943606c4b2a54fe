/**
 * A worker thread that reads layers, with the result of {@link decompressedLayer}.
 *
 * The bytes of an archive pass through a ring of slots in shared memory: the n-th piece is in slot n modulo their
 * number. Messages say that a slot was filled, or is free again.
 * @module
 */

import { on } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Code, ComposefsError, type Location } from '../../errors.ts';
import type { ArchivePiece } from './decompressed-layer.ts';
import type { LayerDescriptor } from './layer-descriptor.ts';

/** Number of slots of the ring, and bytes of each: how far the worker thread can be ahead. */
export const SLOTS = 4;
export const SLOT_SIZE = 256 * 1024;

/** Data that a worker thread is started with. */
export interface ThreadData {
  readonly directory: string;
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
  | { readonly kind: 'rejected'; readonly code: Code; readonly detail: string; readonly location: Location };

const workerFile = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** A worker thread, seen from the thread that started it. */
export class LayerThread {
  readonly #ring = new SharedArrayBuffer(SLOTS * SLOT_SIZE);
  readonly #worker: Worker;
  readonly #replies: AsyncIterator<[ThreadReply]>;

  /** `directory` is that of the layout. When `signal` aborts, waiting for a piece ends with an error. */
  constructor(directory: string, signal: AbortSignal) {
    this.#worker = new Worker(workerFile, {
      workerData: { directory, ring: this.#ring } satisfies ThreadData,
      // Large buffers are outside the heap.
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    this.#replies = on(this.#worker, 'message', { signal }) as AsyncIterator<[ThreadReply]>;
  }

  /** The archive of `layer`. If the caller stops early, the thread cannot read another layer, only be stopped. */
  async *read(layer: LayerDescriptor): AsyncGenerator<ArchivePiece, void, undefined> {
    this.#send({ kind: 'read', layer });
    for (let slot = 0; ; slot = (slot + 1) % SLOTS) {
      const reply = await this.#receive();
      switch (reply.kind) {
        case 'piece':
          yield {
            bytes: new Uint8Array(this.#ring, slot * SLOT_SIZE, reply.length),
            position: reply.position,
          };
          this.#send({ kind: 'free' });
          break;
        case 'rejected':
          throw new ComposefsError(reply.code, reply.detail, reply.location);
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

  async #receive(): Promise<ThreadReply> {
    const { value } = await this.#replies.next();
    return value[0];
  }
}
