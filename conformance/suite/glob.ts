/**
 * Globs over case ids, for the command line and the list of known failures.
 * @module
 */

/** A predicate for `glob`: `*` matches any characters including slashes, `?` matches one; the rest is literal. */
export function globMatcher(glob: string): (id: string) => boolean {
  const literal = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  return id => pattern.test(id);
}
