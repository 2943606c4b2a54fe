/**
 * `renames.tsv`: former ids of cases, so that lists of known failures stay valid after a rename.
 * @module
 */

const HEADER = 'old\tnew\tsince';

/** The problems in the text of `renames.tsv`, one line each; `ids` are the ids of all cases. */
export function checkRenames(text: string, ids: ReadonlySet<string>): string[] {
  const [header, ...lines] = text.split('\n');
  const problems: string[] = [];
  if (header !== HEADER) problems.push(`renames.tsv: the first line has to be "${HEADER}"`);
  if (lines.pop() !== '') problems.push('renames.tsv: the newline at the end is missing');
  const renamed = new Set<string>();
  for (const line of lines) {
    const [from = '', to = '', since, ...rest] = line.split('\t');
    if (since === undefined || rest.length > 0)
      problems.push(`renames.tsv: "${line}" does not have three columns`);
    if (ids.has(from)) problems.push(`renames.tsv: ${from} is renamed but still exists`);
    if (renamed.has(from)) problems.push(`renames.tsv: ${from} is renamed twice`);
    if (!ids.has(to)) problems.push(`renames.tsv: ${to} does not exist`);
    renamed.add(from);
  }
  return problems;
}
