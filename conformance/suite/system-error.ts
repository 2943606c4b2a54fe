/**
 * Errors of the operating system, as opposed to bugs.
 * @module
 */

/** The system does not let the program continue, for example because the disk is full. */
export class CouldNotContinue extends Error {}

const exhausted = ['EAGAIN', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'];

/** The code of an error of the operating system, such as `ENOENT`; undefined for every other error. */
export function systemErrorCode(error: unknown): string | undefined {
  const isSystemError = error instanceof Error && 'errno' in error && 'code' in error;
  return isSystemError ? String(error.code) : undefined;
}

/** Throws {@link CouldNotContinue} if `error` means that the system lacks space, memory or open files. */
export function throwIfExhausted(error: unknown): void {
  const code = systemErrorCode(error);
  if (error instanceof Error && code !== undefined && exhausted.includes(code)) {
    throw new CouldNotContinue(error.message);
  }
}
