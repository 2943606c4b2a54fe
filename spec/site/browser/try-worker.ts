/// <reference lib="webworker" />
/**
 * Computes in a worker, so that the page stays usable while large input is read.
 * @module
 */

import { compute, type Request } from './compute.ts';

/** How often the page hears of progress, in milliseconds. */
const PAUSE = 100;

self.addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  let last = 0;
  const result = await compute(data, (step, bytes) => {
    const now = performance.now();
    if (now - last < PAUSE) return;
    last = now;
    self.postMessage({ kind: 'progress', step, bytes });
  });
  self.postMessage(result);
});
