/**
 * The progress of a run, shown only on a terminal.
 * @module
 */

import yoctoSpinner from 'yocto-spinner';

/** The progress of a run. */
export interface RunProgress {
  readonly done: number;
  readonly of: number;
  /** Cases that did not pass, without regard to controls and known failures. */
  readonly failed: number;
}

/** A line that shows the progress of a run. */
export interface ProgressLine {
  readonly show: (progress: RunProgress) => void;
  readonly stop: () => void;
}

/** A spinner on `stream`, if that is a terminal. */
export function progressLine(stream: NodeJS.WriteStream, implementation: string): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, stop: () => {} };
  const spinner = yoctoSpinner({ stream, text: `running ${implementation}`, handleSignals: false }).start();
  return {
    show: ({ done, of, failed }) => {
      spinner.text = `running ${implementation}: ${done} of ${of} cases${failed > 0 ? `, ${failed} not passed` : ''}`;
    },
    stop: () => {
      spinner.stop();
    },
  };
}
