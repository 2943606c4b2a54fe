/**
 * `renames.tsv`: ids that a case had before, so that a list of known failures outlives a rename.
 * @module
 */

const HEADER = 'old\tnew\tsince';

/** Everything wrong with the text of `renames.tsv`, given the ids of all cases. One line a problem. */
export function checkRenames(text: string, ids: ReadonlySet<string>): string[] {
  const [header, ...lines] = text.split('\n');
  const problems: string[] = [];
  if (header !== HEADER) problems.push(`renames.tsv: the first line is not "${HEADER}"`);
  if (lines.pop() !== '') problems.push('renames.tsv: no newline at the end');
  const renamed = new Set<string>();
  for (const line of lines) {
    const [from = '', to = '', since, ...rest] = line.split('\t');
    if (since === undefined || rest.length > 0) problems.push(`renames.tsv: "${line}" has not three columns`);
    if (ids.has(from)) problems.push(`renames.tsv: ${from} is renamed and still exists`);
    if (renamed.has(from)) problems.push(`renames.tsv: ${from} is renamed twice`);
    if (!ids.has(to)) problems.push(`renames.tsv: ${to} does not exist`);
    renamed.add(from);
  }
  return problems;
}
