/**
 * Describes a bug of the runner.
 * @module
 */

/** One line about `error`: what it is, and where it was thrown. */
export function bugText(error: unknown): string {
  const [, where] = (error instanceof Error && /\n\s+at (.*)/.exec(error.stack ?? '')) || [];
  const what = String(error).split('\n')[0];
  return `the runner failed: ${what}${where === undefined ? '' : `, at ${where}`}. This is a bug: please report this line`;
}
