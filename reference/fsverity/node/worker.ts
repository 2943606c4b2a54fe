/**
 * A thread that hashes the ranges it is told to.
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { type Blocks, RangeHasher } from './ranges.ts';

const hasher = new RangeHasher(workerData as Blocks);

parentPort?.on('message', (range: number) => {
  parentPort?.postMessage({ range, hashes: hasher.hash(range) });
});
