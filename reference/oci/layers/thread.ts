/**
 * A thread that reads layers: what comes out of it is what {@link decompressedLayer} gives here.
 *
 * The bytes of an archive pass through a ring of slots that both threads see, the n-th piece through slot n modulo
 * their number; messages say which slot is full, and which is free again.
 * @module
 */

import { on } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Code, ComposefsError, type Location } from '../../errors.ts';
import type { ArchivePiece } from './decompressed-layer.ts';
import type { LayerDescriptor } from './layer-descriptor.ts';

/** Slots of the ring, and bytes of each: how far a thread gets ahead. */
export const SLOTS = 4;
export const SLOT = 256 * 1024;

/** What a thread is started with. */
export interface ThreadData {
  readonly directory: string;
  readonly ring: SharedArrayBuffer;
}

/** What a thread is told: to read a layer, or that the slot that was taken longest is free. */
export type ThreadRequest =
  | { readonly kind: 'read'; readonly layer: LayerDescriptor }
  | { readonly kind: 'free' };

/** What a thread answers. */
export type ThreadReply =
  | { readonly kind: 'piece'; readonly length: number; readonly position: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'refused'; readonly code: Code; readonly detail: string; readonly location: Location };

const workerFile = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** One such thread. */
export class LayerThread {
  readonly #ring = new SharedArrayBuffer(SLOTS * SLOT);
  readonly #worker: Worker;
  readonly #answers: AsyncIterator<[ThreadReply]>;

  /** `directory` is that of the layout. Where `signal` aborts, whoever waits for a piece waits no longer. */
  constructor(directory: string, signal: AbortSignal) {
    this.#worker = new Worker(workerFile, {
      workerData: { directory, ring: this.#ring } satisfies ThreadData,
      // What is large there is no object of the heap.
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    this.#answers = on(this.#worker, 'message', { signal }) as AsyncIterator<[ThreadReply]>;
  }

  /** The archive of `layer`. After a caller that stops early, the thread can only be stopped. */
  async *read(layer: LayerDescriptor): AsyncGenerator<ArchivePiece, void, undefined> {
    this.#send({ kind: 'read', layer });
    for (let slot = 0; ; slot = (slot + 1) % SLOTS) {
      const answer = await this.#answer();
      switch (answer.kind) {
        case 'piece':
          yield {
            bytes: new Uint8Array(this.#ring, slot * SLOT, answer.length),
            position: answer.position,
          };
          this.#send({ kind: 'free' });
          break;
        case 'refused':
          throw new ComposefsError(answer.code, answer.detail, answer.location);
        case 'end':
          return;
      }
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(order: ThreadRequest): void {
    this.#worker.postMessage(order);
  }

  async #answer(): Promise<ThreadReply> {
    const { value } = await this.#answers.next();
    return value[0];
  }
}
