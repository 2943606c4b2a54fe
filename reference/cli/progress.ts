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
  return withProgressLine('reading the image', show =>
    work(
      show &&
        (({ layer, layers, bytes, totalBytes }) =>
          show(`layer ${layer + 1} of ${layers}, ${progressText(bytes, totalBytes)}`)),
    ),
  );
}

/** Runs `work`, and meanwhile shows the last text that it passes on; otherwise as {@link withProgress}. */
export async function withProgressLine<T>(
  text: string,
  work: (show?: (text: string) => void) => Promise<T>,
): Promise<T> {
  const { isTTY } = process.stderr;
  if (!isTTY || process.env['TERM'] === 'dumb' || 'CI' in process.env) return work();
  const spinner = yoctoSpinner({ text, handleSignals: false }).start();
  const stop = () => {
    spinner.stop();
  };
  const calledOff = onInterrupt(stop);
  let shown = 0;
  try {
    return await work(text => {
      const now = Date.now();
      if (now - shown < INTERVAL) return;
      shown = now;
      spinner.text = text;
    });
  } finally {
    stop();
    calledOff();
  }
}

/** For example `1.5 of 20.0 MB`. */
export function progressText(bytes: number, totalBytes: number): string {
  return `${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
