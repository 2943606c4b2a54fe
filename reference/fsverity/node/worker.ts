/**
 * A thread that receives the numbers of ranges and sends back their hashes.
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { READY } from '../../threads/node/start-worker.ts';
import { type FileToHash, RangeHasher } from './ranges.ts';

const hasher = new RangeHasher(workerData as FileToHash);

parentPort?.on('message', (range: number) => {
  parentPort?.postMessage({ range, hashes: hasher.hash(range) });
});

parentPort?.postMessage(READY);
