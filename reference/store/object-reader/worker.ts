/**
 * The code that runs in the worker thread of {@link ReaderThread}.
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { FreeSlots } from '../../threads/node/free-slots.ts';
import { READY } from '../../threads/node/start-worker.ts';
import { ObjectHasher, type ObjectPiece, type ObjectRequest } from './read-object.ts';
import { type ReaderReply, type ReaderRequest, SLOT_SIZE, SLOTS, type ThreadData } from './reader-thread.ts';

/** The smallest part of a slot that an object is read into. */
const READ_MIN = 16 * 1024;

const { store, ring } = workerData as ThreadData;
const hasher = new ObjectHasher(store);

const slots = new FreeSlots(SLOTS);
let work = Promise.resolve();

parentPort?.on('message', (request: ReaderRequest) => {
  switch (request.kind) {
    case 'read':
      // An error ends the thread, which the other one sees.
      work = work.then(() => read(request.objects));
      return;
    case 'free':
      slots.free();
      return;
  }
});

let slot = 0;

async function read(objects: readonly ObjectRequest[]): Promise<void> {
  let used = 0;
  let pieces: ObjectPiece[] = [];
  const finishSlot = () => {
    parentPort?.postMessage(pieces satisfies ReaderReply);
    slot = (slot + 1) % SLOTS;
    used = 0;
    pieces = [];
  };
  await slots.take();
  const memory = () => new Uint8Array(ring, slot * SLOT_SIZE + used, SLOT_SIZE - used);
  for (const object of objects) {
    for (const piece of hasher.read(object, memory)) {
      pieces.push(piece);
      if (!('length' in piece)) continue;
      used += piece.length;
      if (SLOT_SIZE - used >= READ_MIN) continue;
      finishSlot();
      await slots.take();
    }
  }
  finishSlot();
}

parentPort?.postMessage(READY);
