/**
 * What every program that runs implementations needs: folders for requests, a progress line, and cleanup at exit.
 * @module
 */

import { type ProgressLine, progressLine } from '../report/progress.ts';
import { killAll } from './adapter-process.ts';
import { WorkDirectories } from './work-directory.ts';

/** Creates folders for requests and a progress line for `implementation`. With `keep`, the folders stay at exit. */
export function createRunContext(
  implementation: string,
  keep: boolean,
): { readonly work: WorkDirectories; readonly progress: ProgressLine } {
  const work = WorkDirectories.create(keep);
  const progress = progressLine(process.stderr, implementation);
  process.once('exit', () => {
    progress.stop();
    killAll();
    try {
      work.remove();
    } catch (error) {
      console.error(`cannot remove ${work.path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return { work, progress };
}

/** Makes the process exit normally on SIGINT and SIGTERM, so that the cleanup at exit takes place. */
export function exitOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}
