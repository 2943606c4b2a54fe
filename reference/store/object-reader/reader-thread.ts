/**
 * A worker thread that reads and verifies objects.
 *
 * Their bytes pass through a ring of slots in shared memory. Each slot has pieces of one or more objects, one after the
 * other, in the order in which the objects were requested.
 * @module
 */

import { on } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../threads/node/start-worker.ts';
import type { Store } from '../store.ts';
import type { ObjectPiece, ObjectRequest, ObjectState } from './read-object.ts';

/** Number of slots of the ring, and bytes of each: how far a thread can be ahead. */
export const SLOTS = 8;
export const SLOT_SIZE = 256 * 1024;

/** Data that a worker thread is started with. */
export interface ThreadData {
  readonly store: Store;
  readonly ring: SharedArrayBuffer;
}

/** A message to the worker thread: to read objects, or that the slot filled first is free again. */
export type ReaderRequest =
  | { readonly kind: 'read'; readonly objects: readonly ObjectRequest[] }
  | { readonly kind: 'free' };

/** A message from the worker thread: what is in the next slot. An error ends the thread. */
export type ReaderReply = readonly ObjectPiece[];

/** A worker thread, seen from the thread that started it. */
export class ReaderThread {
  readonly #ring: SharedArrayBuffer;
  readonly #worker: Worker;
  /** Throws the error that ended the thread. */
  readonly #replies: AsyncIterator<[ReaderReply]>;
  /** The pieces of the slot that is being used, and the next one. */
  #pieces: readonly ObjectPiece[] = [];
  #next = 0;
  #slot: number | undefined;
  #at = 0;

  private constructor(worker: Worker, ring: SharedArrayBuffer) {
    this.#worker = worker;
    this.#ring = ring;
    this.#replies = on(worker, 'message') as AsyncIterator<[ReaderReply]>;
  }

  /** Starts a thread, or returns undefined if there cannot be one. */
  static async start(store: Store): Promise<ReaderThread | undefined> {
    const ring = new SharedArrayBuffer(SLOTS * SLOT_SIZE);
    const worker = await startWorker(import.meta.url, {
      workerData: { store, ring } satisfies ThreadData,
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    return worker && new ReaderThread(worker, ring);
  }

  /** Requests objects. Each must be read with {@link next}, in this order. */
  request(objects: readonly ObjectRequest[]): void {
    this.#send({ kind: 'read', objects });
  }

  /** Shows the next object to `see`; each chunk is valid until `see` returns. Throws what the thread threw. */
  async next(see: (chunk: Uint8Array) => void): Promise<ObjectState> {
    for (;;) {
      if (this.#next === this.#pieces.length) await this.#takeSlot();
      const piece = this.#pieces[this.#next++];
      if (piece === undefined) continue;
      if ('state' in piece) return piece.state;
      see(new Uint8Array(this.#ring, (this.#slot ?? 0) * SLOT_SIZE + this.#at, piece.length));
      this.#at += piece.length;
    }
  }

  async #takeSlot(): Promise<void> {
    if (this.#slot !== undefined) this.#send({ kind: 'free' });
    const [pieces] = (await this.#replies.next()).value;
    this.#pieces = pieces;
    this.#next = 0;
    this.#slot = this.#slot === undefined ? 0 : (this.#slot + 1) % SLOTS;
    this.#at = 0;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(request: ReaderRequest): void {
    this.#worker.postMessage(request);
  }
}
