/**
 * A progress line for a person at a terminal.
 * @module
 */

import yoctoSpinner from 'yocto-spinner';
import { onInterrupt } from '../files/interrupt.ts';
import type { LayerProgress } from '../oci/layers/read.ts';

/** Milliseconds between two updates. */
const INTERVAL = 100;

/** Runs `work`, and meanwhile shows its progress in a line on stderr, if that is a terminal. */
export async function withProgress<T>(
  work: (progress?: (progress: LayerProgress) => void) => Promise<T>,
): Promise<T> {
  const { isTTY } = process.stderr;
  if (!isTTY || process.env['TERM'] === 'dumb' || 'CI' in process.env) return work();
  const spinner = yoctoSpinner({ text: 'reading the image', handleSignals: false }).start();
  const stop = () => {
    spinner.stop();
  };
  const calledOff = onInterrupt(stop);
  let shown = 0;
  try {
    return await work(({ layer, layers, bytes, totalBytes }) => {
      const now = Date.now();
      if (now - shown < INTERVAL) return;
      shown = now;
      spinner.text = `layer ${layer + 1} of ${layers}, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
    });
  } finally {
    stop();
    calledOff();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
