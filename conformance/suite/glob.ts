/**
 * Globs over case ids, for the command line.
 * @module
 */

/** A test for `glob`: `*` stands for any characters, the slash included, `?` for one; all else is literal. */
export function globMatcher(glob: string): (id: string) => boolean {
  const literal = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  return id => pattern.test(id);
}
