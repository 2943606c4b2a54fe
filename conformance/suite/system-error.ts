/**
 * Errors of the operating system, as opposed to bugs.
 * @module
 */

/** The code of an error of the operating system, such as `ENOENT`; undefined for every other error. */
export function systemErrorCode(error: unknown): string | undefined {
  const isSystemError = error instanceof Error && 'errno' in error && 'code' in error;
  return isSystemError ? String(error.code) : undefined;
}
