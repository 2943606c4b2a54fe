/**
 * Writing to stdout.
 * @module
 */

import { fstatSync, writeFileSync } from 'node:fs';
import { systemErrorCode } from '../suite/system-error.ts';

/** The reader of stdout closed it, like `head` when it has enough. */
export class BrokenPipe extends Error {}

/** Stdout takes no more output, for example because the disk is full. */
export class UnwritableStdout extends Error {}

/** Writes `text`, and waits until it was written. Throws {@link BrokenPipe} and {@link UnwritableStdout}. */
export async function print(text: string): Promise<void> {
  try {
    // The stream of a file ignores that a disk takes only a part of the text.
    if (fstatSync(1).isFile()) writeFileSync(1, text);
    else await writeToStream(text);
  } catch (error) {
    const code = systemErrorCode(error);
    if (!(error instanceof Error) || code === undefined) throw error;
    if (code === 'EPIPE') throw new BrokenPipe(error.message);
    throw new UnwritableStdout(`cannot write to stdout: ${error.message}`);
  }
}

function writeToStream(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, error => (error ? reject(error) : resolve()));
  });
}
