/**
 * The code that runs in the worker thread of {@link ObjectWriter}.
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { READY } from '../../threads/node/start-worker.ts';
import { control, type ThreadData, type WriteReply, type WriteRequest } from './object-writer.ts';
import { writeParts } from './write-parts.ts';

const data = workerData as ThreadData;
const slots = data.slots.map(memory => new Uint8Array(memory));
const numbers = new Int32Array(data.control);

const isStopped = () => Atomics.load(numbers, control.stopped) !== 0;

parentPort?.on('message', ({ slot, parts }: WriteRequest) => {
  Atomics.store(numbers, control.busy, 1);
  try {
    const present = writeParts(data.store, slots[slot] as Uint8Array, parts, isStopped);
    parentPort?.postMessage({ slot, present } satisfies WriteReply);
  } finally {
    Atomics.store(numbers, control.busy, 0);
    Atomics.notify(numbers, control.busy);
  }
});

parentPort?.postMessage(READY);
