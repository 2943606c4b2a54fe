/**
 * The code that runs in the worker thread of {@link LayerThread}.
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { ComposefsError } from '../../errors.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { FreeSlots } from '../../threads/node/free-slots.ts';
import { READY } from '../../threads/node/start-worker.ts';
import { decompressedLayer } from './decompressed-layer.ts';
import type { LayerDescriptor } from './layer-descriptor.ts';
import { SLOT_SIZE, SLOTS, type ThreadData, type ThreadReply, type ThreadRequest } from './thread.ts';

const { files, ring } = workerData as ThreadData;

const slots = new FreeSlots(SLOTS);

parentPort?.on('message', (request: ThreadRequest) => {
  switch (request.kind) {
    case 'read':
      return read(request.layer);
    case 'free':
      slots.free();
      return;
  }
});

function send(reply: ThreadReply): void {
  parentPort?.postMessage(reply);
}

async function read(layer: LayerDescriptor): Promise<void> {
  let slot = 0;
  let used = 0;
  let position = 0;
  const finishSlot = () => {
    if (used === 0) return;
    send({ kind: 'piece', length: used, position });
    slot = (slot + 1) % SLOTS;
    used = 0;
  };
  try {
    for await (const piece of decompressedLayer({ files, sha2: nodeSha2 }, layer)) {
      position = piece.position;
      for (let at = 0; at < piece.bytes.length; ) {
        if (used === 0) await slots.take();
        const part = piece.bytes.subarray(at, at + SLOT_SIZE - used);
        new Uint8Array(ring).set(part, slot * SLOT_SIZE + used);
        used += part.length;
        at += part.length;
        if (used === SLOT_SIZE) finishSlot();
      }
    }
    finishSlot();
    send({ kind: 'end' });
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    // The bytes before an error are sent first: the reader may find an earlier error in them.
    finishSlot();
    const { code, detail, location, system } = error;
    send({ kind: 'rejected', code, detail, location, system });
  }
}

parentPort?.postMessage(READY);
