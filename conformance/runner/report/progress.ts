/**
 * Progress on a terminal; elsewhere nothing.
 * @module
 */

import yoctoSpinner from 'yocto-spinner';

/** How far a run is. */
export interface RunProgress {
  readonly done: number;
  readonly of: number;
  /** Not passed, as far as it is known before controls and the list of known failures are looked at. */
  readonly failed: number;
}

/** Shows how far a run is. */
export interface ProgressLine {
  readonly show: (progress: RunProgress) => void;
  readonly stop: () => void;
}

/** A spinner on `stream` where that is a terminal. */
export function progressLine(stream: NodeJS.WriteStream, implementation: string): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, stop: () => {} };
  const spinner = yoctoSpinner({ stream, text: `asking ${implementation}`, handleSignals: false }).start();
  return {
    show: ({ done, of, failed }) => {
      spinner.text = `asking ${implementation}: ${done} of ${of} cases${failed > 0 ? `, ${failed} not passed` : ''}`;
    },
    stop: () => {
      spinner.stop();
    },
  };
}
