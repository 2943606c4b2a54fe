/**
 * What a program that asks implementations needs around a run, and puts away at the end of the process.
 * @module
 */

import { type ProgressLine, progressLine } from '../report/progress.ts';
import { killAll } from './adapter-process.ts';
import { WorkDirectories } from './work-directory.ts';

/** Folders for requests, and the progress of asking `implementation`. `keep` leaves the folders. */
export async function prepare(
  implementation: string,
  keep: boolean,
): Promise<{ readonly work: WorkDirectories; readonly progress: ProgressLine }> {
  const work = await WorkDirectories.create(keep);
  const progress = progressLine(process.stderr, implementation);
  process.once('exit', () => {
    progress.stop();
    killAll();
    work.remove();
  });
  return { work, progress };
}

/** Lets SIGINT and SIGTERM end the process as it ends by itself, so that what was prepared is put away. */
export function exitOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}
