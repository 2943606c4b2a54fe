/**
 * Reads and verifies many objects in a given order: the bytes of each once, with all processors.
 * @module
 */

import { availableParallelism } from 'node:os';
import type { Store } from '../store.ts';
import { ObjectHasher, type ObjectRequest, type ObjectState } from './read-object.ts';
import { ReaderThread } from './reader-thread.ts';

/** Maximum number of threads; each takes 2 MiB of memory. */
const THREADS_MAX = 4;
/** How many objects are given to a thread at a time. */
const BATCH = 32;
/** How many objects are given out and not yet returned. */
const AHEAD = 8 * BATCH;
/** Reading fewer bytes takes less time than starting threads. */
const THREAD_MIN = 8 * 1024 * 1024;
const CHUNK = 256 * 1024;

/** What is to be read: an object, or something else that is passed on in its place in the order. */
export type ToRead<T> = { readonly object: ObjectRequest } | { readonly other: T };

/** Receives what was read, in order. */
export interface ReadObserver<T> {
  /** A piece of an object, valid until this returns. */
  chunk(bytes: Uint8Array): void;
  /** The end of an object. */
  end(digest: string, state: ObjectState): void;
  other(value: T): void;
}

/** Reads objects. The caller closes it. */
export class ObjectReader {
  readonly #store: Store;
  readonly #hasher: ObjectHasher;
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  #threads: Promise<readonly ReaderThread[]> | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#hasher = new ObjectHasher(store);
  }

  /** Reads one object in this thread. */
  readHere(object: ObjectRequest, see: (chunk: Uint8Array) => void): ObjectState {
    for (const piece of this.#hasher.read(object, () => this.#buffer)) {
      if ('state' in piece) return piece.state;
      see(this.#buffer.subarray(0, piece.length));
    }
    throw new Error('the end of an object is missing');
  }

  /** Reads everything in `list`, which has about `size` bytes, and shows it in order. */
  async readAll<T>(list: AsyncIterable<ToRead<T>>, size: number, observer: ReadObserver<T>): Promise<void> {
    if (size >= THREAD_MIN) this.#threads ??= this.#start();
    const threads = (await this.#threads) ?? [];
    if (threads.length > 0) return readWith(threads, list, observer);
    for await (const next of list) {
      if ('other' in next) observer.other(next.other);
      else
        observer.end(
          next.object.digest,
          this.readHere(next.object, chunk => observer.chunk(chunk)),
        );
    }
  }

  async #start(): Promise<readonly ReaderThread[]> {
    const count = Math.min(THREADS_MAX, availableParallelism());
    const threads = await Promise.all(Array.from({ length: count }, () => ReaderThread.start(this.#store)));
    return threads.filter(thread => thread !== undefined);
  }

  async close(): Promise<void> {
    for (const thread of (await this.#threads) ?? []) await thread.stop();
  }
}

/** Objects that are given to a thread together. */
interface Batch {
  readonly thread: ReaderThread;
  readonly objects: ObjectRequest[];
  isSent: boolean;
}

/** Gives the objects to the threads in turn, a batch at a time, and takes them back in the same order. */
async function readWith<T>(
  threads: readonly ReaderThread[],
  list: AsyncIterable<ToRead<T>>,
  observer: ReadObserver<T>,
): Promise<void> {
  const queue: ({ readonly batch: Batch; readonly digest: string } | { readonly other: T })[] = [];
  let turn = 0;
  const newBatch = (): Batch => ({
    thread: threads[turn++ % threads.length] as ReaderThread,
    objects: [],
    isSent: false,
  });
  let batch = newBatch();
  const sendBatch = () => {
    batch.thread.request(batch.objects);
    batch.isSent = true;
    batch = newBatch();
  };
  const takeNext = async (see: (chunk: Uint8Array) => void) => {
    const next = queue.shift();
    if (next === undefined) return;
    if ('other' in next) return observer.other(next.other);
    if (!next.batch.isSent) sendBatch();
    observer.end(next.digest, await next.batch.thread.next(see));
  };
  const see = (chunk: Uint8Array) => observer.chunk(chunk);
  try {
    for await (const next of list) {
      if ('other' in next) queue.push(next);
      else {
        queue.push({ batch, digest: next.object.digest });
        batch.objects.push(next.object);
        if (batch.objects.length === BATCH) sendBatch();
      }
      if (queue.length >= AHEAD) await takeNext(see);
    }
    while (queue.length > 0) await takeNext(see);
  } catch (error) {
    // What the threads were given is taken back, so that the next list finds them in order.
    while (queue.length > 0) await takeNext(() => {});
    throw error;
  }
}
