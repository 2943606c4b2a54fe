/**
 * What an adapter may use up.
 * @module
 */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const MiB = 1024 * 1024;

export const limits = {
  /** One line on stdout. */
  lineBytes: MiB,
  /** One file of an answer. */
  fileBytes: 256 * MiB,
  /** How much of the end of stderr is shown. */
  stderrBytes: 64 * 1024,
  /** Writable private memory of one process, where {@link prlimit} is there. */
  memoryBytes: 4096 * MiB,
  /** A process starts, and says hello, within this or the timeout of a case, whichever is longer. */
  helloMs: 10_000,
  /** From TERM to KILL. */
  killMs: 500,
  /** From bye to TERM. */
  byeMs: 2_000,
} as const;

/** util-linux `prlimit`, which sets limits on a command; undefined where there is none. */
export const prlimit: string | undefined =
  process.platform === 'linux' ? executable('prlimit', process.env['PATH'] ?? '') : undefined;

/**
 * The arguments that run `command` under the limits. RLIMIT_DATA and not RLIMIT_AS: runtimes reserve far more
 * address space than they use.
 */
export function limited(command: readonly string[]): readonly string[] {
  if (prlimit === undefined) return command;
  // One more byte than allowed, so that a file that is too long is seen to be.
  return [prlimit, `--data=${limits.memoryBytes}`, `--fsize=${limits.fileBytes + 1}`, '--', ...command];
}

function executable(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, name))
    .find(file => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
