/**
 * Starts worker threads, without which everything also works.
 *
 * A thread may be unavailable: the system allows no more of them, there is no memory, or the file of its code was lost
 * because a bundler put the package into one file.
 * @module
 */

import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The first message of every worker thread: its code was loaded. */
export const READY = 'ready';

/**
 * A worker thread that runs `worker.ts` next to the module with the URL `module`, or undefined if none can be started.
 * It has sent {@link READY} as its first message.
 */
export async function startWorker(module: string, options: WorkerOptions): Promise<Worker | undefined> {
  let worker: Worker | undefined;
  try {
    worker = new Worker(new URL(`./worker${extname(module)}`, module), options);
    const [first] = await once(worker, 'message');
    if (first === READY) return worker;
  } catch {
    // It goes on without a thread.
  }
  await worker?.terminate();
  return undefined;
}
