/**
 * Limits on the resources of an adapter.
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
  /** The end of stderr that is kept. */
  stderrBytes: 64 * 1024,
  /** Writable private memory of one process, if {@link prlimit} is available. */
  memoryBytes: 4096 * MiB,
  /** The time to start and send hello, unless the timeout of a case is longer. */
  helloMs: 10_000,
  /** From TERM to KILL. */
  killMs: 500,
  /** From bye to TERM. */
  byeMs: 2_000,
  /** Requests without an answer in time after which the runner stops. Cases are in random order. */
  timeoutsInARow: 20,
} as const;

/** The path of `prlimit` from util-linux, which runs a command under limits; undefined if it is not installed. */
export const prlimit: string | undefined =
  process.platform === 'linux' ? executable('prlimit', process.env['PATH'] ?? '') : undefined;

/**
 * The arguments that run `command` under the limits. The memory limit is RLIMIT_DATA and not RLIMIT_AS, because
 * runtimes reserve far more address space than they use.
 */
export function limitedCommand(command: readonly string[]): readonly string[] {
  if (prlimit === undefined) return command;
  // One byte more than allowed, so that the runner can see that a file is too large.
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
