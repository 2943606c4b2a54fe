/**
 * Other programs, for what Node cannot do itself: locks of flock(2), fs-verity, and syncing a file system.
 * @module
 */

import { spawn } from 'node:child_process';

/** How a program ended; undefined if it is not installed. */
export type ProgramResult = { readonly status: number; readonly stderr: string } | undefined;

/** Runs a program. `fd`, if it is given, is open in it as number 3. */
export function runProgram(name: string, args: readonly string[], fd?: number): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, {
      stdio: ['ignore', 'ignore', 'pipe', ...(fd === undefined ? [] : [fd])],
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', text => {
      stderr = (stderr + text).slice(-1000);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(undefined) : reject(error),
    );
    child.on('close', status => resolve({ status: status ?? -1, stderr: stderr.trim() }));
  });
}
