/**
 * Writes the contents of new objects in a worker thread, while the next ones are read and hashed.
 *
 * The contents pass through slots of shared memory: a slot is filled with parts of contents, sent to the thread, and
 * free again when they are written. Without a thread, and until it has started, the parts are written immediately.
 * @module
 */

import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../threads/node/start-worker.ts';
import type { Store } from '../store.ts';
import { type Part, type PresentObject, writeParts } from './write-parts.ts';

/** Bytes of a slot, and the longest part. */
export const SLOT_SIZE = 4 * 1024 * 1024;
/**
 * Number of slots. Each layer that is being read, of which there are at most four, holds memory in one slot, which may
 * be full otherwise: there must be more slots, or all would wait for each other.
 */
const SLOTS = 6;

/** Indexes of the numbers that are shared with the thread. */
export const control = { stopped: 0, busy: 1, count: 2 } as const;
/** How many milliseconds {@link ObjectWriter.stopNow} waits for a part that is being written. */
const STOP_WAIT = 5000;

/** Data that the thread is started with. */
export interface ThreadData {
  readonly store: Store;
  readonly slots: readonly SharedArrayBuffer[];
  readonly control: SharedArrayBuffer;
}

/** A message to the thread. */
export interface WriteRequest {
  readonly slot: number;
  readonly parts: readonly Part[];
}

/** A message from the thread: a slot was written. An error ends the thread. */
export interface WriteReply {
  readonly slot: number;
  readonly present: readonly PresentObject[];
}

/** Memory for a part of a content. Ends with {@link write} or {@link drop}. */
export interface Reserved {
  readonly bytes: Uint8Array;
  /** Writes the first `length` bytes, some time later. */
  write(length: number, part: Pick<Part, 'path' | 'isFirst' | 'digest'>): void;
  /** Writes nothing. */
  drop(): void;
}

class Slot {
  readonly number: number;
  #memory: SharedArrayBuffer | undefined;
  used = 0;
  parts: Part[] = [];
  /** How many parts are reserved and not ended. */
  reserved = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** Allocated when it is first needed: a small import needs one slot. */
  get memory(): SharedArrayBuffer {
    this.#memory ??= new SharedArrayBuffer(SLOT_SIZE);
    return this.#memory;
  }
}

/** Writes parts of contents. */
export class ObjectWriter {
  readonly #store: Store;
  readonly #onPresent: (object: PresentObject) => void;
  readonly #slots = Array.from({ length: SLOTS }, (_, number) => new Slot(number));
  readonly #free = [...this.#slots].reverse();
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * control.count));
  /** The slot that parts are added to. */
  #current: Slot | undefined;
  /** Number of slots that the thread has. */
  #sent = 0;
  #starting: Promise<void> | undefined;
  #worker: Worker | undefined;
  #failure: { readonly error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  /** `onPresent` is called for each object that the store has already. */
  constructor(store: Store, onPresent: (object: PresentObject) => void) {
    this.#store = store;
    this.#onPresent = onPresent;
  }

  /** Memory for a part of at most `size` bytes, which are at most {@link SLOT_SIZE}. */
  async reserve(size: number): Promise<Reserved> {
    const slot = await this.#slotWith(size);
    const start = slot.used;
    slot.used += size;
    slot.reserved++;
    const end = (length: number) => {
      // What was not needed is used again, if nothing was reserved behind it.
      if (slot.used === start + size) slot.used = start + length;
      slot.reserved--;
      if (slot !== this.#current) this.#sendIfComplete(slot);
    };
    return {
      bytes: new Uint8Array(slot.memory, start, size),
      write: (length, part) => {
        slot.parts.push({ start, length, ...part });
        end(length);
      },
      drop: () => end(0),
    };
  }

  async #slotWith(size: number): Promise<Slot> {
    for (;;) {
      const current = this.#current;
      if (current !== undefined && current.used + size <= SLOT_SIZE) return current;
      if (current !== undefined) {
        this.#starting ??= this.#start();
        this.#endCurrent(current);
      }
      this.#throwFailure();
      this.#current = this.#free.pop();
      if (this.#current === undefined) await this.#nextReply();
    }
  }

  async #start(): Promise<void> {
    const workerData: ThreadData = {
      store: this.#store,
      slots: this.#slots.map(({ memory }) => memory),
      control: this.#control.buffer as SharedArrayBuffer,
    };
    const worker = await startWorker(import.meta.url, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    worker?.on('message', (reply: WriteReply) => this.#replied(reply));
    worker?.on('error', error => this.#failed(error));
    this.#worker = worker;
  }

  #endCurrent(slot: Slot): void {
    this.#current = undefined;
    this.#sendIfComplete(slot);
  }

  #sendIfComplete(slot: Slot): void {
    if (slot.reserved > 0) return;
    const { number, parts } = slot;
    slot.parts = [];
    slot.used = 0;
    if (this.#worker === undefined) {
      this.#written(number, writeParts(this.#store, new Uint8Array(slot.memory), parts));
      return;
    }
    this.#sent++;
    this.#worker.postMessage({ slot: number, parts } satisfies WriteRequest);
  }

  #replied({ slot, present }: WriteReply): void {
    this.#sent--;
    this.#written(slot, present);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #failed(error: unknown): void {
    this.#failure = { error };
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #written(slot: number, present: readonly PresentObject[]): void {
    this.#free.push(this.#slots[slot] as Slot);
    for (const object of present) this.#onPresent(object);
  }

  #nextReply(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push(resolve);
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Writes everything to files, when nothing is reserved. */
  async finish(): Promise<void> {
    if (this.#current !== undefined) this.#endCurrent(this.#current);
    await this.#idle();
    this.#throwFailure();
    if (this.#free.length < SLOTS) throw new Error('a part of an object was reserved and never written');
  }

  async #idle(): Promise<void> {
    while (this.#sent > 0 && this.#failure === undefined) await this.#nextReply();
  }

  /** Ends the thread when it has written what it was sent. */
  async stop(): Promise<void> {
    await this.#starting;
    await this.#idle();
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Lets the thread write nothing more. Synchronous, because a signal may end the process. */
  stopNow(): void {
    Atomics.store(this.#control, control.stopped, 1);
    Atomics.wait(this.#control, control.busy, 1, STOP_WAIT);
  }
}
